#include "bulk/cores/batch_story.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <utility>
#include <vector>

using namespace bulk_test;

namespace {

/// Job 0 runs, 1 is being started, 2 and 3 are queued.
batch_story half_way() {
  batch_story batch(in_flight(2));
  batch.give(2);
  batch.wishes();
  batch.run(0);
  batch.give(2);
  return batch;
}

/// What it wishes, job by job, in a form to compare.
std::vector<std::pair<kind, job_id>> told(batch_story& batch) {
  std::vector<std::pair<kind, job_id>> all;
  for (const batch_wish& wish : batch.wishes()) all.emplace_back(wish.what, wish.job);
  return all;
}

using wish_list = std::vector<std::pair<kind, job_id>>;

}  // namespace

BOOST_AUTO_TEST_SUITE(bulk_batch_stops)

BOOST_AUTO_TEST_CASE(a_stopped_batch_starts_nothing_and_tells_what_was_not_started) {
  batch_story batch = half_way();
  batch.core.stop(stop_how::drain);
  BOOST_TEST((told(batch) == wish_list{{kind::give_up, 2}, {kind::give_up, 3}}));
  BOOST_TEST(!batch.core.may_take());
  batch.finish(2, job_end::not_started);
  batch.finish(3, job_end::not_started);
  batch.run(1);
  BOOST_TEST(batch.wishes().empty());
  batch.finish(0);
  batch.finish(1);
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
  BOOST_TEST((batch.core.stopped_by() == stop_cause::asked));
}

BOOST_AUTO_TEST_CASE(
    leaving_makes_outcomes_of_running_jobs_and_of_the_one_being_started_when_that_is_answered) {
  batch_story batch = half_way();
  batch.core.stop(stop_how::leave);
  BOOST_TEST((told(batch) == wish_list{{kind::give_up, 2}, {kind::give_up, 3}, {kind::leave, 0}}));
  batch.run(1);
  BOOST_TEST((told(batch) == wish_list{{kind::leave, 1}}));
}

BOOST_AUTO_TEST_CASE(cancelling_ends_running_jobs_and_waits_for_them) {
  batch_story batch = half_way();
  batch.core.stop(stop_how::cancel);
  const auto wishes = batch.wishes();
  BOOST_REQUIRE(wishes.size() == 3u);
  BOOST_TEST((wishes[2].what == kind::end));
  BOOST_TEST((wishes[2].how == stop_how::cancel));
  BOOST_TEST(wishes[2].job == 0u);
  batch.run(1);
  BOOST_TEST((told(batch) == wish_list{{kind::end, 1}}));
  batch.finish(0, job_end::canceled);
  batch.finish(1, job_end::completed);
  BOOST_TEST(batch.core.numbers(batch.now).failures == 0u);
}

BOOST_AUTO_TEST_CASE(a_stronger_stop_follows_a_weaker_one_and_never_the_other_way) {
  batch_story batch = half_way();
  batch.core.stop(stop_how::drain);
  batch.wishes();
  batch.core.stop(stop_how::terminate);
  auto wishes = batch.wishes();
  BOOST_REQUIRE(wishes.size() == 1u);
  BOOST_TEST((wishes[0].how == stop_how::terminate));
  batch.core.stop(stop_how::cancel);
  batch.core.stop(stop_how::drain);
  BOOST_TEST(batch.wishes().empty());
  batch.core.stop(stop_how::leave);
  BOOST_TEST((told(batch) == wish_list{{kind::leave, 0}}));
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_after_the_stop_is_not_tried_again) {
  for (const blame whose : {blame::batch, blame::quota, blame::passing}) {
    batch_story batch = half_way();
    batch.core.stop(stop_how::drain);
    batch.wishes();
    BOOST_TEST((batch.fail(1, whose) == after_failure::not_started));
    batch.finish(1, job_end::not_started);
    BOOST_TEST(batch.wishes().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_job_that_comes_after_the_stop_has_an_outcome_too) {
  batch_story batch(in_flight(2));
  batch.core.taking();
  batch.core.taking();
  batch.core.stop(stop_how::leave);
  batch.core.arrived(0);
  batch.core.found_running(1, std::nullopt);
  BOOST_TEST((told(batch) == wish_list{{kind::give_up, 0}, {kind::leave, 1}}));
}

BOOST_AUTO_TEST_CASE(what_runs_since_an_earlier_life_is_drained_or_ended_like_the_rest) {
  batch_story drained(in_flight(1));
  drained.core.taking();
  drained.core.found_running(0, std::nullopt);
  drained.core.stop(stop_how::drain);
  BOOST_TEST((told(drained) == wish_list{{kind::take_up, 0}}));

  batch_story cancelled(in_flight(1));
  cancelled.core.taking();
  cancelled.core.found_running(0, std::nullopt);
  cancelled.core.stop(stop_how::cancel);
  BOOST_TEST((told(cancelled) == wish_list{{kind::take_up, 0}, {kind::end, 0}}));
}

BOOST_AUTO_TEST_CASE(so_many_failures_stop_it_and_what_is_in_flight_may_still_end) {
  batch_rules rules = in_flight(4);
  rules.stop_after = 2;
  batch_story batch(rules);
  batch.give(4);
  for (const job_id job : batch.all_of(kind::start)) batch.run(job);
  batch.finish(0, job_end::failed);
  BOOST_TEST((batch.core.state() == batch_state::running));
  batch.finish(1, job_end::timed_out);
  BOOST_TEST((batch.core.state() == batch_state::stopping));
  BOOST_TEST((batch.core.stopped_by() == stop_cause::failures));
  batch.finish(2);
  batch.finish(3, job_end::failed);
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_share_of_failures_stops_it_once_enough_have_ended) {
  batch_rules rules = in_flight(10);
  rules.stop_above = 50;
  rules.at_least = 4;
  batch_story batch(rules);
  batch.give(10);
  batch.wishes();
  batch.finish(0, job_end::failed);
  batch.finish(1, job_end::failed);
  batch.finish(2);
  batch.finish(3);
  BOOST_TEST((batch.core.state() == batch_state::running));  // exactly half
  batch.finish(4, job_end::overdue);
  BOOST_TEST((batch.core.state() == batch_state::stopping));
}

BOOST_AUTO_TEST_CASE(a_source_that_fails_stops_it) {
  batch_story batch = half_way();
  batch.core.taking();
  batch.core.source_failed();
  BOOST_TEST((batch.core.stopped_by() == stop_cause::source));
  BOOST_TEST((told(batch) == wish_list{{kind::give_up, 2}, {kind::give_up, 3}}));
}

BOOST_AUTO_TEST_CASE(a_paused_batch_can_be_stopped_and_a_stopped_one_not_paused) {
  batch_story batch = half_way();
  batch.core.pause("lunch");
  batch.core.stop(stop_how::drain);
  batch.core.pause("again");
  batch.core.go_on(batch.now);
  BOOST_TEST((batch.core.state() == batch_state::stopping));
  BOOST_TEST(batch.core.paused_because().empty());
  BOOST_TEST(batch.all_of(kind::give_up).size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
