// How long a repeat waits, and whether the client affords it.
#include "protocol/calls/backoff.hpp"
#include "protocol/calls/pause.hpp"
#include "protocol/calls/retry_budget.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(pacing)

BOOST_AUTO_TEST_CASE(back_off_doubles_its_ceiling_up_to_the_maximum_and_begins_anew_after_progress) {
  backoff waits(250ms, 1000ms);
  BOOST_TEST((waits.next(0.5) == 125ms));
  BOOST_TEST((waits.next(0.5) == 250ms));
  BOOST_TEST((waits.next(0.5) == 500ms));
  BOOST_TEST((waits.next(0.5) == 500ms));
  BOOST_TEST((waits.next(0.0) == 0ms));
  waits.reset();
  BOOST_TEST((waits.next(0.5) == 125ms));
}

BOOST_AUTO_TEST_CASE(a_budget_allows_a_bucket_full_of_repeats_and_is_refilled_by_success_and_time) {
  const retry_budget::time_point start{1h};
  retry_budget budget(2, 0.5, 10);
  BOOST_TEST(budget.full());
  BOOST_TEST(budget.take(start));
  BOOST_TEST(budget.take(start));
  BOOST_TEST(!budget.take(start));
  budget.succeeded(start);
  BOOST_TEST(!budget.take(start));
  budget.succeeded(start);
  BOOST_TEST(budget.take(start));
  BOOST_TEST(!budget.take(start + 99ms));
  BOOST_TEST(budget.take(start + 100ms));
  budget.succeeded(start + 1h);
  BOOST_TEST(budget.full());
  BOOST_TEST(budget.take(start + 2h));
  BOOST_TEST(budget.take(start + 2h));
  BOOST_TEST(!budget.take(start + 2h));
}

BOOST_AUTO_TEST_CASE(a_budget_without_capacity_refuses_nothing) {
  retry_budget none(0, 0, 0);
  for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(none.take(retry_budget::time_point(1h)));
}

BOOST_AUTO_TEST_CASE(a_read_waits_for_a_used_connection_a_quarter_of_its_time_and_5_s_at_least) {
  BOOST_TEST((patience(60s) == 15s));
  BOOST_TEST((patience(20s) == 5s));
  BOOST_TEST((patience(1s) == 5s));
  BOOST_TEST((patience(std::chrono::milliseconds::max()) > 24h));
}

BOOST_AUTO_TEST_SUITE_END()
