// Waits with options that are as long, and as seldom, as can be.
#include "bulk/completions/completion_core.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using bulk_core::completion_core;

namespace {

constexpr auto century = std::chrono::hours(24 * 365 * 100);
const timestamp start = timestamp(std::chrono::hours(24 * 365 * 56));
const std::string run_id = "00000000-0000-4000-8000-000000000001";

completions_options seldom_looking() {
  completions_options out;
  out.page_interval = century;
  return out;
}

/// Each question of now is answered: it runs.
void say_running(completion_core& core, bulk_core::instant now, timestamp since = start) {
  for (const bulk_core::ask& one : core.asks(now)) {
    bulk_core::get_answer answer;
    answer.said = bulk_core::get_answer::verdict::found;
    answer.state.execution_id = "a";
    answer.state.run_id = run_id;
    answer.state.status = execution_status::running;
    answer.state.start_time = since;
    core.answered(one, std::move(answer), now);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(completion_times)

BOOST_AUTO_TEST_CASE(
    a_wait_that_is_overdue_after_a_century_is_not_asked_for_at_once_however_often_that_doubles) {
  completions_options options = seldom_looking();
  options.overdue_after = century;
  completion_core core(options);
  bulk_core::instant now{};
  core.started(core.expect("a"), run_id, start, false, now);
  for (int doubt = 0; doubt < 6; ++doubt) {
    bulk_core::run_news failed;
    failed.execution_id = "a";
    failed.run_id = run_id;
    failed.status = execution_status::failed;
    core.event(std::move(failed), now);
    say_running(core, now);
    now += 2s;  // it is asked for once more after a doubt that came to nothing
    say_running(core, now);
    BOOST_TEST(core.asks(now + 1h).empty());
    now += 2h;
  }
  BOOST_TEST(core.stats().gets == 12u);
  BOOST_TEST((core.wake().value() > now + century / 2));
}

BOOST_AUTO_TEST_CASE(so_few_gets_a_second_that_one_takes_longer_than_a_clock_counts_are_one_in_a_century) {
  completions_options options = seldom_looking();
  options.overdue_after = 1s;
  options.gets_per_second = 1e-300;
  completion_core core(options);
  const bulk_core::instant now{};
  for (const char* id : {"a", "b", "c"}) core.started(core.expect(id), run_id, start, false, now);
  BOOST_TEST(core.asks(now + 1s).size() == 1u);
  BOOST_TEST(core.asks(now + 1h).empty());
  BOOST_TEST(core.asks(now + century / 2).empty());
}

BOOST_AUTO_TEST_CASE(a_first_look_begins_before_the_latest_time_that_the_server_told_of) {
  completion_core core{completions_options()};
  const bulk_core::instant now{};
  core.started(core.expect("a"), run_id, start, false, now);
  const auto window = core.look(now + 5s);
  BOOST_REQUIRE(window.has_value());
  BOOST_TEST((window->from == start - 30s));
}

BOOST_AUTO_TEST_CASE(what_runs_since_yesterday_widens_no_window_once_a_start_has_told_the_servers_time) {
  completion_core core{completions_options()};
  bulk_core::instant now{};
  core.add("a", run_id, now);
  say_running(core, now, start - 24h);
  core.stream_up(false, now);
  core.started(core.expect("b"), "00000000-0000-4000-8000-000000000002", start, false, now);
  now += 1min;
  BOOST_REQUIRE(core.look(now).has_value());
  core.looked(true, now);
  core.stream_down();  // the stream has shown life last when yesterday was all that was known
  now += 1min;
  const auto window = core.look(now);
  BOOST_REQUIRE(window.has_value());
  BOOST_TEST(window->wide);
  BOOST_TEST((window->from == start - 15min));
}

BOOST_AUTO_TEST_SUITE_END()
