// The pace and the budget of a followed execution, row by
// row. Whole lives of streams are the model's (model/).
#include "protocol/follow/followed.hpp"

#include <boost/test/unit_test.hpp>

using namespace followed_by_rows;

BOOST_AUTO_TEST_SUITE(the_watcher)

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

BOOST_AUTO_TEST_CASE(has_no_permits_anew_where_it_goes_on_elsewhere) {
  watch_rules rules;
  rules.status_check = 1ms;
  auto one = after_events(rules);
  for (int i = 1; i < 20; ++i) {
    one.lose(loss::cut);
    one.connect();
    one.hand_over(event_of());
  }
  for (int i = 0; i < 20; ++i) one.ask(running());
  one->begin_elsewhere(rules, one.at);
  BOOST_TEST(!one.connects_now());
  one.pass(1ms);
  BOOST_TEST(!one.asks_now());
  one.pass(1s);
  BOOST_TEST(one.connects_now());
  BOOST_TEST(one.asks_now());
}

BOOST_AUTO_TEST_CASE(keeps_its_back_off_and_to_what_the_server_asks_for_where_it_goes_on_elsewhere) {
  watch_rules rules;
  followed one(rules);
  one.at.random01 = 1;
  for (int i = 0; i < 4; ++i) {
    one.connect();
    one.lose(loss::cut);
    one.pass(one->next_attempt_in(one.at));
  }
  one->begin_elsewhere(rules, one.at);
  one.connect();
  one.lose(loss::cut);
  BOOST_TEST(one->next_attempt_in(one.at).count() == 2'000);
  one->server_asks(3s);
  one->begin_elsewhere(rules, one.at);
  BOOST_TEST((*one.wish().connect == one.at.now + 2s));
  one.pass(2s);
  one.connect();
  one.hand_over(event_of());
  one.lose(loss::cut);
  BOOST_TEST(one->next_attempt_in(one.at).count() == 3'000);
}

BOOST_AUTO_TEST_CASE(keeps_to_a_retry_after_that_came_when_it_was_known_to_go_on_elsewhere) {
  watch_rules rules;
  rules.for_result = true;
  followed one(rules);
  one.ask(running());
  one.connect();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one.lose(loss::cut);
  one->connecting(one.at);
  run_facts found;
  found.said = run_facts::answer::found;
  found.execution_id = "another";
  one->asking_run(one.at);
  one->run_answered(found, false, one.at);
  one->lost(loss::refused, one.at, 60s);
  BOOST_TEST((one.outcome() == verdict::follow));
  one->begin_elsewhere(rules, one.at);
  one.ask(running("run-2"));
  BOOST_TEST((*one.wish().connect == one.at.now + 60s));
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

BOOST_AUTO_TEST_CASE(spends_the_whole_budget_whatever_its_own_back_off_is) {
  watch_rules rules;
  rules.budget = 5s;
  followed one(rules);
  const auto began = one.at.now;
  one.at.random01 = 1;
  while (one.outcome() == verdict::none) {
    BOOST_TEST_REQUIRE((one.at.now - began <= 5s));
    one.pass(one->next_attempt_in(one.at));
    one->connecting(one.at);
    one.lose(loss::not_connected);
  }
  BOOST_TEST((one.outcome() == verdict::gave_up));
  BOOST_TEST((one.at.now - began == 5s));
}

BOOST_AUTO_TEST_CASE(of_a_result_goes_on_by_gets_alone_where_the_stream_is_far_off) {
  watch_rules rules;
  rules.budget = 3s;
  rules.for_result = true;
  followed one(rules);
  one->connecting(one.at);
  one->lost(loss::refused, one.at, 24h);
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(!one.wish().connect.has_value());
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

BOOST_AUTO_TEST_SUITE_END()
