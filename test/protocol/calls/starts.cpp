// A start, and the creation of a schedule: sent again only where
// nothing of it can be there, and never taken for somebody else's.
#include "protocol/calls/story.hpp"

using namespace calls;

BOOST_AUTO_TEST_SUITE(call_starts)

BOOST_AUTO_TEST_CASE(an_answered_start_takes_one_request) {
  story s(under_own_id());
  s.sends().answered(200).ends(call_end::answered, server_action::yes);
  BOOST_TEST(s.machine.sends() == 1);
}

BOOST_AUTO_TEST_CASE(a_start_that_never_left_is_sent_again_without_a_look) {
  story s(under_callers_id());
  s.refused_connect().sends().answered(429).sends().answered(503, "", 1s).sends().answered(200);
  s.ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(a_lost_start_is_looked_for_at_once_and_adopted) {
  story s(under_own_id());
  s.sends().lost().looks();
  BOOST_TEST(!s.waited.has_value());
  s.found(0ms).ends(call_end::found, server_action::unknown);
  BOOST_TEST(!s.machine.attached());
}

BOOST_AUTO_TEST_CASE(two_looks_stand_at_least_500_ms_apart_and_permit_one_send) {
  story s(under_own_id());
  s.takes = 40ms;
  s.sends().lost().looks().absent().looks();
  BOOST_TEST((s.waited == 500ms));
  BOOST_TEST((s.waited_why == wait_reason::distance));
  s.absent().sends().answered(200).ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(the_distance_of_two_looks_can_be_set) {
  call_rules rules = within(60s);
  rules.look_distance = 1200ms;
  story s(under_own_id(), rules);
  s.sends().lost().looks().absent().looks();
  BOOST_TEST((s.waited == 1200ms));
}

BOOST_AUTO_TEST_CASE(a_longer_back_off_runs_beside_the_looks_and_the_look_that_permits_comes_after_it) {
  call_rules rules = within(60s);
  rules.initial_backoff = rules.max_backoff = 2000ms;
  story s(under_own_id(), rules);
  s.random01 = 0.9;
  s.sends().lost().looks().absent().looks();
  BOOST_TEST((s.waited == 1800ms));
  s.absent().sends();
  BOOST_TEST(!s.waited.has_value());
}

BOOST_AUTO_TEST_CASE(
    a_429_after_two_looks_ends_no_doubt_and_the_next_send_has_a_look_of_its_own_after_the_wait) {
  story s(under_own_id());
  s.sends().lost().looks().absent().looks().absent().sends().answered(429, "", 2s);
  // The gate has closed, and holds this call up like every other.
  s.preparing_for(2s).looks().found(0ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_refused_connect_ends_no_doubt_either) {
  story s(under_own_id());
  s.random01 = 0.5;
  s.sends().lost().looks().absent().looks().absent().refused_connect().looks();
  BOOST_TEST((s.waited_why == wait_reason::back_off));
  BOOST_TEST(s.waited.has_value());
  s.found(0ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(nor_does_a_401_and_a_renewed_key) {
  story s(under_own_id());
  s.sends().lost().looks().absent().looks().absent().sends().unauthorized();
  BOOST_TEST(s.wished().renew_key);
  s.looks().found(0ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(nor_does_a_gate_of_60_s) {
  story s(under_own_id(), within(90s));
  s.sends().lost().looks().absent().looks().absent().preparing_for(60s).looks();
  s.found(0ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_look_older_than_250_ms_permits_nothing) {
  story just(under_own_id());
  just.sends().lost().looks().absent().looks().absent().preparing_for(250ms).sends();
  story late(under_own_id());
  late.sends().lost().looks().absent().looks().absent().preparing_for(251ms).looks().absent().sends();
}

BOOST_AUTO_TEST_CASE(nor_does_one_that_was_sent_more_than_a_second_ago) {
  story s(under_own_id());
  s.sends().lost().looks().absent();
  s.takes = 1s;
  s.looks().absent().sends();
  story slow(under_own_id());
  slow.sends().lost().looks().absent();
  slow.takes = 1001ms;
  slow.looks().absent().looks();
}

BOOST_AUTO_TEST_CASE(looks_that_are_always_too_old_are_not_made_for_ever) {
  story s(under_own_id());
  s.sends().lost().looks().absent().looks().absent();
  for (int i = 0; i < 3; ++i) s.preparing_for(300ms).looks().absent();
  s.preparing_for(300ms);
  BOOST_TEST((s.machine.ready(s.at()).how == call_end::failed));
  BOOST_TEST(s.machine.acted() == server_action::unknown);
}

BOOST_AUTO_TEST_CASE(another_lost_answer_takes_two_looks_again) {
  story s(under_own_id());
  s.sends().lost().looks().absent().looks().absent().sends().lost().looks().absent().looks();
  BOOST_TEST((s.waited == 500ms));
  s.absent().sends().answered(200).ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(a_lasting_answer_while_in_doubt_is_the_error_only_after_one_look) {
  for (const int status : {400, 403, 404, 409, 413, 422, 501}) {
    story found(under_own_id());
    found.sends().lost().looks().absent().looks().absent().sends().answered(status).looks().found(0ms);
    found.ends(call_end::found, server_action::unknown);
    story none(under_own_id());
    none.sends().lost().looks().absent().looks().absent().sends().answered(status);
    BOOST_TEST(none.told());
    none.looks().absent().ends(call_end::failed, server_action::unknown);
  }
}

BOOST_AUTO_TEST_CASE(
    a_code_that_lasts_while_nothing_else_is_in_doubt_leaves_doubt_itself_and_is_looked_after_once) {
  story s(under_own_id());
  s.sends().answered(500, "WF_1302").looks().absent().ends(call_end::failed, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_lasting_answer_to_the_first_request_is_the_error) {
  story s(under_own_id());
  s.sends().answered(422).ends(call_end::failed, server_action::no).because(retry_end::none);
}

BOOST_AUTO_TEST_CASE(any_404_but_the_apis_own_proves_nothing) {
  story s(under_own_id());
  s.sends()
      .lost()
      .looks()
      .foreign_404()
      .looks()
      .absent()
      .looks()
      .answered(404, "WF_1201")
      .looks()
      .absent()
      .sends();
  story other(schedule());
  other.sends().lost().looks().absent("WF_1100").looks().absent("WF_1201").looks().absent("WF_1201").sends();
}

BOOST_AUTO_TEST_CASE(looks_that_prove_nothing_end_the_call_in_doubt_after_as_many_as_attempts) {
  story s(under_own_id());
  s.sends().lost();
  for (int i = 0; i < 4; ++i) s.looks().foreign_404();
  s.ends(call_end::failed, server_action::unknown).because(retry_end::attempts);
}

BOOST_AUTO_TEST_CASE(a_look_that_is_refused_for_good_ends_the_call_in_doubt) {
  story s(under_own_id());
  s.sends().lost().looks().answered(403).ends(call_end::failed, server_action::unknown);
  BOOST_TEST(!s.told());  // the error is the lost answer's
}

BOOST_AUTO_TEST_CASE(a_look_that_fails_is_made_again_and_those_before_it_count) {
  story s(under_own_id());
  s.sends().lost().looks().lost().looks().answered(429, "", 1s).preparing_for(1s).looks().absent();
  s.looks().answered(503).refused_connect().looks().absent().sends();
}

BOOST_AUTO_TEST_CASE(a_key_is_renewed_for_a_look_too_and_once_a_call) {
  story s(under_own_id());
  s.sends().lost().looks().unauthorized();
  BOOST_TEST(s.wished().renew_key);
  s.looks().unauthorized().ends(call_end::failed, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(the_last_attempt_is_looked_after_twice_too) {
  call_rules rules = within(60s);
  rules.max_attempts = 1;
  story s(under_own_id(), rules);
  s.sends().lost().looks();
  BOOST_TEST(!s.took_token);
  s.absent().looks().absent().ends(call_end::failed, server_action::unknown).because(retry_end::attempts);
}

BOOST_AUTO_TEST_CASE(when_the_last_attempt_met_a_429_one_look_follows) {
  call_rules rules = within(60s);
  rules.max_attempts = 2;
  story s(under_own_id(), rules);
  s.sends().lost().looks().absent().looks().absent().sends().answered(429);
  s.looks().found(0ms).ends(call_end::found, server_action::unknown).because(retry_end::attempts);
}

// The clock, and whose an execution is.

BOOST_AUTO_TEST_CASE(what_somebody_else_started_while_our_request_waited_for_a_connection_is_not_ours) {
  story s(under_callers_id());
  s.preparing_for(3s).sends().lost().looks().found(1500ms);
  s.ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(the_clock_starts_when_the_first_byte_leaves) {
  story ours(under_callers_id());
  ours.preparing_for(3s).sends().lost().looks().found(2s).ends(call_end::found, server_action::unknown);
  BOOST_TEST(!ours.machine.attached());
  story theirs(under_callers_id());
  theirs.preparing_for(3s).sends().lost().looks().found(2s - 1us).ends(call_end::unknown,
                                                                       server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_first_byte_that_left_later_than_the_request_began_moves_the_clock) {
  story s(under_callers_id());
  s.takes = 2s;
  request_end lost;
  lost.reached = reach::sent;
  lost.left_at = s.at().now + 2s;
  s.sends().ended(lost);
  s.takes = 0s;
  s.looks().found(1s - 1us).ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(what_a_cache_has_held_permits_no_start_and_tells_of_none_but_by_the_librarys_own_id) {
  story s(under_callers_id());
  s.age = 3600s;
  s.sends().lost().looks().absent().looks().found(0s).looks();
  s.age = 0s;
  s.found(0s).ends(call_end::found, server_action::unknown);
  story own(under_own_id());
  own.age = 3600s;
  own.sends().lost().looks().absent().looks().found(0s).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(what_a_start_began_before_the_machine_slept_is_its_own) {
  story s(under_callers_id());
  s.sends().lost().sleeps(10min).looks().found(1s).ends(call_end::found, server_action::unknown);
  story older(under_callers_id());
  older.sends().lost().sleeps(10min).looks().found(-2s).ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(attempts_known_not_to_have_acted_do_not_start_the_clock) {
  story s(under_callers_id(), within(90s));
  s.sends().answered(429, "", 30s).preparing_for(30s).sends().lost().looks().found(15s);
  s.ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(the_clock_is_that_of_the_earliest_request_in_doubt) {
  story s(under_callers_id());
  s.sends().lost().looks().absent().looks().absent().pass(5s);
  s.looks().absent().sends().lost().looks().found(100ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(the_time_that_an_answer_is_under_way_does_not_make_our_own_execution_too_old) {
  story s(under_callers_id());
  s.takes = 5s;
  s.sends().lost().looks().found(1ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(an_execution_of_another_workflow_or_without_a_date_is_not_provably_ours) {
  story other(under_callers_id());
  other.sends().lost().looks().found(0ms, "A", false, false).ends(call_end::unknown, server_action::unknown);
  story undated(under_callers_id());
  undated.dated = false;
  undated.sends().lost().looks().found(0ms).ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(an_id_that_is_proof_needs_no_time_and_no_workflow) {
  story s(under_own_id());
  s.dated = false;
  s.sends().lost().looks().found(-100s, "A", true, false).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_schedule_is_ours_if_it_is_as_was_sent) {
  story ours(schedule());
  ours.dated = false;
  ours.sends().lost().looks().found(-100s).ends(call_end::found, server_action::unknown);
  story theirs(schedule());
  theirs.sends().lost().looks().found(0s, "", false, false).ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(
    nothing_is_ours_where_no_request_of_this_call_can_have_acted_but_under_an_id_that_is_proof) {
  found_thing thing;
  thing.as_sent = true;
  thing.start_time = noon;
  protocol::doubt_evidence none;
  none.window.emplace();
  BOOST_TEST(!protocol::is_own(under_callers_id(), thing, none));
  BOOST_TEST(!protocol::is_own(schedule(), thing, none));
  BOOST_TEST(protocol::is_own(under_own_id(), thing, none));
}

// 409

BOOST_AUTO_TEST_CASE(a_409_for_an_id_that_the_library_made_is_about_this_very_request) {
  story s(under_own_id());
  s.sends().answered(409, "WF_1101").looks().found(0ms).ends(call_end::found, server_action::unknown);
  story gone(under_own_id());
  gone.sends().answered(409, "WF_1101").looks().absent().ends(call_end::failed, server_action::unknown);
  BOOST_TEST(gone.machine.sends() == 1);
}

BOOST_AUTO_TEST_CASE(other_409s_stay_plain_errors) {
  story s(under_own_id());
  s.sends().answered(409, "AMBIGUOUS_WORKFLOW").ends(call_end::failed, server_action::no);
}

BOOST_AUTO_TEST_CASE(a_409_for_a_callers_id_while_nothing_can_have_acted_is_somebody_elses) {
  story s(under_callers_id());
  s.sends().answered(429).sends().answered(409, "WF_1101").ends(call_end::failed, server_action::no);
  BOOST_TEST(s.told());
  story of_schedule(schedule());
  of_schedule.sends().answered(409).ends(call_end::failed, server_action::no);
}

BOOST_AUTO_TEST_CASE(a_409_for_a_callers_id_in_doubt_is_looked_after) {
  story ours(under_callers_id());
  ours.sends().lost().looks().absent().looks().absent().sends().answered(409, "WF_1101");
  ours.looks().found(10ms).ends(call_end::found, server_action::unknown);
  story theirs(under_callers_id());
  theirs.sends().lost().looks().absent().looks().absent().sends().answered(409, "WF_1101");
  theirs.looks().found(-5s).ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_running_execution_is_attached_to_when_asked) {
  story s(attaching());
  s.sends().answered(409, "WF_1101").looks().found(-10s).ends(call_end::found, server_action::no);
  BOOST_TEST(s.machine.attached());
  story after_doubt(attaching());
  after_doubt.sends().lost().looks().found(-10s).ends(call_end::found, server_action::unknown);
  BOOST_TEST(after_doubt.machine.attached());
  story ours(attaching());
  ours.sends().lost().looks().found(0s).ends(call_end::found, server_action::unknown);
  BOOST_TEST(!ours.machine.attached());
}

BOOST_AUTO_TEST_CASE(one_that_ended_before_it_was_attached_to_leaves_the_409) {
  story ended(attaching());
  ended.sends()
      .answered(409, "WF_1101")
      .looks()
      .found(-10s, "A", true)
      .ends(call_end::failed, server_action::no);
  story gone(attaching());
  gone.sends().answered(409, "WF_1101").looks().absent().ends(call_end::failed, server_action::no);
  story in_doubt(attaching());
  in_doubt.sends().lost().looks().found(-10s, "A", true).ends(call_end::unknown, server_action::unknown);
}

// Answers that are not what they should be

BOOST_AUTO_TEST_CASE(a_2xx_for_another_id_lets_nothing_be_sent_any_more) {
  story ours(under_own_id());
  ours.sends().misnamed().looks().found(0ms).ends(call_end::found, server_action::unknown);
  story none(under_own_id());
  none.sends().misnamed().looks().absent().ends(call_end::unknown, server_action::unknown);
  story refused(under_own_id());
  refused.sends().misnamed().looks().answered(403).ends(call_end::unknown, server_action::unknown);
  story unanswered(under_own_id());
  unanswered.sends().misnamed();
  for (int i = 0; i < 4; ++i) unanswered.looks().lost();
  unanswered.ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_2xx_whose_body_breaks_off_has_acted_and_lets_nothing_be_sent_any_more) {
  story s(under_own_id());
  s.sends().cut_after_head(200).looks().found(0ms).ends(call_end::found, server_action::yes);
  story none(under_own_id());
  none.sends().cut_after_head(200).looks().absent().looks().absent();
  none.ends(call_end::failed, server_action::yes);
}

BOOST_AUTO_TEST_CASE(a_2xx_whose_body_breaks_off_has_two_looks_as_far_apart_as_a_lost_answer) {
  story lags(under_own_id());
  lags.sends().cut_after_head(200).looks();
  BOOST_TEST(!lags.waited.has_value());
  lags.absent().looks();
  BOOST_TEST((lags.waited == 500ms));
  BOOST_TEST((lags.waited_why == wait_reason::distance));
  lags.found(0ms).ends(call_end::found, server_action::yes);

  story unanswered(under_own_id());
  unanswered.sends().cut_after_head(200).looks().lost().looks().foreign_404().looks().absent();
  unanswered.looks().found(0ms).ends(call_end::found, server_action::yes);

  story again(under_own_id());
  again.sends().lost().looks().absent().looks().absent().sends().cut_after_head(201).looks().absent();
  again.looks().found(0ms).ends(call_end::found, server_action::yes);

  story in_no_time(under_own_id(), within(400ms));
  in_no_time.sends().cut_after_head(200).looks().absent();
  in_no_time.ends(call_end::failed, server_action::yes).because(retry_end::beyond_deadline);
}

BOOST_AUTO_TEST_CASE(a_look_that_is_answered_for_another_id_proves_nothing) {
  story s(under_own_id());
  s.sends().lost().looks().misnamed().looks().found(0ms).ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
