#include "bulk/batch_core.hpp"

#include "bulk/cores/batch_story.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <vector>

using namespace bulk_test;

BOOST_AUTO_TEST_SUITE(bulk_batch_core)

BOOST_AUTO_TEST_CASE(jobs_start_in_order_before_the_source_has_ended) {
  batch_story batch(in_flight(3));
  BOOST_TEST(batch.give(100) == 3);
  BOOST_TEST(batch.all_of(kind::start) == (jobs{0, 1, 2}), boost::test_tools::per_element());
  BOOST_TEST(batch.give(100) == 3);
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST(batch.core.numbers(batch.now).starting == 3u);
}

BOOST_AUTO_TEST_CASE(a_job_takes_its_place_until_its_outcome_is_taken) {
  batch_story batch(in_flight(1));
  batch.give(1);
  batch.all_of(kind::start);
  batch.give(1);
  batch.run(0);
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST(batch.core.ended(0, job_end::completed, batch.now));
  BOOST_TEST(batch.wishes().empty());
  batch.core.handed_out(0);
  BOOST_TEST(batch.all_of(kind::start) == (jobs{1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_job_has_one_outcome) {
  batch_story batch;
  batch.give(1);
  batch.wishes();
  batch.run(0);
  BOOST_TEST(batch.core.ended(0, job_end::completed, batch.now));
  BOOST_TEST(!batch.core.ended(0, job_end::overdue, batch.now));
  batch.core.handed_out(0);
  BOOST_TEST(!batch.core.ended(0, job_end::failed, batch.now));
  batch.core.acknowledged(0);
  BOOST_TEST(!batch.core.ended(0, job_end::failed, batch.now));
  const batch_numbers numbers = batch.core.numbers(batch.now);
  BOOST_TEST(numbers.done == 1u);
  BOOST_TEST(numbers.by_end[static_cast<std::size_t>(job_end::completed)] == 1u);
}

BOOST_AUTO_TEST_CASE(a_job_may_end_before_its_start_is_answered) {
  batch_story batch;
  batch.give(1);
  batch.wishes();
  BOOST_TEST(batch.core.ended(0, job_end::completed, batch.now));
  batch.run(0);
  BOOST_TEST(batch.core.numbers(batch.now).running == 0u);
  BOOST_TEST(batch.core.numbers(batch.now).waiting == 1u);
  BOOST_TEST((batch.fail(0, blame::batch) == after_failure::nothing));
  BOOST_TEST(batch.core.attempts(0) == 1);
}

BOOST_AUTO_TEST_CASE(it_is_over_when_every_outcome_was_taken) {
  batch_story batch(in_flight(2));
  batch.give(2);
  batch.wishes();
  batch.end_source();
  batch.run(0);
  batch.run(1);
  batch.finish(0);
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST(batch.core.ended(1, job_end::failed, batch.now));
  BOOST_TEST(batch.wishes().empty());
  batch.core.handed_out(1);
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST((batch.core.state() == batch_state::over));
}

BOOST_AUTO_TEST_CASE(an_empty_source_is_a_batch_that_is_over) {
  batch_story batch;
  batch.end_source();
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_job_that_the_source_still_owes_keeps_the_batch_open) {
  batch_story batch;
  batch.core.taking();
  batch.end_source();
  BOOST_TEST(batch.wishes().empty());
  batch.core.passed_over();
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
}

BOOST_AUTO_TEST_CASE(fewer_in_flight_are_allowed_while_it_runs) {
  batch_story batch(in_flight(3));
  batch.give(3);
  for (const job_id job : batch.all_of(kind::start)) batch.run(job);
  batch.core.set_most_in_flight(1);
  batch.give(3);
  batch.finish(0);
  batch.finish(1);
  BOOST_TEST(batch.wishes().empty());
  batch.finish(2);
  BOOST_TEST(batch.wishes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(starts_keep_to_the_callers_rate_and_say_when_to_ask_again) {
  batch_rules rules = in_flight(100);
  rules.starts_per_second = 2;
  batch_story batch(rules);
  batch.give(10);
  BOOST_TEST(batch.wishes().size() == 1u);
  BOOST_TEST((batch.core.wake().value() - batch.now <= 500ms));
  batch.now = *batch.core.wake();
  BOOST_TEST(batch.wishes().size() == 1u);
  batch.core.set_starts_per_second(1000, batch.now);
  batch.pass(100ms);
  BOOST_TEST(batch.wishes().size() > 1u);
}

BOOST_AUTO_TEST_CASE(a_job_of_its_own_fault_has_its_outcome_and_the_others_go_on) {
  batch_story batch(in_flight(4));
  batch.give(4);
  batch.wishes();
  for (const job_id job : {0, 1, 2, 3}) {
    BOOST_TEST((batch.fail(job, blame::job) == after_failure::refused));
    batch.finish(job, job_end::refused);
  }
  BOOST_TEST((batch.core.state() == batch_state::running));
  BOOST_TEST(batch.core.numbers(batch.now).failures == 4u);
  BOOST_TEST(batch.give(4) == 4);
  BOOST_TEST(!batch.wishes().empty());
}

BOOST_AUTO_TEST_CASE(what_an_earlier_life_left_is_taken_up_or_handed_out_again_and_never_started) {
  batch_story batch(in_flight(2));
  batch.core.taking();
  batch.core.found_running(10, std::nullopt);
  batch.core.taking();
  batch.core.found_ended(11, job_end::failed);
  BOOST_TEST(batch.core.may_take());
  BOOST_TEST(batch.all_of(kind::take_up) == (jobs{10}), boost::test_tools::per_element());
  batch.core.taking();
  batch.core.found_acknowledged(job_end::completed);
  batch.finish(10);
  batch.take(11);
  const batch_numbers numbers = batch.core.numbers(batch.now);
  BOOST_TEST(numbers.taken == 3u);
  BOOST_TEST(numbers.found == 2u);
  BOOST_TEST(numbers.done == 3u);
  BOOST_TEST(numbers.failures == 0u);
  batch.end_source();
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_running_job_is_overdue_at_its_deadline_and_not_before) {
  batch_story batch;
  batch.give(3);
  batch.wishes();
  batch.run(0, batch.now + 5s);
  batch.run(1, batch.now + 3s);
  batch.run(2);
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST((batch.core.wake().value() == batch.now + 3s));
  batch.pass(3s);
  BOOST_TEST(batch.all_of(kind::overdue) == (jobs{1}), boost::test_tools::per_element());
  batch.finish(1, job_end::overdue);
  batch.finish(0);
  batch.pass(10s);
  BOOST_TEST(batch.wishes().empty());
}

BOOST_AUTO_TEST_CASE(progress_tells_rates_and_what_remains) {
  batch_rules rules = in_flight(1000);
  rules.jobs = 200;
  batch_story batch(rules);
  batch.give(1000);
  job_id next = 0;
  for (int second = 0; second < 10; ++second) {
    for (int i = 0; i < 10; ++i, ++next) {
      batch.wishes();
      BOOST_REQUIRE(batch.core.ended(next, job_end::completed, batch.now));
      batch.take(next);
      batch.pass(100ms);
    }
  }
  const batch_numbers numbers = batch.core.numbers(batch.now);
  BOOST_TEST(numbers.ends_per_second == 10, boost::test_tools::tolerance(0.05));
  BOOST_TEST(numbers.mean_ends_per_second == 10, boost::test_tools::tolerance(0.05));
  BOOST_TEST(std::chrono::duration<double>(numbers.remaining.value()).count() == 10,
             boost::test_tools::tolerance(0.05));
  batch.pass(60s);
  BOOST_TEST(batch.core.numbers(batch.now).ends_per_second < 0.1);
}

BOOST_AUTO_TEST_SUITE_END()
