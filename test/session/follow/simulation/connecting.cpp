// How a stream gets its connections and for how long it tries, over seconds, minutes and hours.
#include "session/follow/simulation/story.hpp"

using namespace scripted;
using wf::errc;

BOOST_FIXTURE_TEST_SUITE(a_stream_in_time, story)

BOOST_AUTO_TEST_CASE(connects_once_in_half_a_second_although_each_wait_for_it_is_shorter) {
  server->opening = 500ms;
  server->answer = [](const std::string&, int) { return act(recorded::progress(1), finish::open); };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> {
    std::optional<wf::stream_event> event;
    while (!event) event = co_await events.next_for(50ms);
  };
  run(tale());
  BOOST_TEST((passed() >= 500ms && passed() <= 550ms));
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(returns_in_time_from_a_server_that_accepts_and_never_answers) {
  server->opening = 1h;
  server->answer = [](const std::string&, int) { return act("", finish::open); };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> { BOOST_TEST(!(co_await events.next_for(1s)).has_value()); };
  run(tale());
  BOOST_TEST(passed().count() == 1000);
}

BOOST_AUTO_TEST_CASE(goes_on_connecting_when_its_wait_was_cancelled_and_only_until_its_idle_limit) {
  server->opening = 1h;
  server->answer = [](const std::string&, int) { return act("", finish::open); };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> { co_await events.next_for(1s); };
  run(tale());
  // What is under way keeps the context running until then, and no longer.
  BOOST_TEST(!simulation::run_until(io, [] { return false; }));
  BOOST_TEST(passed().count() == 60'000);
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(ends_its_connecting_when_it_is_closed) {
  server->opening = 1h;
  server->answer = [](const std::string&, int) { return act("", finish::open); };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> { co_await events.next_for(1s); };
  run(tale());
  events.close();
  BOOST_TEST(!simulation::run_until(io, [] { return false; }));
  BOOST_TEST(passed().count() == 1000);
}

BOOST_AUTO_TEST_CASE(
    goes_on_behind_a_cut_that_comes_at_the_moment_at_which_it_would_have_looked_at_the_clock) {
  options.idle_limit = 1s;
  server->answer = [](const std::string&, int) {
    act cut("", finish::reset_later);
    cut.comment_interval = 1s;
    return cut;
  };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> { BOOST_TEST(!(co_await events.next_for(20s)).has_value()); };
  run(tale());
  BOOST_TEST((passed() == 20s));
  BOOST_TEST(left.size() >= 3U);
}

BOOST_AUTO_TEST_CASE(returns_in_time_under_a_flood_of_comments) {
  server->answer = [](const std::string&, int) {
    act flood("", finish::comments);
    flood.at_hand = true;
    flood.comment_interval = 0ms;
    return flood;
  };
  auto events = stream();
  // Time stands still while there is more to be read, so there is none for this one to wait.
  auto at_once = [&]() -> asio::awaitable<void> { BOOST_TEST(!(co_await events.next_for(0ms)).has_value()); };
  run(at_once());
  events.close();
  server->answer = [](const std::string&, int) { return act("", finish::comments); };
  auto slower = stream();
  auto later = [&]() -> asio::awaitable<void> { BOOST_TEST(!(co_await slower.next_for(200ms)).has_value()); };
  run(later());
  BOOST_TEST(passed().count() == 200);
}

BOOST_AUTO_TEST_CASE(is_live_and_loses_nothing_behind_a_proxy_that_cuts_each_100_ms) {
  server->answer = [this](const std::string& target, int) {
    const auto last = static_cast<std::int64_t>(passed() / 100ms) + 1;
    act part(events_after(target, last), finish::reset_later);
    part.comment_interval = 100ms;
    return part;
  };
  auto events = stream();
  run(read_for(events, 10s));
  BOOST_TEST(got.size() >= 95U);
  BOOST_TEST((got == numbers(1, static_cast<std::int64_t>(got.size()))));
  BOOST_TEST(opened_within(10s) <= 120U);
}

BOOST_AUTO_TEST_CASE(keeps_to_the_floor_for_two_hours_of_log_records_without_ids_and_clean_ends) {
  server->answer = [](const std::string&, int) {
    return act("event: log\ndata: {\"timestamp\":\"2026-01-01T00:00:00Z\",\"body\":\"b\"}\n\n",
               finish::clean);
  };
  auto log = wf::log_stream(
      std::make_shared<session::stream_session<wf::log_record>>(server, execution_log(), options));
  run(read_for(log, 2h));
  BOOST_TEST(!log.ended());
  BOOST_TEST(opened_within(5s) <= 25U);
  BOOST_TEST(server->targets.size() <= 7'220U);
  BOOST_TEST(looked_within(5s) <= 25U);
}

BOOST_AUTO_TEST_CASE(of_all_events_that_is_quiet_and_cut_each_minute_goes_on_for_two_hours) {
  server->answer = [](const std::string&, int) {
    act quiet("", finish::reset_later);
    quiet.comment_interval = 60s;
    return quiet;
  };
  options.idle_limit = 10min;
  auto events = stream(all_events());
  run(read_for(events, 2h));
  BOOST_TEST(!events.ended());
  BOOST_TEST(server->targets.size() >= 80U);
}

BOOST_AUTO_TEST_CASE(goes_on_paced_while_each_connection_ends_cleanly_after_a_second_and_the_execution_runs) {
  server->answer = [](const std::string&, int) {
    act quiet("", finish::clean);
    quiet.lasts = 1s;
    return quiet;
  };
  auto events = stream();
  run(read_for(events, 1h));
  BOOST_TEST(!events.ended());
  BOOST_TEST(server->targets.size() <= 3'620U);
  BOOST_TEST(server->targets.size() >= 100U);
}

BOOST_AUTO_TEST_CASE(
    fails_at_once_where_it_is_told_to_wait_for_longer_than_its_budget_and_does_not_come_before) {
  server->answer = [](const std::string&, int) {
    auto busy = act::status_only(503);
    busy.retry_after = 24h;
    return busy;
  };
  options.reconnect_budget = 3s;
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST(passed().count() == 0);
  BOOST_TEST((failed.code() == errc::unavailable));
  BOOST_REQUIRE(failed.retry_after().has_value());
  BOOST_TEST((*failed.retry_after() == 24h));
  auto again = [&]() -> asio::awaitable<void> { co_await events.next_for(23h); };
  run(again());
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(is_not_kept_away_for_ten_minutes_by_a_retry_field) {
  server->answer = [](const std::string&, int) { return act("retry: 600000\n\n", finish::reset); };
  options.reconnect_budget = 10s;
  options.max_backoff = 20s;
  auto events = stream();
  error_of<wf::stream_failure>(read(events));
  BOOST_TEST(server->targets.size() >= 2U);
  BOOST_TEST((passed() <= 10s));
}

BOOST_AUTO_TEST_CASE(is_paced_after_it_has_failed_by_its_number_of_attempts) {
  server->answer = [](const std::string&, int) { return act::no_connection(); };
  options.max_attempts = 3;
  auto events = stream();
  while (passed() < 3s) error_of<wf::stream_failure>(read(events));
  BOOST_TEST(server->targets.size() <= 23U);
}

BOOST_AUTO_TEST_CASE(reconnects_after_425_and_52x_and_a_500_of_the_streaming_itself) {
  for (const int status : {425, 520, 522, 524, 530, 500}) {
    server->targets.clear();
    server->answer = [&](const std::string&, int number) {
      if (number > 1) return act(recorded::progress(1), finish::open);
      auto refusal = act::status_only(status);
      if (status == 500) refusal.body = R"({"detail":"no broker","code":"WF_1400"})";
      return refusal;
    };
    auto events = stream();
    auto tale = [&]() -> asio::awaitable<void> {
      BOOST_TEST((co_await events.next())->broker_sequence == 1);
    };
    run(tale());
  }
}

BOOST_AUTO_TEST_CASE(names_what_it_was_answered_with_in_place_of_an_event_stream) {
  for (const char* type : {"text/event-stream-evil", "application/json", "TEXT/HTML; charset=utf-8"}) {
    server->targets.clear();
    server->answer = [&](const std::string&, int) {
      act other("{}", finish::clean);
      other.content_type = type;
      return other;
    };
    auto events = stream();
    const auto failed = error_of<wf::stream_failure>(read(events));
    BOOST_TEST(std::string(failed.what()).find(type) != std::string::npos);
    BOOST_TEST(server->targets.size() == 3U);
  }
}

BOOST_AUTO_TEST_CASE(gives_up_at_the_third_answer_of_another_type_with_no_event_stream_between_them) {
  server->answer = [](const std::string& target, int number) {
    if (number == 3) return act(events_after(target, 1), finish::reset);
    if (number == 5) return act::status_only(503);
    act page("<html>", finish::clean);
    page.content_type = "text/html";
    return page;
  };
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST((failed.code() == wf::errc::transport));
  BOOST_TEST((got == numbers(1, 1)));
  BOOST_TEST(server->targets.size() == 7U);
}

BOOST_AUTO_TEST_CASE(
    hands_over_twice_what_the_server_sends_twice_on_one_connection_and_once_what_a_new_one_repeats) {
  server->answer = [](const std::string&, int number) {
    const std::string first = recorded::progress(1) + recorded::progress(1) + recorded::progress(2);
    return number == 1 ? act(first, finish::reset) : act(first + recorded::completed(3), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == std::vector<std::int64_t>{1, 1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(takes_a_type_in_other_letters_and_with_parameters_and_none) {
  for (const char* type : {"Text/Event-Stream", " text/event-stream ;charset=x", ""}) {
    server->answer = [&](const std::string&, int) {
      act other(recorded::progress(1), finish::open);
      other.content_type = type;
      return other;
    };
    auto events = stream();
    auto tale = [&]() -> asio::awaitable<void> {
      BOOST_TEST((co_await events.next())->broker_sequence == 1);
    };
    run(tale());
  }
}

BOOST_AUTO_TEST_CASE(names_the_coding_of_an_answer_that_is_coded) {
  server->answer = [](const std::string&, int) {
    act coded("\x1f\x8b", finish::clean);
    coded.coding = "gzip";
    return coded;
  };
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST(std::string(failed.what()).find("gzip") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_where_it_is_redirected_to) {
  server->answer = [](const std::string&, int) {
    auto moved = act::status_only(301);
    moved.location = "https://elsewhere.example/";
    return moved;
  };
  auto events = stream();
  const auto failed = error_of<wf::api_error>(read(events));
  BOOST_TEST(failed.status() == 301);
  BOOST_TEST(std::string(failed.what()).find("https://elsewhere.example/") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(takes_error_events_for_lost_connections_until_the_same_came_three_times_at_one_cursor) {
  server->answer = [](const std::string& target, int) {
    return act(events_after(target, 1) + error_event("read_error", "lost the broker"), finish::open);
  };
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST((failed.code() == errc::stream_failed));
  BOOST_TEST(std::string(failed.what()).find("lost the broker") != std::string::npos);
  BOOST_TEST(failed.cursor() == events.cursor());
  BOOST_TEST((got == numbers(1, 1)));
  BOOST_TEST(server->targets.size() == 3U);
  for (const auto& why : left) BOOST_TEST((why.reason == wf::disconnect_reason::stream_error));
}

BOOST_AUTO_TEST_CASE(reads_on_behind_errors_that_do_not_keep_it_from_new_events) {
  server->answer = [](const std::string& target, int) {
    return act(recorded::progress(cursor_in(target) + 1) + error_event("internal_error", "try"),
               finish::open);
  };
  auto events = stream();
  run(read_for(events, 60s));
  BOOST_TEST(got.size() >= 20U);
  BOOST_TEST((got == numbers(1, static_cast<std::int64_t>(got.size()))));
}

BOOST_AUTO_TEST_CASE(fails_at_once_by_the_code_of_an_error_and_not_by_its_words) {
  server->answer = [](const std::string&, int number) {
    if (number < 3)
      return act(error_event("stream_error", "permanently gone WF_1100, never " + std::to_string(number)),
                 finish::open);
    return act(error_event("WF_1302", "temporarily unavailable"), finish::open);
  };
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST(std::string(failed.what()).find("WF_1302") != std::string::npos);
  BOOST_TEST(server->targets.size() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
