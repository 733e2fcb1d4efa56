// When a stream ends, when it must not, and what its status GETs cost, over seconds and hours.
#include "session/follow/simulation/story.hpp"

#include <stdexcept>

using namespace scripted;
using wf::errc;

namespace {

protocol::status_facts gone() {
  protocol::status_facts status;
  status.said = protocol::status_facts::answer::missing;
  return status;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(an_end_in_time, story)

BOOST_AUTO_TEST_CASE(that_left_no_event_is_found_although_a_proxy_cuts_each_12_seconds) {
  server->answer = [](const std::string&, int) {
    act quiet("", finish::reset_later);
    quiet.comment_interval = 12s;
    return quiet;
  };
  server->look = [](const std::string&, int) { return terminated(); };
  read_all();
  BOOST_TEST((passed() <= options.status_check + options.drain_time + 2s));
}

BOOST_AUTO_TEST_CASE(that_left_no_event_and_no_connection_to_read_up_to_it_is_told_when_the_budget_is_spent) {
  server->answer = [](const std::string&, int) { return act::no_connection(); };
  server->look = [](const std::string&, int) { return terminated(); };
  options.reconnect_budget = 2min;
  auto events = stream();
  const auto failed = error_of<wf::stream_incomplete>(read(events));
  BOOST_TEST((failed.status()->value() == wf::execution_status::terminated));
  BOOST_TEST((passed() <= 3min));
}

BOOST_AUTO_TEST_CASE(that_left_no_event_and_is_not_confirmed_is_told_when_the_budget_is_spent) {
  server->answer = [](const std::string&, int) { return act("", finish::comments); };
  server->look = [this](const std::string&, int number) {
    return number == 1 || passed() > 5min ? terminated() : protocol::status_facts();
  };
  options.reconnect_budget = 2min;
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST((failed.code() == errc::unavailable));
  BOOST_TEST((passed() >= 2min && passed() <= 4min));
  run(read(events));
  BOOST_TEST(events.ended());
}

BOOST_AUTO_TEST_CASE(whose_event_no_get_confirms_is_told_when_the_budget_is_spent) {
  server->answer = [](const std::string& target, int) {
    const bool first = cursor_in(target) < 1;
    act out(first ? recorded::completed(1) : std::string(), finish::comments);
    out.comment_interval = 10s;
    return out;
  };
  server->look = [](const std::string&, int) { return protocol::status_facts(); };
  options.reconnect_budget = 2min;
  auto events = stream();
  const auto failed = error_of<wf::stream_failure>(read(events));
  BOOST_TEST((failed.code() == errc::unavailable));
  BOOST_TEST((got == std::vector<std::int64_t>{1}));
  BOOST_TEST((passed() >= 2min && passed() <= 4min));
}

BOOST_AUTO_TEST_CASE(by_terminate_comes_behind_the_events_that_were_behind_the_cut) {
  server->answer = [](const std::string& target, int number) {
    if (number == 1) return act(events_after(target, 1), finish::open);
    return act(events_after(target, 6), finish::comments);
  };
  server->look = [](const std::string&, int) { return terminated(); };
  read_all();
  BOOST_TEST((got == numbers(1, 6)));
}

BOOST_AUTO_TEST_CASE(by_a_reset_is_none_and_the_new_run_is_read) {
  server->answer = [this](const std::string& target, int) {
    if (cursor_in(target) == 0) return act(recorded::started(1, "r1"), finish::open);
    if (passed() < 31s) return act("", finish::open);
    if (cursor_in(target) >= 3) return act("", finish::open);
    return act(recorded::started(2, "r2") + recorded::completed(3, "r2"), finish::open);
  };
  server->look = [](const std::string&, int number) { return number == 1 ? terminated("r1") : ended("r2"); };
  read_all();
  BOOST_TEST((got == numbers(1, 3)));
}

BOOST_AUTO_TEST_CASE(is_asked_for_although_the_status_interval_is_longer_than_the_idle_limit) {
  server->answer = [](const std::string&, int) { return act("", finish::open); };
  server->look = [](const std::string&, int) { return terminated(); };
  options.idle_limit = 10s;
  options.status_check = 60s;
  read_all();
  BOOST_TEST((passed() <= 60s + options.drain_time + 2s));
}

BOOST_AUTO_TEST_CASE(is_not_believed_while_the_server_pauses_amid_its_stored_events) {
  server->answer = [](const std::string& target, int) {
    act paused(events_after(target, 50), finish::open);
    for (int i = 0; i < 40; ++i) paused.ticks.emplace_back(": comment\n\n");
    std::string rest;
    for (std::int64_t n = std::max<std::int64_t>(51, cursor_in(target) + 1); n < 100; ++n)
      rest += recorded::progress(n);
    paused.ticks.push_back(rest + recorded::completed(100));
    paused.tick_interval = 1s;
    return paused;
  };
  server->look = [](const std::string&, int) { return ended(); };
  options.status_check = 10s;
  read_all();
  BOOST_TEST((got == numbers(1, 100)));
}

BOOST_AUTO_TEST_CASE(whose_event_never_comes_is_told_as_incomplete_and_can_be_read_on) {
  server->answer = [](const std::string&, int) { return act("", finish::clean); };
  server->look = [](const std::string&, int) { return ended(); };
  auto events = stream();
  const auto failed = error_of<wf::stream_incomplete>(read(events));
  BOOST_TEST((failed.status()->value() == wf::execution_status::completed));
  BOOST_TEST(failed.execution_id() == recorded::execution);
  BOOST_TEST((passed() >= options.missing_after && passed() <= options.missing_after + 40s));
  BOOST_TEST(opened_within(passed()) <= 80U);
  server->answer = [](const std::string&, int) { return act(recorded::completed(1), finish::open); };
  run(read(events));
  BOOST_TEST((got == numbers(1, 1)));
  BOOST_TEST(events.ended());
}

BOOST_AUTO_TEST_CASE(whose_event_has_expired_is_the_end_for_who_says_so) {
  server->answer = [](const std::string&, int) { return act("", finish::clean); };
  server->look = [](const std::string&, int) { return ended(); };
  options.on_missing_event = wf::missing_event::end;
  read_all();
  BOOST_TEST((passed() <= options.missing_after + 40s));
}

BOOST_AUTO_TEST_CASE(of_an_execution_that_was_there_and_is_not_is_incomplete) {
  server->answer = [](const std::string& target, int) { return act(events_after(target, 1), finish::open); };
  server->look = [](const std::string&, int number) { return number < 2 ? running() : gone(); };
  auto events = stream();
  const auto failed = error_of<wf::stream_incomplete>(read(events));
  BOOST_TEST(!failed.status().has_value());
}

BOOST_AUTO_TEST_CASE(that_is_confirmed_is_no_reason_to_drop_what_is_in_the_socket) {
  server->answer = [](const std::string&, int) {
    act made(recorded::completed(1), finish::open);
    made.at_hand = true;
    made.ticks = {recorded::frame(2, "SOMETHING_OF_THE_FUTURE", "{}")};
    made.tick_interval = 100ms;
    return made;
  };
  server->looking = 200ms;
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == numbers(1, 2)));
}

BOOST_AUTO_TEST_CASE(that_is_confirmed_is_no_failure_whatever_comes_behind_it) {
  for (const bool by_error : {true, false}) {
    got.clear();
    options.max_event = 16 * 1024;
    server->answer = [&](const std::string&, int) {
      act made(recorded::completed(1), finish::open);
      made.at_hand = true;
      made.ticks = {by_error ? error_event("WF_1302", "encoded") : "data: " + std::string(20'000, 'x')};
      made.tick_interval = 200ms;
      return made;
    };
    server->looking = 200ms;
    server->look = [](const std::string&, int) { return ended(); };
    read_all();
    BOOST_TEST((got == numbers(1, 1)));
  }
}

BOOST_AUTO_TEST_CASE(that_is_confirmed_is_no_failure_where_a_refusal_comes_with_the_get) {
  server->answer = [](const std::string&, int number) {
    return number == 1 ? act(recorded::completed(1), finish::reset) : act::status_only(404);
  };
  server->opening = server->looking = 200ms;
  server->look = [](const std::string&, int) { return ended(); };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> {
    note(*co_await events.next());
    const auto nothing = co_await events.next_for(50ms);
    BOOST_TEST(!nothing.has_value());
    BOOST_TEST(!events.ended());
    co_await pause(1s);  // both are answered meanwhile
    co_await read(events);
  };
  run(tale());
  BOOST_TEST(events.ended());
  BOOST_TEST(server->targets.size() == 2U);
}

BOOST_AUTO_TEST_CASE(that_is_confirmed_is_no_failure_where_a_key_is_missing_for_another_connection) {
  server->answer = [](const std::string&, int number) {
    if (number > 1) throw std::runtime_error("no key");
    return act(recorded::completed(1), finish::reset);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == numbers(1, 1)));
  BOOST_TEST(server->targets.size() == 2U);
}

BOOST_AUTO_TEST_CASE(that_is_asked_for_slowly_delays_no_event) {
  server->answer = [](const std::string&, int) {
    std::vector<std::string> every;
    for (std::int64_t n = 1; n <= 600; ++n)
      every.push_back(recorded::frame(n, "CUSTOM_TASK_IN_PROGRESS", "{}", "child", "rc"));
    return act::ticking(std::move(every), 100ms, finish::open);
  };
  server->looking = 8s;
  options.status_check = 1ms;
  auto events = stream();
  milliseconds latest{0};
  auto tale = [&]() -> asio::awaitable<void> {
    for (std::int64_t n = 1; n <= 200; ++n) {
      const auto event = co_await events.next();
      latest = std::max(latest, passed() - n * 100ms);
    }
  };
  run(tale());
  BOOST_TEST((latest <= 10ms));
  BOOST_TEST(server->looks >= 1);
}

BOOST_AUTO_TEST_CASE(without_an_event_is_found_behind_records_that_say_nothing) {
  server->answer = [](const std::string&, int) { return act("data: [DONE]\n\n", finish::clean); };
  server->look = [](const std::string&, int) { return terminated(); };
  read_all();
  BOOST_TEST(got.size() <= 200U);
  BOOST_TEST((passed() <= options.status_check + options.drain_time + 10s));
}

BOOST_AUTO_TEST_CASE(is_asked_for_when_due_while_heartbeats_without_identity_come) {
  server->answer = [](const std::string&, int) {
    std::vector<std::string> beats(1'000, "event: ping\ndata: {}\n\n");
    return act::ticking(std::move(beats), 500ms, finish::open);
  };
  auto events = stream();
  run(read_for(events, 95s));
  BOOST_TEST(server->looks >= 3);
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(is_found_with_one_attempt_only_where_the_server_ends_each_answer_cleanly) {
  server->answer = [](const std::string&, int) { return act("", finish::clean); };
  server->look = [](const std::string&, int) { return terminated(); };
  options.max_attempts = 1;
  read_all();
}

BOOST_AUTO_TEST_CASE(tells_the_hooks_of_one_disconnect_for_each_connection) {
  server->answer = [](const std::string& target, int number) {
    if (number == 1) return act(events_after(target, 1), finish::reset);
    return act(recorded::completed(2), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST(connected == 2);
  BOOST_REQUIRE(left.size() == 2U);
  BOOST_TEST((left.back().reason == wf::disconnect_reason::ended));
}

BOOST_AUTO_TEST_CASE(that_is_closed_tells_the_hooks_of_none) {
  server->answer = [](const std::string& target, int) { return act(events_after(target, 1), finish::open); };
  auto events = stream();
  auto tale = [&]() -> asio::awaitable<void> { co_await events.next(); };
  run(tale());
  events.close();
  BOOST_TEST(left.empty());
}

BOOST_AUTO_TEST_CASE(that_a_stored_cursor_is_behind_owes_nothing) {
  server->answer = [](const std::string& target, int) {
    return act(cursor_in(target) == 0 ? recorded::started(1) + recorded::completed(2) : std::string(),
               finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  auto first = stream();
  run(read(first));
  options.from = first.cursor();
  got.clear();
  began = simulation::now();
  read_all();
  BOOST_TEST(got.empty());
  BOOST_TEST((passed() <= options.drain_time));
}

BOOST_AUTO_TEST_CASE(is_asked_for_twenty_times_and_then_once_a_second_however_short_the_interval) {
  server->answer = [](const std::string&, int) { return act("", finish::comments); };
  options.status_check = 10ms;
  auto events = stream();
  run(read_for(events, 20s));
  BOOST_TEST(server->looks >= 35);
  BOOST_TEST(server->looks <= 41);
}

BOOST_AUTO_TEST_SUITE_END()
