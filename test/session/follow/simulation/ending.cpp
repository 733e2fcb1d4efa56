// When a stream ends, when it must not, and what its status GETs cost, over seconds and hours.
#include "session/follow/simulation/story.hpp"

#include <mistral/workflows/raw_event.hpp>

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

BOOST_AUTO_TEST_CASE(of_a_continued_execution_is_none_where_its_successor_stands_under_another_id) {
  server->answer = [](const std::string& target, int) {
    if (target.find("exec-2") == std::string::npos)
      return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, "r2") : std::string(),
                 finish::open);
    return act(cursor_in(target) == 0
                   ? recorded::frame(10, "WORKFLOW_EXECUTION_STARTED", "{}", "exec-2", "r2") +
                         recorded::frame(11, "WORKFLOW_EXECUTION_CANCELED", "{}", "child", "rc") +
                         recorded::frame(12, "WORKFLOW_EXECUTION_CANCELED",
                                         R"({"task_id":"t","reason":null})", "exec-2", "r2")
               : cursor_in(target) == 11 ? recorded::frame(12, "WORKFLOW_EXECUTION_CANCELED",
                                                           R"({"task_id":"t","reason":null})", "exec-2", "r2")
                                         : std::string(),
               finish::open);
  };
  server->execution_of_run = "exec-2";
  server->look = [](const std::string& id, int) {
    return id == "exec-2" ? ended("r2", protocol::terminal_kind::canceled)
                          : ended("r1", protocol::terminal_kind::continued_as_new);
  };
  std::string cursor;
  {
    auto events = stream();
    auto tale = [&]() -> asio::awaitable<void> {
      while (got.size() < 4) note(*co_await events.next());
    };
    run(tale());
    cursor = events.cursor();
    BOOST_TEST(events.execution_id() == "exec-2");
  }
  // Of another process, behind a child's event.
  options.from = cursor;
  auto again = stream();
  BOOST_TEST(again.execution_id() == "exec-2");
  run(read(again));
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 10, 11, 12}));
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

BOOST_AUTO_TEST_CASE(that_two_executions_never_come_to_as_each_goes_on_as_the_other_makes_no_storm) {
  const auto is_second = [](const std::string& text) { return text.find("exec-2") != std::string::npos; };
  server->answer = [=](const std::string& target, int) {
    if (cursor_in(target) > 0) return act("", finish::clean);
    return act(is_second(target) ? continued_as(1, "r1", "r2", "exec-2") : continued_as(1, "r2"),
               finish::clean);
  };
  server->find = [](const std::string& run, int) {
    protocol::run_facts out;
    out.said = protocol::run_facts::answer::found;
    out.execution_id = run == "r2" ? "exec-2" : recorded::execution;
    return out;
  };
  server->look = [=](const std::string& id, int) {
    return ended(is_second(id) ? "r2" : "r1", protocol::terminal_kind::continued_as_new);
  };
  server->opening = server->looking = 5ms;
  auto events = stream();
  run(read_for(events, 60s));
  BOOST_TEST(got.size() > 20U);
  BOOST_TEST(server->targets.size() <= 20U + 10U * 60U);
  BOOST_TEST(server->looks + server->finds <= 20 + 10 * 60);
}

BOOST_AUTO_TEST_CASE(of_a_run_that_cannot_be_named_is_the_end) {
  server->answer = [](const std::string& target, int) {
    return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, ".") : std::string(),
               finish::open);
  };
  server->look = [](const std::string&, int) {
    return ended("r1", protocol::terminal_kind::continued_as_new);
  };
  read_all();
  BOOST_TEST((got == numbers(1, 2)));
  BOOST_TEST(server->finds == 0);
}

BOOST_AUTO_TEST_CASE(of_a_run_that_is_found_late_is_waited_for) {
  server->answer = [](const std::string& target, int) {
    if (target.find("exec-2") != std::string::npos)
      return act(recorded::frame(10, "WORKFLOW_EXECUTION_COMPLETED",
                                 R"({"task_id":"t","result":{"type":"json","value":1}})", "exec-2", "r2"),
                 finish::open);
    return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, "r2") : std::string(),
               finish::open);
  };
  server->find = [this](const std::string&, int) {
    protocol::run_facts out;
    out.said = passed() < 2s ? protocol::run_facts::answer::missing : protocol::run_facts::answer::found;
    if (passed() >= 2s) out.execution_id = "exec-2";
    return out;
  };
  server->look = [](const std::string& id, int) {
    return id == "exec-2" ? ended("r2") : ended("r1", protocol::terminal_kind::continued_as_new);
  };
  read_all();
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 10}));
}

BOOST_AUTO_TEST_CASE(of_a_run_that_nobody_answers_for_is_none) {
  using answer = protocol::run_facts::answer;
  for (const auto outage : {20s, 15s * 60}) {
    server->answer = [](const std::string& target, int) {
      if (target.find("exec-2") != std::string::npos)
        return act(recorded::frame(10, "WORKFLOW_EXECUTION_COMPLETED",
                                   R"({"task_id":"t","result":{"type":"json","value":1}})", "exec-2", "r2"),
                   finish::open);
      return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, "r2") : std::string(),
                 finish::open);
    };
    server->find = [this, outage](const std::string&, int) {
      protocol::run_facts out;
      if (passed() < outage) return out;
      out.said = answer::found;
      out.execution_id = "exec-2";
      return out;
    };
    server->look = [](const std::string& id, int) {
      return id == "exec-2" ? ended("r2") : ended("r1", protocol::terminal_kind::continued_as_new);
    };
    got.clear();
    began = simulation::now();
    auto events = stream();
    if (outage > options.reconnect_budget) {
      const auto failed = error_of<wf::stream_failure>(read(events));
      BOOST_TEST(std::string(failed.what()).find("r2") != std::string::npos);
      BOOST_TEST((passed() >= options.reconnect_budget && passed() <= options.reconnect_budget + 1min));
    }
    run(read(events));
    BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 10}));
    BOOST_TEST(server->finds < 100);
  }
}

BOOST_AUTO_TEST_CASE(an_event_without_identity_does_not_end_the_search_for_what_is_new) {
  server->answer = [](const std::string&, int number) {
    if (number == 1) return act(recorded::progress(1) + recorded::progress(2), finish::reset);
    return act(
        "data: {\"hello\":1}\n\n" + recorded::progress(1) + recorded::progress(2) + recorded::completed(3),
        finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 0, 3}));
}

BOOST_AUTO_TEST_CASE(an_event_without_identity_does_not_take_the_cursor_back_to_one_that_came_again) {
  const std::string heartbeat = "data: {}\n\n";
  server->answer = [&](const std::string& target, int number) {
    // Repeats one event from before the cursor; what comes without an id inherits that one's.
    if (number > 1) return act(recorded::progress(1) + heartbeat, finish::clean);
    return act(events_after(target, 2), finish::clean);
  };
  auto events = stream();
  run(read_for(events, 10s));
  BOOST_TEST(std::count(got.begin(), got.end(), 1) == 1);
  BOOST_TEST(events.cursor() == protocol::cursor_text(recorded::execution, "2", protocol::event_facts()));
  for (std::size_t i = 1; i < server->targets.size(); ++i) BOOST_TEST(cursor_in(server->targets[i]) == 2);
  BOOST_TEST(server->targets.size() <= 12U);  // none of that moves the cursor, so each waits for longer
}

BOOST_AUTO_TEST_CASE(an_event_of_another_numbering_does_not_take_the_cursor_back_either) {
  server->answer = [&](const std::string& target, int number) {
    if (number > 1) return act(events_after(target, 2), finish::open);
    return act(recorded::progress(1) + without_id(recorded::progress(2)) + "data: {}\n\n", finish::clean);
  };
  auto events = stream();
  run(read_for(events, 10s));
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 0}));
  BOOST_TEST(cursor_in(server->targets.at(1)) == 2);
}

BOOST_AUTO_TEST_CASE(an_event_with_an_unreadable_member_comes_once_from_a_server_without_ids) {
  const std::string strange =
      "data: "
      "{\"stream\":7,\"data\":{\"event_id\":\"e-2\",\"workflow_exec_id\":\"exec-1\"},\"broker_sequence\":2}"
      "\n\n";
  server->answer = [&](const std::string&, int number) {
    const std::string first = without_id(recorded::progress(1)) + strange;
    return number < 4 ? act(first, finish::reset)
                      : act(first + without_id(recorded::completed(3)), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == numbers(1, 3)));
}

BOOST_AUTO_TEST_CASE(an_unknown_event_is_no_gap) {
  int gaps = 0;
  options.hooks.sequence = [&](const wf::sequence_step&) { ++gaps; };
  server->answer = [](const std::string&, int) {
    return act(recorded::progress(1) + "data: no JSON\n\n" + recorded::progress(3), finish::open);
  };
  auto events = stream(all_events());
  auto tale = [&]() -> asio::awaitable<void> {
    while (got.size() < 3) note(*co_await events.next());
  };
  run(tale());
  BOOST_TEST(gaps == 0);
}

BOOST_AUTO_TEST_CASE(its_cursor_stays_when_the_stream_is_closed_or_its_context_gone) {
  server->answer = [](const std::string&, int) { return act(recorded::progress(1), finish::open); };
  auto closed = stream();
  auto tale = [&]() -> asio::awaitable<void> { co_await closed.next(); };
  run(tale());
  const std::string cursor = closed.cursor();
  BOOST_TEST(!cursor.empty());
  closed.close();
  BOOST_TEST(closed.cursor() == cursor);

  auto context = std::make_unique<asio::io_context>();
  auto other = std::make_shared<host>(*context);
  other->answer = server->answer;
  other->look = server->look;
  auto orphan = open(other, options);
  bool done = false;
  asio::co_spawn(*context, orphan.next(),
                 [&](std::exception_ptr, std::optional<wf::stream_event>) { done = true; });
  BOOST_REQUIRE(simulation::run_until(*context, [&] { return done; }));
  other.reset();
  context.reset();
  BOOST_TEST(orphan.cursor() == cursor);
  BOOST_TEST(orphan.execution_id() == recorded::execution);
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
