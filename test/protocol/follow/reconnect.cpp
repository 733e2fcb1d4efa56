#include "protocol/follow/reconnect.hpp"

#include <boost/test/unit_test.hpp>

using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;
constexpr double nearly_one = 0.999999;

struct story {
  explicit story(reconnect_limits limits = reconnect_limits()) : policy(limits) {}

  reconnect_policy policy;
  reconnect_policy::time_point now{};

  std::optional<milliseconds> fail(double random01 = nearly_one, milliseconds held_for = 0ms,
                                   std::optional<milliseconds> retry_after = std::nullopt) {
    const auto wait = policy.failed(now, held_for, random01, retry_after);
    if (wait) now += *wait;
    return wait;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(reconnecting)

BOOST_AUTO_TEST_CASE(after_the_first_cut_a_stream_reconnects_at_once) {
  story s;
  BOOST_TEST((s.fail() == 0ms));
}

BOOST_AUTO_TEST_CASE(then_it_backs_off_exponentially_with_full_jitter_up_to_a_ceiling) {
  story s;
  s.fail();
  BOOST_TEST((s.fail() == 250ms));
  BOOST_TEST((s.fail() == 500ms));
  BOOST_TEST((s.fail(0.0) == 0ms));
  BOOST_TEST((s.fail(0.5) == 1000ms));
  for (int i = 0; i < 6; ++i) s.fail();
  BOOST_TEST((s.fail() == 20'000ms));
}

BOOST_AUTO_TEST_CASE(progress_resets_the_back_off) {
  story s;
  for (int i = 0; i < 5; ++i) s.fail();
  s.policy.progress();
  BOOST_TEST((s.fail() == 0ms));
  BOOST_TEST((s.fail() == 250ms));
}

BOOST_AUTO_TEST_CASE(a_connection_that_held_is_progress_by_itself) {
  story s;
  for (int i = 0; i < 5; ++i) s.fail();
  BOOST_TEST((s.fail(nearly_one, 10'000ms) == 0ms));
}

BOOST_AUTO_TEST_CASE(the_servers_retry_field_is_respected_also_the_first_time) {
  story s;
  s.policy.server_asks(700ms);
  BOOST_TEST((s.fail() == 700ms));
  BOOST_TEST((s.fail() == 700ms));
  s.policy.server_asks(std::chrono::hours(24));
  BOOST_TEST((s.fail() == 20'000ms));
}

BOOST_AUTO_TEST_CASE(retry_after_is_respected_for_the_wait_it_came_with) {
  story s;
  BOOST_TEST((s.fail(nearly_one, 0ms, 30'000ms) == 30'000ms));
  BOOST_TEST((s.fail() == 250ms));
}

BOOST_AUTO_TEST_CASE(the_budget_of_attempts_ends) {
  reconnect_limits limits;
  limits.max_attempts = 3;
  story s(limits);
  for (int i = 0; i < 3; ++i) BOOST_TEST(s.fail().has_value());
  BOOST_TEST(!s.fail().has_value());
  BOOST_TEST(s.fail().has_value());  // and begins anew
}

BOOST_AUTO_TEST_CASE(the_budget_of_time_counts_from_the_first_failure_after_progress) {
  reconnect_limits limits;
  limits.budget = 60'000ms;
  story s(limits);
  s.now += 1h;
  BOOST_TEST(s.fail().has_value());
  s.now += 59s;
  BOOST_TEST(s.fail(0.0).has_value());
  s.now += 2s;
  BOOST_TEST(!s.fail(0.0).has_value());
}

BOOST_AUTO_TEST_CASE(a_single_failure_never_spends_the_budget) {
  reconnect_limits limits;
  limits.budget = 1ms;
  story s(limits);
  BOOST_TEST(s.fail(nearly_one, 0ms, 5'000ms).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
