#include "bulk/cores/batch_story.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

using namespace bulk_test;

namespace {

/// So many starts are under way and fail by the batch's fault.
void fail_in_a_row(batch_story& batch, int times, const std::string& why = "no network") {
  const auto under_way = batch.all_of(kind::start);
  BOOST_REQUIRE(under_way.size() >= static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i)
    BOOST_TEST(
        (batch.fail(under_way[static_cast<std::size_t>(i)], blame::batch, why) == after_failure::again));
}

batch_rules pause_after(int failures, std::size_t most = 4) {
  batch_rules rules = in_flight(most);
  rules.failures_before_pause = failures;
  return rules;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bulk_batch_pauses)

BOOST_AUTO_TEST_CASE(so_many_failures_of_the_batch_in_a_row_pause_it_and_say_why) {
  batch_story batch(pause_after(3));
  batch.give(4);
  fail_in_a_row(batch, 3);
  BOOST_TEST((batch.core.state() == batch_state::paused_by_trouble));
  BOOST_TEST(batch.core.paused_because() == "no network");
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST((batch.core.wake().value() == batch.now + 2s));
}

BOOST_AUTO_TEST_CASE(a_success_between_failures_keeps_the_batch_running) {
  batch_story batch(pause_after(3));
  batch.give(4);
  batch.wishes();
  batch.fail(0, blame::batch);
  batch.fail(1, blame::batch);
  batch.run(2);
  batch.fail(3, blame::batch);
  BOOST_TEST((batch.core.state() == batch_state::running));
}

BOOST_AUTO_TEST_CASE(a_pause_costs_no_job_an_attempt_and_they_are_first_in_the_queue) {
  batch_story batch(pause_after(3));
  batch.give(4);
  fail_in_a_row(batch, 3);
  batch.give(4);
  batch.run(3);
  BOOST_TEST((batch.core.state() == batch_state::running));  // the fourth came through
  std::vector<job_id> started = batch.all_of(kind::start);
  for (const job_id job : {0, 1, 2}) BOOST_TEST(batch.core.attempts(job) == 0);
  BOOST_TEST(std::count_if(started.begin(), started.end(), [](job_id job) { return job < 3; }) >= 2);
}

BOOST_AUTO_TEST_CASE(one_start_is_the_probe_and_its_success_ends_the_pause) {
  batch_story batch(pause_after(4));
  batch.give(4);
  fail_in_a_row(batch, 4);
  batch.pass(2s);
  const auto wishes = batch.wishes();
  BOOST_REQUIRE(wishes.size() == 1u);
  BOOST_TEST(wishes[0].probe);
  BOOST_TEST((batch.core.state() == batch_state::probing));
  batch.run(wishes[0].job);
  BOOST_TEST((batch.core.state() == batch_state::running));
  BOOST_TEST(batch.core.paused_because().empty());
  BOOST_TEST(batch.all_of(kind::start).size() == 3u);
}

BOOST_AUTO_TEST_CASE(probes_that_fail_are_further_and_further_apart_up_to_a_minute) {
  batch_story batch(pause_after(4));
  batch.give(4);
  fail_in_a_row(batch, 4);
  for (const auto wait : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    BOOST_TEST(batch.wishes().empty());
    BOOST_TEST((batch.core.wake().value() == batch.now + wait));
    batch.pass(wait);
    const auto probe = batch.wishes();
    BOOST_REQUIRE(probe.size() == 1u);
    batch.fail(probe[0].job, blame::batch, "still no network");
  }
  BOOST_TEST(batch.core.paused_because() == "still no network");
  for (const job_id job : {0, 1, 2, 3}) BOOST_TEST(batch.core.attempts(job) == 0);
}

BOOST_AUTO_TEST_CASE(a_probe_that_the_service_refuses_for_its_input_ends_the_pause_too) {
  batch_story batch(pause_after(4));
  batch.give(4);
  fail_in_a_row(batch, 4);
  batch.pass(2s);
  const auto probe = batch.wishes();
  BOOST_TEST((batch.fail(probe[0].job, blame::job) == after_failure::refused));
  BOOST_TEST((batch.core.state() == batch_state::running));
}

BOOST_AUTO_TEST_CASE(refusals_of_starts_that_left_before_the_caller_went_on_bring_no_pause_for_a_quota) {
  batch_story batch(pause_after(3));
  batch.give(4);
  batch.wishes();
  batch.fail(0, blame::quota, "quota");
  batch.core.go_on(batch.now);
  BOOST_TEST((batch.fail(1, blame::quota, "quota", 600s) == after_failure::again));
  const auto probe = batch.wishes();
  BOOST_REQUIRE(probe.size() == 1u);
  BOOST_TEST(probe[0].probe);
  BOOST_TEST((batch.fail(2, blame::quota, "quota", 600s) == after_failure::again));
  BOOST_TEST((batch.core.state() == batch_state::probing));
  batch.run(probe[0].job);
  BOOST_TEST((batch.core.state() == batch_state::running));
}

BOOST_AUTO_TEST_CASE(a_probe_that_a_quota_refuses_after_the_caller_went_on_is_followed_by_another_at_once) {
  batch_story batch(pause_after(3));
  batch.give(4);
  batch.wishes();
  batch.fail(0, blame::quota, "quota", 600s);
  for (const job_id job : {1, 2, 3}) batch.run(job);
  batch.pass(600s);
  const auto first = batch.wishes();
  BOOST_REQUIRE(first.size() == 1u);
  BOOST_TEST(first[0].probe);
  batch.core.go_on(batch.now);
  BOOST_TEST((batch.fail(first[0].job, blame::quota, "quota", 600s) == after_failure::again));
  const auto second = batch.wishes();
  BOOST_REQUIRE(second.size() == 1u);
  BOOST_TEST(second[0].probe);
  // That one left after the caller's word: what it hears counts.
  BOOST_TEST((batch.fail(second[0].job, blame::quota, "quota", 600s) == after_failure::again));
  BOOST_TEST((batch.core.state() == batch_state::paused_by_quota));
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST((batch.core.wake().value() == batch.now + 600s));
}

BOOST_AUTO_TEST_CASE(a_quota_pauses_at_once_for_the_time_that_the_server_says) {
  batch_story batch(pause_after(3));
  batch.give(4);
  batch.wishes();
  BOOST_TEST((batch.fail(0, blame::quota, "quota", 600s) == after_failure::again));
  batch.run(1);  // sent before: says nothing about the quota
  BOOST_TEST((batch.core.state() == batch_state::paused_by_quota));
  BOOST_TEST(batch.core.paused_because() == "quota");
  batch.pass(599s);
  BOOST_TEST(batch.wishes().empty());
  batch.pass(1s);
  const auto probe = batch.wishes();
  BOOST_REQUIRE(probe.size() == 1u);
  BOOST_TEST((batch.fail(probe[0].job, blame::quota, "quota") == after_failure::again));
  BOOST_TEST((batch.core.state() == batch_state::paused_by_quota));
  batch.pass(60s);
  const auto second = batch.wishes();
  BOOST_REQUIRE(second.size() == 1u);
  batch.run(second[0].job);
  BOOST_TEST((batch.core.state() == batch_state::running));
}

BOOST_AUTO_TEST_CASE(the_caller_may_try_before_a_quotas_time_is_over) {
  batch_story batch(in_flight(4));
  batch.give(4);
  batch.wishes();
  batch.core.throttled(batch.now, 600s, batch.now);
  batch.fail(0, blame::quota, "quota", 600s);
  batch.pass(10s);
  BOOST_TEST(batch.wishes().empty());
  batch.core.go_on(batch.now);
  BOOST_TEST(batch.wishes().size() == 1u);
  BOOST_TEST((batch.core.state() == batch_state::probing));
}

BOOST_AUTO_TEST_CASE(the_caller_pauses_and_goes_on) {
  batch_story batch(in_flight(2));
  batch.give(2);
  batch.core.pause("lunch");
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST(!batch.core.wake());
  BOOST_TEST(batch.core.paused_because() == "lunch");
  batch.core.go_on(batch.now);
  BOOST_TEST(batch.wishes().size() == 2u);
}

BOOST_AUTO_TEST_CASE(jobs_end_and_are_handed_out_while_paused_and_the_batch_may_be_over) {
  batch_story batch(in_flight(2));
  batch.give(1);
  batch.wishes();
  batch.end_source();
  batch.core.pause("lunch");
  batch.run(0);
  batch.finish(0);
  BOOST_TEST(batch.all_of(kind::over).size() == 1u);
}

BOOST_AUTO_TEST_CASE(going_on_in_trouble_tries_one_job_now) {
  batch_story batch(pause_after(4));
  batch.give(4);
  fail_in_a_row(batch, 4);
  batch.core.go_on(batch.now);
  const auto first = batch.wishes();
  BOOST_REQUIRE(first.size() == 1u);
  BOOST_TEST(first[0].probe);
  batch.fail(first[0].job, blame::batch);
  batch.core.pause("by me");
  BOOST_TEST(batch.core.paused_because() == "by me");
  batch.pass(1h);
  BOOST_TEST(batch.wishes().empty());
  batch.core.go_on(batch.now);
  BOOST_TEST(batch.wishes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_lost_journal_pauses_at_once) {
  batch_story batch(pause_after(100));
  batch.give(2);
  batch.core.trouble("journal gone", batch.now);
  BOOST_TEST(batch.wishes().empty());
  BOOST_TEST(batch.core.paused_because() == "journal gone");
  batch.pass(2s);
  BOOST_TEST(batch.wishes().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_journal_that_is_there_again_ends_its_pause_without_a_start) {
  batch_story batch(pause_after(100));
  batch.core.trouble("journal gone", batch.now);
  BOOST_TEST((batch.core.state() == batch_state::paused_by_trouble));
  batch.core.trouble_is_over();
  BOOST_TEST((batch.core.state() == batch_state::running));
  BOOST_TEST(batch.core.paused_because().empty());
}

BOOST_AUTO_TEST_CASE(a_journal_that_is_there_again_ends_no_pause_that_starts_or_the_caller_brought) {
  batch_story failing(pause_after(3));
  failing.give(4);
  fail_in_a_row(failing, 3);
  failing.core.trouble("journal gone", failing.now);
  failing.core.trouble_is_over();
  BOOST_TEST((failing.core.state() == batch_state::paused_by_trouble));

  batch_story quiet(pause_after(3));
  quiet.core.trouble("journal gone", quiet.now);
  quiet.core.pause("by me");
  quiet.core.trouble_is_over();
  BOOST_TEST((quiet.core.state() == batch_state::paused_by_caller));
  quiet.core.go_on(quiet.now);
  BOOST_TEST((quiet.core.state() == batch_state::running));
}

BOOST_AUTO_TEST_CASE(a_journal_that_is_lost_for_a_while_takes_no_reason_from_a_pause_for_a_quota) {
  batch_story batch(pause_after(3));
  batch.give(2);
  batch.wishes();
  batch.fail(0, blame::quota, "too many", 600s);
  batch.core.trouble("journal gone", batch.now);
  batch.core.trouble_is_over();
  BOOST_TEST((batch.core.state() == batch_state::paused_by_quota));
  BOOST_TEST(batch.core.paused_because() == "too many");
}

BOOST_AUTO_TEST_CASE(a_server_that_asks_for_patience_is_given_it_without_a_pause) {
  batch_story batch(pause_after(1));
  batch.give(4);
  batch.wishes();
  BOOST_TEST((batch.fail(0, blame::passing, "429", 3s) == after_failure::again));
  BOOST_TEST((batch.core.state() == batch_state::running));
  BOOST_TEST(batch.wishes().empty());
  batch.pass(3s);
  BOOST_TEST(batch.all_of(kind::start) == (jobs{0}), boost::test_tools::per_element());
  BOOST_TEST(batch.core.attempts(0) == 0);
}

// Whatever is sent for job 0 is answered with 500, all else works.
BOOST_AUTO_TEST_CASE(a_job_that_can_never_be_started_ends_by_its_own_fault_and_holds_up_nobody) {
  for (const std::size_t most : {1, 4}) {
    batch_story batch(pause_after(5, most));
    int tries = 0;
    std::set<job_id> done;
    for (int round = 0; round < 200 && done.size() < 20; ++round) {
      batch.give(4);
      for (const batch_wish& wish : batch.wishes()) {
        if (wish.job != 0) {
          batch.run(wish.job);
          batch.finish(wish.job);
          done.insert(wish.job);
        } else if (++tries; batch.fail(0, blame::batch) == after_failure::refused) {
          batch.finish(0, job_end::refused);
          done.insert(0);
        }
      }
      batch.pass(100ms);
    }
    BOOST_TEST(done.count(0) == 1u);
    BOOST_TEST(tries >= batch_core::most_strikes);
    BOOST_TEST(tries <= batch_core::most_strikes + 2);  // some before any other was started
    BOOST_TEST((batch.core.state() == batch_state::running));
  }
}

BOOST_AUTO_TEST_SUITE_END()
