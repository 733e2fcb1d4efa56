// Cancel and terminate: no run is ended but the one that
// is meant, and none is said to have ended that goes on.
#include "protocol/calls/story.hpp"

using namespace calls;

BOOST_AUTO_TEST_SUITE(call_endings)

BOOST_AUTO_TEST_CASE(a_lost_ending_is_sent_again_while_the_same_run_goes_on) {
  story s(ending_of());
  s.random01 = 0.5;
  s.sends().lost().looks();
  BOOST_TEST((s.waited == 125ms));  // the look is the last thing waited for
  s.found(-1h).sends().answered(204).ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(it_is_done_where_the_run_has_ended_or_is_gone) {
  story ended(ending_of());
  ended.sends().lost().looks().found(-1h, "A", true).ends(call_end::found, server_action::unknown);
  story gone(ending_of());
  gone.sends().lost().looks().absent().ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_foreign_404_does_not_say_that_it_is_done) {
  story s(ending_of());
  s.sends().lost().looks().foreign_404().looks().found(-1h).sends().answered(204);
  s.ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(a_newer_run_is_not_touched_when_a_429_came_between) {
  story s(ending_of());
  s.sends().lost().looks().found(-1h, "A").sends().answered(429).looks().found(1s, "B");
  s.ends(call_end::found, server_action::unknown);
  BOOST_TEST(s.machine.sends() == 2);
}

BOOST_AUTO_TEST_CASE(each_repeat_has_a_look_of_its_own_not_older_than_250_ms) {
  story s(ending_of());
  s.sends().lost().looks().found(-1h, "A").preparing_for(251ms).looks().found(-1h, "A").sends().lost();
  s.looks().found(-1h, "A").sends().answered(204);
}

// The steady clock does not count it: a run that began meanwhile looked older than the request.
BOOST_AUTO_TEST_CASE(a_run_that_began_while_the_machine_slept_is_left_alone) {
  story s(ending_of());
  s.sends().lost().sleeps(10min).looks().found(5min, "B").ends(call_end::found, server_action::unknown);
  BOOST_TEST(s.machine.sends() == 1);
  story older(ending_of());
  older.sends().lost().sleeps(10min).looks().found(-1h, "A").sends();
}

BOOST_AUTO_TEST_CASE(a_look_that_the_machine_slept_over_is_older_than_250_ms) {
  story s(ending_of());
  s.sends().lost().looks().found(-1h, "A").sleeps(1s).looks().found(-1h, "A").sends();
}

BOOST_AUTO_TEST_CASE(a_run_that_began_within_the_second_of_the_date_is_left_alone_and_said) {
  story s(ending_of());
  s.sends().lost().looks().found(50ms, "B").ends(call_end::unknown, server_action::unknown);
  BOOST_REQUIRE(s.machine.window().has_value());
  BOOST_TEST((s.machine.window()->begin == noon));
  BOOST_TEST((s.machine.window()->end == noon + 1s));
}

// The clock that stamps runs and the one of `Date` may differ by a second.
BOOST_AUTO_TEST_CASE(so_is_a_run_that_was_stamped_up_to_a_second_before_or_after_it) {
  for (const auto began : {-1'000'000us, -200'000us, 1'000'000us, 1'999'999us}) {
    story s(ending_of());
    s.sends().lost().looks().found(began, "B").ends(call_end::unknown, server_action::unknown);
    BOOST_TEST(s.machine.sends() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_began_further_before_or_after_that_second_is_decided) {
  story before(ending_of());
  before.sends().lost().looks().found(-1'000'001us).sends();
  story after(ending_of());
  after.sends().lost().looks().found(2s).ends(call_end::found, server_action::unknown);
}

// An older run, or one that a handle does not mean, may have been followed by another since.
BOOST_AUTO_TEST_CASE(what_a_cache_has_held_permits_nothing_and_ends_nothing) {
  const auto look_again_after = [](const std::function<void(story&)>& cached) {
    for (const bool has_run : {false, true}) {
      story s(has_run ? ending_of("A") : ending_of());
      s.age = 30s;
      cached(s.sends().lost().looks());
      s.age = 0s;
      s.looks().found(-1h, "A").sends().answered(204);
    }
  };
  look_again_after([](story& s) { s.found(-1h, "A"); });
  look_again_after([](story& s) { s.found(-1h, "B", true); });
  look_again_after([](story& s) { s.absent(); });
}

BOOST_AUTO_TEST_CASE(a_known_run_id_decides_without_the_clock) {
  story same(ending_of("A"));
  same.dated = false;
  same.sends().lost().looks().found(200ms, "A").sends();
  story other(ending_of("A"));
  other.dated = false;
  other.sends().lost().looks().found(50ms, "B").ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_run_id_is_the_same_in_upper_and_in_lower_case) {
  story asked_in_upper(ending_of("01934C6E-7A3B-7DEF-8ABC-00000000000A"));
  asked_in_upper.sends().lost().looks().found(-1h, "01934c6e-7a3b-7def-8abc-00000000000a").sends();
  story shown_in_upper(ending_of("01934c6e-7a3b-7def-8abc-00000000000a"));
  shown_in_upper.sends().lost().looks().found(-1h, "01934C6E-7A3B-7DEF-8ABC-00000000000A").sends();
}

BOOST_AUTO_TEST_CASE(an_earlier_look_gives_the_run_id) {
  story s(ending_of());
  s.sends().lost().looks().found(-2s, "A").sends().lost().looks().found(-2s, "B");
  s.ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(
    a_look_without_a_run_id_goes_by_the_clock_and_repeats_nothing_where_a_certain_run_is_meant) {
  story none_known(ending_of());
  none_known.sends().lost().looks().found(-2s, "").sends().lost().looks().found(-2s, "A").sends();
  story known(ending_of("A"));
  known.sends().lost().looks().found(-2s, "").ends(call_end::unknown, server_action::unknown);
  story newer(ending_of("A"));
  newer.sends().lost().looks().found(2s, "").ends(call_end::found, server_action::unknown);
  story undated(ending_of());
  undated.dated = false;
  undated.sends().lost().looks().found(-1h).ends(call_end::unknown, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_run_younger_than_the_call_and_older_than_its_request_does_not_mean_done) {
  story s(ending_of());
  s.preparing_for(3s).sends().lost().looks().found(1500ms).sends().answered(204);
  s.ends(call_end::answered, server_action::yes);
}

BOOST_AUTO_TEST_CASE(not_running_means_done_on_a_repeat_only) {
  story first(ending_of());
  first.sends().answered(409, "WF_1102").ends(call_end::failed, server_action::no);
  story after_429(ending_of());
  after_429.sends().answered(429).sends().absent().ends(call_end::failed, server_action::no);
  story again(ending_of());
  again.sends()
      .lost()
      .looks()
      .found(-1h)
      .sends()
      .answered(409, "WF_1102")
      .ends(call_end::found, server_action::unknown);
  story gone(ending_of());
  gone.sends().lost().looks().found(-1h).sends().absent().ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(a_lasting_answer_while_in_doubt_is_the_error_only_after_one_look) {
  story on(ending_of());
  on.sends().lost().looks().found(-1h).sends().answered(403).looks().found(-1h);
  on.ends(call_end::failed, server_action::unknown);
  story done(ending_of());
  done.sends().lost().looks().found(-1h).sends().answered(403).looks().found(-1h, "A", true);
  done.ends(call_end::found, server_action::unknown);
}

BOOST_AUTO_TEST_CASE(after_the_last_attempt_one_look_follows_at_once) {
  call_rules rules = within(60s);
  rules.max_attempts = 1;
  story s(ending_of(), rules);
  s.random01 = 0.9;
  s.sends().lost().looks();
  BOOST_TEST(!s.waited.has_value());
  s.found(-1h).ends(call_end::failed, server_action::unknown).because(retry_end::attempts);
}

BOOST_AUTO_TEST_SUITE_END()
