// How batches of endings end: with a last look at what is in doubt, out of attempts, of time or of tokens.
// Not what is sent again before that: batch_endings.cpp.
#include "protocol/calls/batch_story.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace calls;
using kind = batch_wish::kind;

BOOST_AUTO_TEST_SUITE(call_batch_endings)

BOOST_AUTO_TEST_CASE(an_id_that_the_answer_does_not_name_has_a_last_look) {
  batch b(2);
  b.sends();
  const std::vector<batch_answer> said{batch_answer::nothing, batch_answer::nothing};
  b.machine.sent(b.answer(200), said, b.at());
  b.begin_looks();
  b.shows(0, -1h);
  b.shows(1, -1h, true);
  b.is_over();
  b.is(0, batch_fate::unknown);
  b.is(1, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(a_failure_told_to_a_repeat_leaves_the_doubt_of_the_first_request) {
  batch b(1);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  b.sends();
  const std::vector<batch_answer> said{batch_answer::failure};
  b.machine.sent(b.answer(200), said, b.at());
  b.begin_looks();
  b.shows(0, -1h);
  b.is_over();
  b.is(0, batch_fate::unknown);
}

BOOST_AUTO_TEST_CASE(attempts_are_counted_for_each_id_and_a_last_look_follows) {
  call_rules rules = within(60s);
  rules.max_attempts = 1;
  batch b(2, rules);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  b.shows(1, -1h, true);
  b.is_over();
  b.is(0, batch_fate::unknown);
  b.is(1, batch_fate::success);
  BOOST_TEST(b.machine.retries_ended() == retry_end::attempts);
}

BOOST_AUTO_TEST_CASE(a_wait_beyond_the_deadline_is_not_slept_and_what_is_in_doubt_has_a_last_look) {
  batch b(1, within(5s));
  b.sends();
  request_end busy = b.answer(503);
  busy.code = "WF_1200";
  busy.retry_after = 6s;
  b.machine.sent(busy, {}, b.at());
  b.begin_looks();
  BOOST_TEST(b.under_way.size() == 1u);
  b.shows(0, -1h);
  b.is_over();
  b.is(0, batch_fate::unknown);
  batch clear(1, within(5s));
  clear.sends();
  clear.answered(429, 6s);
  clear.is_over();
  clear.is(0, batch_fate::refused);
}

BOOST_AUTO_TEST_CASE(a_look_refused_at_the_gate_is_made_again_and_one_that_needs_another_key_once) {
  batch b(1);
  b.sends();
  b.lost();
  b.begin_looks();
  request_end busy = b.answer(429);
  busy.retry_after = 1s;
  b.ended(0, busy);
  b.begin_looks();
  request_end unauthorized = b.answer(401);
  unauthorized.renewable_key = true;
  b.ended(0, unauthorized);
  const batch_wish again = b.next();
  BOOST_TEST((again.what == kind::look));
  BOOST_TEST(again.renew_key);
  b.under_way.insert(0);
  b.ended(0, unauthorized);
  b.is_over();
  b.is(0, batch_fate::unknown);
}

BOOST_AUTO_TEST_CASE(an_end_leaves_unknown_what_may_have_been_done_and_nothing_else) {
  batch before(1);
  before.sends();
  before.machine.stop(request_end());
  before.is_over();
  before.is(0, batch_fate::refused);
  batch sent(1);
  sent.sends();
  request_end left;
  left.reached = reach::sent;
  sent.machine.stop(left);
  sent.is_over();
  sent.is(0, batch_fate::unknown);
  batch looking(9, within(1s));
  looking.sends();
  looking.lost();
  looking.begin_looks();
  looking.now += 1s;
  looking.is_over();
  looking.is(8, batch_fate::unknown);
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_more_is_sent_and_what_is_in_doubt_has_a_last_look_at_once) {
  batch b(2);
  b.sends();
  b.random01 = 0.5;
  b.lost();
  BOOST_TEST(b.next().token);
  b.machine.give_up(retry_end::budget);
  const auto now = b.now;
  b.begin_looks();
  BOOST_TEST((b.now == now));
  BOOST_TEST(b.under_way.size() == 2u);
  b.shows(0, -1h);
  b.shows(1, -1h, true);
  b.is_over();
  b.is(0, batch_fate::unknown);
  b.is(1, batch_fate::success);
  BOOST_TEST(b.machine.retries_ended() == retry_end::budget);
  batch clear(1);
  clear.sends();
  clear.machine.unprepared(request_end(), clear.at());
  BOOST_TEST(clear.next().token);
  clear.machine.give_up(retry_end::budget);
  clear.is_over();
  clear.is(0, batch_fate::refused);
}

BOOST_AUTO_TEST_CASE(where_the_gate_opens_too_late_only_looks_under_way_may_still_tell) {
  batch b(1);
  b.sends();
  b.lost();
  b.machine.give_up(retry_end::beyond_deadline);
  b.is_over();
  b.is(0, batch_fate::unknown);
  batch looking(2);
  looking.sends();
  looking.lost();
  looking.begin_looks();
  looking.machine.give_up(retry_end::beyond_deadline);
  looking.shows(0, -1h, true);
  looking.shows(1, -1h);
  looking.is_over();
  looking.is(0, batch_fate::success);
  looking.is(1, batch_fate::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
