// What has no doubt to care for, and how every call ends:
// nothing leaves after the end, and ends come in time.
#include "protocol/calls/story.hpp"

using namespace calls;
using protocol::stop_reason;

BOOST_AUTO_TEST_SUITE(call_ends)

BOOST_AUTO_TEST_CASE(reads_and_repeatable_calls_are_repeated_and_once_is_once) {
  for (const safety what : {safety::read, safety::repeatable}) {
    story s(plain(what));
    s.sends().lost().sends().answered(503).sends().answered(200).ends(call_end::answered, server_action::yes);
  }
  story lost(plain(safety::once));
  lost.sends().lost().ends(call_end::failed, server_action::unknown);
  story refused(plain(safety::once));
  refused.sends().answered(429).refused_connect().sends().answered(425).sends().answered(202);
  refused.ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(what_a_repeatable_call_may_have_done_is_said_for_all_its_requests_together) {
  story s(plain(safety::repeatable));
  s.sends().lost().sends().answered(404).ends(call_end::failed, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_read_that_is_answered_for_another_execution_is_repeated) {
  story s(plain(safety::read));
  s.sends().misnamed().sends().answered(200).ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(a_2xx_that_breaks_off_is_repeated_where_that_is_safe) {
  story read(plain(safety::read));
  read.sends().cut_after_head(200).sends();
  story once(plain(safety::once));
  once.sends().cut_after_head(202).ends(call_end::failed, server_action::yes);
}

BOOST_AUTO_TEST_CASE(an_answer_too_large_is_not_asked_for_again) {
  request_end too_large;
  too_large.reached = reach::sent;
  too_large.status = 200;
  too_large.permanent = true;
  story read(plain(safety::read));
  read.sends().ended(too_large).ends(call_end::failed, server_action::yes);
  story start(under_own_id());
  start.sends().ended(too_large).looks().found(0ms).ends(call_end::found, server_action::yes);
}

BOOST_AUTO_TEST_CASE(a_stale_connection_costs_no_back_off_and_no_token_where_no_look_is_due) {
  request_end stale;
  stale.reached = reach::sent;
  stale.stale = true;
  story read(plain(safety::read));
  read.sends().ended(stale).sends();
  BOOST_TEST(!read.waited.has_value());
  BOOST_TEST(!read.took_token);
  story start(under_own_id());
  start.sends().ended(stale).looks().absent().looks().ended(stale).looks();
  BOOST_TEST(!start.waited.has_value());
}

BOOST_AUTO_TEST_CASE(a_key_is_asked_for_once_more_and_that_is_no_attempt) {
  call_rules rules = within(60s);
  rules.max_attempts = 1;
  story s(plain(safety::once), rules);
  s.sends().unauthorized();
  BOOST_TEST(s.wished().renew_key);
  s.sends().unauthorized().ends(call_end::failed, server_action::no);
  BOOST_TEST(s.told());
  BOOST_TEST(s.machine.sends() == 1);
}

BOOST_AUTO_TEST_CASE(attempts_end_a_call_and_are_named) {
  story s(plain(safety::read));
  for (int i = 0; i < 4; ++i) s.sends().answered(503);
  s.ends(call_end::failed, server_action::unknown).because(retry_end::attempts);
}

BOOST_AUTO_TEST_CASE(a_retry_after_is_obeyed_up_to_the_limit_and_ends_the_call_beyond_it) {
  call_rules rules = within(300s);
  story just(plain(safety::read), rules);
  just.sends().answered(503, "", 60s).sends();
  BOOST_TEST((just.waited == 60s));
  BOOST_TEST((just.waited_why == wait_reason::retry_after));
  story beyond(plain(safety::read), rules);
  beyond.sends().answered(503, "", 61s).ends(call_end::failed).because(retry_end::retry_after);
  story endless(plain(safety::read), rules);
  endless.sends()
      .answered(429, "", milliseconds::max())
      .ends(call_end::failed)
      .because(retry_end::retry_after);
}

BOOST_AUTO_TEST_CASE(a_wait_that_the_server_asks_for_and_that_ends_after_the_deadline_is_not_slept) {
  story just(plain(safety::once), within(5s));
  just.sends().answered(429, "", 5s);
  BOOST_TEST(just.wished().what == wish::kind::prepare);
  story beyond(plain(safety::once), within(5s));
  beyond.sends().answered(429, "", 5001ms).ends(call_end::failed).because(retry_end::beyond_deadline);
  story doubtful(under_own_id(), within(5s));
  doubtful.sends().answered(503, "WF_1200", 6s).looks();
  BOOST_TEST(!doubtful.waited.has_value());
  doubtful.absent().ends(call_end::failed, server_action::unknown).because(retry_end::beyond_deadline);
}

BOOST_AUTO_TEST_CASE(a_random_wait_is_drawn_within_the_time_left_less_the_last_attempt) {
  call_rules rules = within(1s);
  rules.initial_backoff = 8s;
  story s(plain(safety::read), rules);
  s.random01 = 0.5;
  s.takes = 200ms;
  s.sends().answered(503).sends();
  BOOST_TEST((s.waited == 300ms));
}

BOOST_AUTO_TEST_CASE(if_no_attempt_fits_the_call_ends_with_the_last_answer_and_a_doubtful_one_looks_first) {
  story s(plain(safety::read), within(3s));
  s.takes = 1500ms;
  s.sends()
      .answered(503, "WF_1200")
      .ends(call_end::failed, server_action::unknown)
      .because(retry_end::beyond_deadline);
  BOOST_TEST(s.told());
  story doubtful(under_own_id(), within(3s));
  doubtful.takes = 1600ms;
  doubtful.sends().answered(503).looks();
  BOOST_TEST(!doubtful.waited.has_value());
  doubtful.found(0ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_second_look_that_the_deadline_forbids_is_not_waited_for) {
  story s(under_own_id(), within(500ms));
  s.sends()
      .lost()
      .looks()
      .absent()
      .ends(call_end::failed, server_action::unknown)
      .because(retry_end::beyond_deadline);
}

BOOST_AUTO_TEST_CASE(after_a_429_with_a_time_the_gate_paces_the_call_and_no_token_is_taken) {
  story s(plain(safety::read));
  s.sends().answered(429, "", 2s);
  BOOST_TEST(s.wished().what == wish::kind::prepare);
  BOOST_TEST(!s.wished().token);
  s.preparing_for(2s).sends().answered(429);
  BOOST_TEST(s.wished().what == wish::kind::wait);
  BOOST_TEST(s.wished().token);
  call_rules rules = within(300s);
  rules.max_retry_after = 200s;
  story beyond_the_gate(plain(safety::read), rules);
  beyond_the_gate.sends().answered(429, "", 61s);
  BOOST_TEST(beyond_the_gate.wished().what == wish::kind::wait);
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_is_repeated) {
  story read(plain(safety::read));
  read.sends()
      .lost()
      .without_token()
      .ends(call_end::failed, server_action::unknown)
      .because(retry_end::budget);
  story start(under_own_id());
  start.sends().lost().without_token().looks().absent().ends(call_end::failed, server_action::unknown);
  start.because(retry_end::budget);
  story look(under_own_id());
  look.sends().lost().looks().answered(503).without_token().ends(call_end::failed, server_action::unknown);
  story odd(under_own_id());
  odd.sends().misnamed().looks().answered(503).without_token().ends(call_end::unknown,
                                                                    server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_gate_that_opens_after_the_deadline_ends_the_call) {
  story nothing_sent(plain(safety::once));
  nothing_sent.gate_opens_too_late().ends(call_end::rate_limited);
  story answered(plain(safety::once));
  answered.sends()
      .answered(429)
      .gate_opens_too_late()
      .ends(call_end::failed)
      .because(retry_end::beyond_deadline);
  story doubtful(under_own_id());
  doubtful.sends().lost().gate_opens_too_late().ends(call_end::failed, server_action::unknown);
  story odd(under_own_id());
  odd.sends().misnamed().gate_opens_too_late().ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(nothing_leaves_after_the_end_from_whichever_wait_it_wakes) {
  for (const stop_reason why : {stop_reason::deadline, stop_reason::cancelled, stop_reason::closed}) {
    const call_end how = why == stop_reason::deadline    ? call_end::timed_out
                         : why == stop_reason::cancelled ? call_end::cancelled
                                                         : call_end::closed;
    story preparing(under_own_id());
    preparing.stopped(why).ends(how);
    BOOST_TEST(preparing.machine.ready(preparing.at()).what == wish::kind::end);
    BOOST_TEST(preparing.machine.woke().what == wish::kind::end);
    BOOST_TEST(preparing.machine.shut().how == how);
    BOOST_TEST(preparing.machine.no_token().how == how);
    BOOST_TEST(preparing.machine.unprepared(request_end(), preparing.at()).how == how);
    BOOST_TEST(preparing.machine.sent(request_end(), preparing.at()).how == how);
    BOOST_TEST(preparing.machine.looked(request_end(), std::nullopt, preparing.at()).how == how);
    BOOST_TEST(preparing.machine.stop(stop_reason::closed, request_end()).how == how);
    story looking(under_own_id());
    looking.sends().lost().looks().stopped(why).ends(how, server_action::unknown);
  }
}

BOOST_AUTO_TEST_CASE(a_request_does_not_leave_at_the_deadline) {
  story s(plain(safety::read), within(1s));
  s.preparing_for(1s);
  BOOST_TEST((s.machine.ready(s.at()).how == call_end::timed_out));
}

BOOST_AUTO_TEST_CASE(a_request_that_is_interrupted_may_have_acted_once_a_byte_of_it_has_left) {
  request_end left;
  left.reached = reach::sent;
  story sent(plain(safety::once));
  sent.sends().stopped(stop_reason::cancelled, left).ends(call_end::cancelled, server_action::unknown);
  story not_sent(plain(safety::once));
  not_sent.sends().stopped(stop_reason::cancelled).ends(call_end::cancelled, server_action::no);
  story of_a_look(under_own_id());
  of_a_look.refused_connect()
      .sends()
      .stopped(stop_reason::cancelled)
      .ends(call_end::cancelled, server_action::no);
  left.status = 200;
  story answered(under_own_id());
  answered.sends().stopped(stop_reason::deadline, left).ends(call_end::timed_out, server_action::yes);
}

BOOST_AUTO_TEST_CASE(
    at_the_deadline_the_last_answer_is_told_unless_what_leaves_the_doubt_is_a_request_without_one) {
  request_end left;
  left.reached = reach::sent;
  story waiting(plain(safety::once));
  waiting.sends().answered(429).stopped(stop_reason::deadline).ends(call_end::failed);
  story doubtful(under_own_id());
  doubtful.sends().answered(503).looks().stopped(stop_reason::deadline, left);
  doubtful.ends(call_end::failed, server_action::unknown);
  story later(plain(safety::once));
  later.sends().answered(429).sends().stopped(stop_reason::deadline, left);
  later.ends(call_end::timed_out, server_action::unknown);
  story no_answer(under_own_id());
  no_answer.sends()
      .lost()
      .looks()
      .stopped(stop_reason::deadline)
      .ends(call_end::timed_out, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(
    an_error_tells_of_the_last_answer_unless_what_leaves_the_doubt_is_a_later_request_without_one) {
  story s(plain(safety::read));
  s.refused_connect();
  BOOST_TEST(s.told());
  s.sends().answered(429);
  BOOST_TEST(s.told());
  s.refused_connect();
  BOOST_TEST(!s.told());
  story lost(plain(safety::repeatable));
  lost.sends().answered(429).sends().lost();
  BOOST_TEST(lost.told());
  lost.sends().answered(503);
  BOOST_TEST(lost.told());
  lost.sends().lost();
  BOOST_TEST(!lost.told());
}

BOOST_AUTO_TEST_CASE(a_bad_certificate_is_not_tried_again) {
  story s(under_own_id());
  s.bad_certificate().ends(call_end::failed, server_action::no);
  story doubtful(under_own_id());
  doubtful.sends().lost().bad_certificate().ends(call_end::failed, server_action::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
