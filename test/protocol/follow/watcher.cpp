// The watcher by its rows: what is wished after which facts. Whole lives of streams are the model's (model/).
#include "protocol/follow/watcher.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace std::chrono_literals;
using namespace mistral::workflows::protocol;
using verdict = wishes::verdict;
using leaving = wishes::leaving;
using answer = status_facts::answer;

status_facts status_of(answer said, terminal_kind kind = terminal_kind::none, const std::string& run = "run-1") {
  status_facts out;
  out.said = said;
  out.kind = kind;
  out.run_id = run;
  return out;
}
status_facts running(const std::string& run = "run-1") { return status_of(answer::running, terminal_kind::none, run); }
status_facts ended(terminal_kind kind, const std::string& run = "run-1") { return status_of(answer::ended, kind, run); }

event_facts event_of(terminal_kind kind = terminal_kind::none, const std::string& run = "run-1",
                     const std::string& successor = std::string()) {
  event_facts out;
  out.own = true;
  out.terminal = kind;
  out.run_id = run;
  out.continued_as = successor;
  return out;
}

/// A watcher, a clock that runs while somebody waits, and the facts that tests tell it most.
struct followed {
  explicit followed(const watch_rules& rules = watch_rules()) : watched(rules, at) {}

  watcher* operator->() { return &watched; }
  wishes wish() { return watched.wish(at); }
  void pass(std::chrono::nanoseconds time) {
    at.now += time;
    at.waited += time;
  }
  void connect() {
    watched.connecting(at);
    watched.connected(at);
  }
  void hand_over(const event_facts& event) {
    watched.record(at);
    watched.handed_over(event, at);
  }
  void ask(const status_facts& says) {
    watched.asking(at);
    watched.answered(says, at);
  }
  void lose(loss why) { watched.lost(why, at); }
  bool asks_now() { return wish().ask && *wish().ask <= at.now; }
  bool connects_now() { return wish().connect && *wish().connect <= at.now; }
  verdict outcome() { return wish().outcome; }

  watch_moment at = [] {
    watch_moment made;
    made.now = watch_moment::time_point() + 1h;
    return made;
  }();
  watcher watched;
};

followed after_events(const watch_rules& rules = watch_rules()) {
  followed made(rules);
  made.connect();
  made.hand_over(event_of());
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_watcher)

BOOST_AUTO_TEST_CASE(ends_at_a_final_event_whose_run_a_get_names) {
  for (const auto kind : {terminal_kind::completed, terminal_kind::canceled}) {
    auto one = after_events();
    one.hand_over(event_of(kind));
    BOOST_TEST(one.asks_now());
    BOOST_TEST(one.wish().read);
    one.ask(ended(kind));
    BOOST_TEST((one.outcome() == verdict::end));
  }
}

BOOST_AUTO_TEST_CASE(reads_on_where_the_get_names_another_run_or_says_running) {
  for (const auto& says : {running(), running("run-2"), ended(terminal_kind::completed, "run-2")}) {
    auto one = after_events();
    one.hand_over(event_of(terminal_kind::completed));
    one.ask(says);
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST(one.wish().read);
  }
}

BOOST_AUTO_TEST_CASE(takes_the_end_back_for_a_run_that_begins_behind_it) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  one.ask(ended(terminal_kind::completed));
  one.hand_over(event_of(terminal_kind::none, "run-2"));
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(!one->over());
}

BOOST_AUTO_TEST_CASE(owes_nothing_for_a_run_whose_end_was_handed_over_before_that_of_the_next) {
  followed one;
  one->begin_behind(event_of(terminal_kind::failed, "run-0"), one.at);
  one.connect();
  one->asking(one.at);
  one.hand_over(event_of(terminal_kind::completed, "run-1"));
  one->answered(ended(terminal_kind::failed, "run-0"), one.at);
  for (int i = 0; i < 20; ++i) {
    one.pass(5s);
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST((one.wish().leave == leaving::no));
    one->received(one.at);
    if (one.asks_now()) one.ask(status_of(answer::unknown));
  }
}

BOOST_AUTO_TEST_CASE(connects_no_more_behind_a_clean_end_before_it_knows_whether_that_was_all) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  one.lose(loss::clean_end);
  BOOST_TEST(!one.wish().connect.has_value());
  auto other = one;
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::end));
  other.ask(status_of(answer::unknown));
  BOOST_TEST(other.connects_now());
}

BOOST_AUTO_TEST_CASE(drains_a_failure_on_a_connection_begun_after_the_get_and_asks_once_more) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::failed));
  one.ask(ended(terminal_kind::failed));
  BOOST_TEST((one.wish().leave == leaving::checking_end));
  one->left(one.at);
  BOOST_TEST(one.connects_now());
  one.connect();
  BOOST_TEST(!one.asks_now());
  one.pass(4s);
  BOOST_TEST((one.wish().leave == leaving::no));
  one.pass(1s);
  BOOST_TEST(one.asks_now());
  one.ask(ended(terminal_kind::failed));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(believes_terminated_after_a_drain_and_a_second_get_a_second_later) {
  auto one = after_events();
  one.pass(30s);
  BOOST_TEST(one.asks_now());
  one.ask(ended(terminal_kind::terminated));
  BOOST_TEST((one.wish().leave == leaving::checking_end));
  one->left(one.at);
  one.connect();
  one.lose(loss::clean_end);
  BOOST_TEST(!one.wish().connect.has_value());
  BOOST_TEST((*one.wish().ask == one.at.now + 1s));
  one.pass(1s);
  one.ask(ended(terminal_kind::terminated));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(goes_on_after_a_reset) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::terminated));
  one->left(one.at);
  one.connect();
  one.pass(5s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.ask(running("run-2"));
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(one.wish().read);
  one.hand_over(event_of(terminal_kind::completed, "run-2"));
  one.ask(ended(terminal_kind::completed, "run-2"));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(waits_for_the_event_that_an_end_owes_and_says_so_where_it_does_not_come) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::completed));
  one.lose(loss::clean_end);
  for (int i = 0; i < 59; ++i) {
    if (!one.connects_now()) {
      one.pass(1s);
      continue;
    }
    one.connect();
    one.pass(1s);
    BOOST_TEST((one.outcome() == verdict::none));
    one.lose(loss::clean_end);
  }
  one.pass(30s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::incomplete));
  one->failure_told(one.at);
  BOOST_TEST((one.outcome() == verdict::none));
}

BOOST_AUTO_TEST_CASE(misses_no_event_of_a_run_that_a_last_get_does_not_find_ended) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::completed, ""));  // lags, and another run is on
  one->left(one.at);
  one.connect();
  one.pass(59s);
  one->asking(one.at);
  one.pass(1s);
  BOOST_TEST((one.outcome() == verdict::none));
  one->answered(ended(terminal_kind::completed, ""), one.at);
  BOOST_TEST((one.outcome() == verdict::none));
  one.pass(1s);
  BOOST_TEST(one.asks_now());
  one.ask(running("run-2"));
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(!one->end_in_sight());
}

BOOST_AUTO_TEST_CASE(drains_anew_where_an_event_comes_with_the_answer_of_the_last_get) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::terminated));
  one->left(one.at);
  one.connect();
  one.pass(5s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.pass(1s);
  one.ask(ended(terminal_kind::terminated));
  BOOST_TEST((one.outcome() == verdict::end));
  one.hand_over(event_of());
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(one.wish().read);
  one.pass(5s);
  BOOST_TEST(one.asks_now());
  one.ask(ended(terminal_kind::terminated));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(asks_for_the_last_time_behind_the_last_drain_alone) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::terminated));
  one->left(one.at);
  one.connect();
  one.pass(5s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.pass(1s);
  one->asking(one.at);
  one.hand_over(event_of());
  one.pass(5s);
  BOOST_TEST((one.outcome() == verdict::none));
  one->answered(ended(terminal_kind::terminated), one.at);
  BOOST_TEST((one.outcome() == verdict::none));
  one.pass(1s);
  one.ask(ended(terminal_kind::terminated));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(takes_back_a_failure_for_an_event_that_was_there) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::completed));
  one->left(one.at);
  one.connect();
  one.pass(60s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::incomplete));
  one.hand_over(event_of());
  BOOST_TEST((one.outcome() == verdict::none));
  one.hand_over(event_of(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(takes_an_end_back_for_a_run_that_begins_while_another_is_drained) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed, "run-2"));
  one.ask(ended(terminal_kind::terminated, "run-1"));  // lags
  one->left(one.at);
  one.connect();
  one.hand_over(event_of(terminal_kind::none, "run-3"));
  one.pass(5s);
  for (const std::string run : {"run-2", "run-2"}) {
    one.ask(ended(terminal_kind::completed, run));
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST(one.wish().read);
  }
}

BOOST_AUTO_TEST_CASE(a_straggler_of_a_past_run_is_no_run_that_goes_on) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::failed, "run-1"));
  one.hand_over(event_of(terminal_kind::none, "run-2"));
  one.hand_over(event_of(terminal_kind::completed, "run-2"));
  one.hand_over(event_of(terminal_kind::none, "run-1"));
  one.ask(ended(terminal_kind::completed, "run-2"));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(counts_for_a_missing_event_no_time_without_a_connection_begun_since) {
  auto one = after_events();
  one.pass(30s);
  one.ask(ended(terminal_kind::completed));
  one.lose(loss::cut);
  one.pass(200s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.connect();
  for (int i = 0; i < 4; ++i) {
    one.pass(40s);  // comments and an event at times
    one->received(one.at);
    BOOST_TEST((one.outcome() == verdict::none));
    one.hand_over(event_of());
  }
}

BOOST_AUTO_TEST_CASE(has_nothing_owed_behind_a_marked_cursor) {
  followed one;
  one->begin_behind(event_of(terminal_kind::completed), one.at);
  BOOST_TEST(one.asks_now());
  BOOST_TEST(one.connects_now());
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(is_not_moved_by_what_each_connection_repeats_of_runs_before) {
  followed one;
  one->begin_behind(event_of(terminal_kind::completed, "run-2"), one.at);
  one.connect();
  auto repeated = event_of(terminal_kind::none, "run-1");
  repeated.moves_cursor = false;
  one.hand_over(repeated);
  BOOST_TEST(one->end_in_sight());
  one.ask(ended(terminal_kind::completed, "run-2"));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(follows_the_run_of_another_execution_once_this_one_is_drained) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  BOOST_TEST(one.wish().ask_run.has_value());
  BOOST_TEST(one->successor() == "run-2");
  one.ask(ended(terminal_kind::continued_as_new));
  one->left(one.at);
  one.connect();
  one.lose(loss::clean_end);
  BOOST_TEST((one.outcome() == verdict::none));
  one->asking_run(one.at);
  run_facts found;
  found.said = run_facts::answer::found;
  found.execution_id = "other";
  one->run_answered(found, false, one.at);
  BOOST_TEST((one.outcome() == verdict::follow));
  BOOST_TEST(one->next_execution() == "other");
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_of_the_same_execution_however_late_it_shows) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one->asking_run(one.at);
  run_facts found;
  found.said = run_facts::answer::found;
  one->run_answered(found, true, one.at);
  for (int i = 0; i < 20; ++i) {
    one.pass(30s);
    one->received(one.at);
    if (one.asks_now()) one.ask(ended(terminal_kind::continued_as_new));
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST((one.wish().leave == leaving::no));
  }
}

BOOST_AUTO_TEST_CASE(releases_the_brake_for_an_event_that_moves_the_cursor_alone) {
  followed one;
  one.at.random01 = 1;
  auto unmoving = event_of();
  unmoving.moves_cursor = false;
  for (int i = 0; i < 4; ++i) {
    one.connect();
    one.hand_over(unmoving);
    one.lose(loss::clean_end);
    one.pass(one->next_attempt_in(one.at));
  }
  BOOST_TEST(one->next_attempt_in(one.at).count() == 0);
  one.connect();
  one.hand_over(unmoving);
  one.lose(loss::clean_end);
  BOOST_TEST(one->next_attempt_in(one.at).count() == 2'000);
  one.pass(2s);
  one.connect();
  one.hand_over(event_of());
  one.lose(loss::clean_end);
  BOOST_TEST(one->next_attempt_in(one.at).count() == 0);
}

BOOST_AUTO_TEST_CASE(has_twenty_permits_and_one_a_second_or_ten_while_the_cursor_moves) {
  for (const bool moving : {false, true}) {
    permits some;
    watch_moment::time_point now{1h};
    const auto end = now + 10s;
    int taken = 0;
    for (; (now = some.next(now)) <= end; ++taken) {
      some.take(now);
      if (moving) some.moved();
    }
    BOOST_TEST(taken <= (moving ? 120 : 30));
    BOOST_TEST(taken >= (moving ? 119 : 29));  // what is rounded up counts against it
  }
}

BOOST_AUTO_TEST_CASE(gives_up_when_the_budget_is_spent_without_life) {
  watch_rules rules;
  rules.budget = 3s;
  followed one(rules);
  for (int i = 0; i < 100 && one.outcome() == verdict::none; ++i) {
    one->connecting(one.at);
    one.lose(loss::not_connected);
    one.pass(std::max(one->next_attempt_in(one.at), 1ms));
  }
  BOOST_TEST((one.outcome() == verdict::gave_up));
}

BOOST_AUTO_TEST_CASE(fails_at_once_where_the_server_asks_for_more_than_the_budget_and_does_not_go_before) {
  watch_rules rules;
  rules.budget = 3s;
  followed one(rules);
  one->connecting(one.at);
  one->lost(loss::refused, one.at, 24h);
  BOOST_TEST((one.outcome() == verdict::gave_up));
  one->failure_told(one.at);
  BOOST_TEST((*one.wish().connect == one.at.now + 24h));
}

BOOST_AUTO_TEST_CASE(clamps_the_servers_retry_to_half_of_what_is_left) {
  watch_rules rules;
  rules.budget = 10s;
  followed one(rules);
  one->server_asks(600s);
  one.connect();
  one.lose(loss::clean_end);
  BOOST_TEST(one->next_attempt_in(one.at).count() == 5'000);
  BOOST_TEST((one.outcome() == verdict::none));
}

BOOST_AUTO_TEST_CASE(takes_running_after_clean_ends_for_life) {
  followed one;
  for (int i = 0; i < 2'000 && one.outcome() == verdict::none; ++i) {
    if (one.connects_now()) {
      one.connect();
      one.pass(1s);
      one.lose(loss::clean_end);
    }
    if (one.asks_now()) one.ask(running());
    one.pass(1s);
  }
  BOOST_TEST((one.outcome() == verdict::none));
}

BOOST_AUTO_TEST_CASE(asks_before_it_gives_up_after_a_clean_end) {
  watch_rules rules;
  rules.max_attempts = 1;
  followed one(rules);
  one.connect();
  one.lose(loss::clean_end);
  one.connect();
  one.lose(loss::clean_end);
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(!one.wish().connect.has_value());
  BOOST_TEST(one.asks_now());
  one.ask(ended(terminal_kind::terminated));
  one.pass(one->next_attempt_in(one.at));
  BOOST_TEST(one.connects_now());
}

BOOST_AUTO_TEST_CASE(fails_with_what_is_said_three_times_at_one_cursor) {
  auto one = after_events();
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST((one.outcome() == verdict::none));
    one->lost(loss::stream_error, one.at, std::nullopt, "read_error: source lost");
    one.connect();
  }
  BOOST_TEST((one.outcome() == verdict::repeated_error));
}

BOOST_AUTO_TEST_CASE(keeps_the_status_clock_over_reconnects) {
  auto one = after_events();
  for (int i = 0; i < 3; ++i) {
    one.pass(12s);
    one.lose(loss::cut);
    one.connect();
  }
  BOOST_TEST(one.asks_now());
}

BOOST_AUTO_TEST_CASE(counts_silence_while_somebody_waits_alone) {
  auto one = after_events();
  one.at.now += 10h;
  BOOST_TEST((one.wish().leave == leaving::no));
  BOOST_TEST(!one.asks_now());
  one.pass(60s);
  BOOST_TEST((one.wish().leave == leaving::idle));
}

BOOST_AUTO_TEST_CASE(waits_for_a_result_by_gets_alone_where_there_is_no_stream) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  one.at.random01 = 1;
  BOOST_TEST(one.asks_now());
  one.ask(running());
  one->connecting(one.at);
  one->no_stream(one.at);
  BOOST_TEST(!one.wish().connect.has_value());
  BOOST_TEST((*one.wish().ask == one.at.now + 250ms));
  one.pass(250ms);
  one.ask(running());
  BOOST_TEST((*one.wish().ask == one.at.now + 500ms));
  one.pass(500ms);
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(waits_two_seconds_for_the_text_of_a_failure) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  one.connect();
  one.ask(ended(terminal_kind::failed));
  one.pass(1999ms);
  BOOST_TEST((one.outcome() == verdict::none));
  one.pass(1ms);
  BOOST_TEST((one.outcome() == verdict::none));
  one.ask(status_of(answer::unknown));  // one of a retry would go on
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(refuses_a_result_of_what_is_not_there) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  one.ask(status_of(answer::missing));
  BOOST_TEST((one.outcome() == verdict::status_refused));
}

BOOST_AUTO_TEST_SUITE_END()
