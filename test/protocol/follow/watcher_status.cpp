// What the watcher makes of GETs: when an end is believed,
// when an event is missing, and when a result is there.
#include "protocol/follow/followed.hpp"

#include <boost/test/unit_test.hpp>

using namespace followed_by_rows;

BOOST_AUTO_TEST_SUITE(the_watcher)

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

namespace {

/// Nothing is asked for so long, and then it is.
bool asks_only_after(followed one, std::chrono::milliseconds time) {
  one.pass(time - 100ms);
  const bool too_soon = one.asks_now();
  one.pass(100ms);
  return !too_soon && one.asks_now();
}

/// The GET that was due is answered by a server in trouble.
followed refused_for(std::chrono::milliseconds retry_after) {
  auto one = after_events();
  one.pass(30s);
  auto in_trouble = status_of(answer::unknown);
  in_trouble.retry_after = retry_after;
  one.ask(in_trouble);
  return one;
}

}  // namespace

BOOST_AUTO_TEST_CASE(asks_no_sooner_than_a_server_in_trouble_wants_and_at_the_latest_when_it_would_anyway) {
  BOOST_TEST(asks_only_after(refused_for(5s), 5s));
  BOOST_TEST(asks_only_after(refused_for(1h), 30s));
  // Nor where a clean end makes the next one due within 5 s.
  auto cut = refused_for(20s);
  cut.lose(loss::clean_end);
  BOOST_TEST(asks_only_after(cut, 20s));
}

BOOST_AUTO_TEST_CASE(goes_on_after_a_reset) {
  auto one = after_events();
  one.end_on_a_new_connection(terminal_kind::terminated);
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
  one.end_on_a_new_connection(terminal_kind::terminated);
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
  one.end_on_a_new_connection(terminal_kind::terminated);
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

namespace {

/// Asks whenever that is due, for so long.
void ask_for(followed& one, answer says, std::chrono::seconds time) {
  for (const auto until = one.at.now + time; one.at.now < until && one.outcome() == verdict::none;) {
    if (one.asks_now()) one.ask(status_of(says));
    one.pass(250ms);
  }
}

/// GETs alone are to say more, for the budget and no longer; each that is answered gives it anew.
void spends_the_budget_on_gets(followed one) {
  for (const auto says : {answer::unknown, answer::refused}) {
    ask_for(one, says, 9min);
    BOOST_TEST((one.outcome() == verdict::none));
    ask_for(one, says, 2min);
    BOOST_TEST((one.outcome() == verdict::gave_up));
    one->failure_told(one.at);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(gives_an_end_up_that_no_get_confirms_any_more_when_the_budget_is_spent) {
  auto one = after_events();
  one.end_on_a_new_connection(terminal_kind::terminated);
  one.pass(5s);
  spends_the_budget_on_gets(one);
}

BOOST_AUTO_TEST_CASE(gives_a_terminal_event_up_that_no_get_confirms_when_the_budget_is_spent) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  spends_the_budget_on_gets(one);
}

BOOST_AUTO_TEST_CASE(takes_no_comment_and_no_heartbeat_for_the_answer_of_a_get) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  event_facts heartbeat;
  heartbeat.moves_cursor = false;
  const auto quiet_for = [&](std::chrono::minutes time) {
    for (const auto until = one.at.now + time; one.at.now < until && one.outcome() == verdict::none;) {
      ask_for(one, answer::unknown, 10s);
      one->received(one.at);
      one.hand_over(heartbeat);
    }
  };
  quiet_for(9min);
  one.lose(loss::cut);
  one.ask(running());  // lags behind the event, and is an answer
  one.connect();
  quiet_for(9min);
  BOOST_TEST((one.outcome() == verdict::none));
  quiet_for(3min);
  BOOST_TEST((one.outcome() == verdict::gave_up));
  BOOST_TEST((one->asked_in_vain() == watcher::target::execution));
}

BOOST_AUTO_TEST_CASE(gives_a_result_up_whose_gets_alone_are_left_and_fail_when_the_budget_is_spent) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  auto streamless = one;
  one.ask(ended(terminal_kind::terminated));
  ask_for(one, answer::unknown, 9min);
  BOOST_TEST((one.outcome() == verdict::none));
  auto other = one;
  other.ask(ended(terminal_kind::terminated));
  BOOST_TEST((other.outcome() == verdict::end));
  ask_for(one, answer::unknown, 2min);
  BOOST_TEST((one.outcome() == verdict::gave_up));

  streamless.ask(running());
  streamless->connecting(streamless.at);
  streamless->no_stream(streamless.at);
  ask_for(streamless, answer::unknown, 9min);
  streamless.ask(running());
  ask_for(streamless, answer::unknown, 9min);
  BOOST_TEST((streamless.outcome() == verdict::none));
  ask_for(streamless, answer::unknown, 2min);
  BOOST_TEST((streamless.outcome() == verdict::gave_up));
}

BOOST_AUTO_TEST_CASE(gives_a_result_up_that_may_go_on_where_neither_streams_nor_gets_are_to_be_had) {
  watch_rules rules;
  rules.for_result = true;
  rules.max_attempts = 3;
  followed one(rules);
  one.ask(ended(terminal_kind::continued_as_new));
  one.pass(1s);
  for (int i = 0; i < 4; ++i) {
    BOOST_TEST((one.outcome() == verdict::none));
    one->connecting(one.at);
    one.lose(loss::not_connected);
  }
  BOOST_TEST((one.outcome() == verdict::gave_up));
  BOOST_TEST((one->asked_in_vain() == watcher::target::none));
}

BOOST_AUTO_TEST_CASE(asks_for_a_run_that_goes_on_until_a_last_get_is_answered_or_the_budget_is_spent) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  one.ask(ended(terminal_kind::continued_as_new));
  one.connect();
  one.pass(60s);
  BOOST_TEST(one.asks_now());
  ask_for(one, answer::unknown, 9min);
  BOOST_TEST((one.outcome() == verdict::none));
  auto other = one;
  other.ask(ended(terminal_kind::continued_as_new));
  BOOST_TEST((other.outcome() == verdict::incomplete));
  auto another = one;
  another.ask(running("run-2"));
  BOOST_TEST((another.outcome() == verdict::none));
  BOOST_TEST(!another->end_in_sight());
  ask_for(one, answer::unknown, 2min);
  BOOST_TEST((one.outcome() == verdict::gave_up));
  BOOST_TEST((one->asked_in_vain() == watcher::target::execution));
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

BOOST_AUTO_TEST_CASE(takes_a_404_that_proves_nothing_for_no_answer_once_the_execution_has_been_seen) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  auto other = one;
  other.ask(status_of(answer::page));
  BOOST_TEST((other.outcome() == verdict::status_refused));
  one.ask(running());
  one.connect();
  one.pass(30s);
  one.ask(status_of(answer::page));
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(one.wish().read);
  one.pass(250ms);
  BOOST_TEST(one.asks_now());
}

BOOST_AUTO_TEST_CASE(takes_no_lagging_404_for_the_absence_of_what_was_begun_just_now) {
  watch_rules rules;
  rules.for_result = true;
  followed unseen(rules);
  rules.lags_until = unseen.at.now + 10s;
  for (const auto says : {answer::missing, answer::page}) {
    followed one(rules);
    one.ask(status_of(says));
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST(!one.wish().connect.has_value());  // no stream can know more
    one.pass(250ms);
    BOOST_TEST(one.asks_now());
    auto other = one;
    other.ask(running());
    BOOST_TEST(other.connects_now());
    one.pass(9750ms);
    one.ask(status_of(says));
    BOOST_TEST((one.outcome() == verdict::status_refused));
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_result_of_what_is_not_there) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  one.ask(status_of(answer::missing));
  BOOST_TEST((one.outcome() == verdict::status_refused));
}

BOOST_AUTO_TEST_SUITE_END()
