// Schedules that fire on a clock that the test moves.
#include "server/schedules/schedule_fixture.hpp"
#include "testing/engine/core/scheduler.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace wf = mistral::workflows;
namespace data = boost::unit_test::data;
using namespace engine_test;

namespace {

const std::string every_minute = R"("intervals": [{"every": "PT1M"}])";

std::string with_overlap(int policy) {
  return every_minute + R"(, "policy": {"overlap": )" + std::to_string(policy) + "}";
}

json::object shown(server& on, const std::string& id = "s") { return on.engine().schedules().get(id); }

struct overlap_example {
  int policy;
  strings expected;  ///< after five minutes, of starts each minute that take a minute and a half

  friend std::ostream& operator<<(std::ostream& out, const overlap_example& one) { return out << one.policy; }
};

const std::vector<overlap_example> overlaps{
    {1, {"1 COMPLETED", "3 COMPLETED", "5 RUNNING"}},
    {2, {"1 COMPLETED", "2>2.5 COMPLETED", "3>4 RUNNING"}},
    {3, {"1 COMPLETED", "2>2.5 COMPLETED", "3>4 RUNNING"}},
    {4, {"1 CANCELED", "2 CANCELED", "3 CANCELED", "4 CANCELED", "5 RUNNING"}},
    {5, {"1 TERMINATED", "2 TERMINATED", "3 TERMINATED", "4 TERMINATED", "5 RUNNING"}},
    {6, {"1 COMPLETED", "2 COMPLETED", "3 COMPLETED", "4 RUNNING", "5 RUNNING"}},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_schedules)

BOOST_AUTO_TEST_CASE(a_schedule_starts_its_workflow_with_its_input_at_its_times) {
  server server(scheduled_workflows());
  schedule(server, "echo", every_minute);
  server.advance(59s);
  BOOST_TEST(starts(server).empty());
  server.advance(1s);
  server.advance(2min);
  BOOST_TEST(starts(server) == (strings{"1 COMPLETED", "2 COMPLETED", "3 COMPLETED"}),
             boost::test_tools::per_element());
  const std::string first(shown(server).at("recent_executions").at(0).at("execution_id").as_string());
  BOOST_TEST(server.result(first) == "in");
  BOOST_TEST(server.events(first).front().at("data").at("schedule_id") == "s");
  BOOST_TEST(server.engine().done().of("started") == 3);
  BOOST_TEST(server.engine().done().of("workflows.execute") == 0);
}

BOOST_AUTO_TEST_CASE(it_shows_the_ten_starts_to_come_and_the_ten_latest) {
  server server(scheduled_workflows());
  schedule(server, "echo", every_minute);
  server.advance(12min);
  const strings expected{"13", "14", "15", "16", "17", "18", "19", "20", "21", "22"};
  BOOST_TEST(future(server) == expected, boost::test_tools::per_element());
  const auto latest = starts(server);
  BOOST_TEST(latest.size() == 10u);
  BOOST_TEST(latest.front() == "3 COMPLETED");
  BOOST_TEST(latest.back() == "12 COMPLETED");
}

BOOST_DATA_TEST_CASE(a_start_that_meets_a_running_execution_follows_the_policy, data::make(overlaps), one) {
  server server(scheduled_workflows());
  schedule(server, "nap", with_overlap(one.policy));
  server.advance(5min);
  BOOST_TEST(starts(server) == one.expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_kept_for_later_is_started_when_the_one_before_has_ended) {
  server server(scheduled_workflows());
  schedule(server, "nap", with_overlap(3) + R"(, "max_executions": 3)");
  server.advance(10min);
  BOOST_TEST(starts(server) == (strings{"1 COMPLETED", "2>2.5 COMPLETED", "3>4 COMPLETED"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(jitter_delays_each_start_and_is_shown_beforehand) {
  server server(scheduled_workflows());
  schedule(server, "echo", R"("intervals": [{"every": "PT10M"}], "jitter": "PT5M")");
  const auto announced = future(server);
  server.advance(100min);
  strings made;
  for (const auto& one : starts(server)) made.push_back(one.substr(0, one.find(' ')));
  BOOST_REQUIRE(made.size() >= 9u);
  for (std::size_t i = 0; i < made.size(); ++i) {
    BOOST_TEST(made[i] == announced[i]);
    const auto due = std::stod(made[i]) - 10.0 * static_cast<double>(i + 1);
    BOOST_TEST((due >= 0 && due < 5));
  }
}

BOOST_AUTO_TEST_CASE(a_paused_schedule_starts_nothing_and_makes_up_for_nothing) {
  server server(scheduled_workflows());
  schedule(server, "echo", every_minute);
  server.advance(90s);
  server.engine().schedules().pause("s", "maintenance");
  BOOST_TEST(shown(server).at("paused") == true);
  BOOST_TEST(shown(server).at("note") == "maintenance");
  BOOST_TEST(future(server).empty());
  server.advance(3min);
  server.engine().schedules().resume("s", std::nullopt);
  BOOST_TEST(shown(server).at("paused") == false);
  BOOST_TEST(shown(server).at("note").is_null());
  BOOST_TEST(future(server).front() == "5");
  server.advance(1min);
  BOOST_TEST(starts(server) == (strings{"1 COMPLETED", "5 COMPLETED"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pause_drops_what_waits_for_its_turn) {
  server server(scheduled_workflows());
  schedule(server, "nap", with_overlap(3));
  server.advance(2min);
  server.engine().schedules().pause("s", std::nullopt);
  server.advance(5min);
  BOOST_TEST(starts(server) == strings{"1 COMPLETED"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_trigger_starts_at_once_even_when_paused_or_used_up_and_does_not_count) {
  server server(scheduled_workflows());
  schedule(server, "echo", every_minute + R"(, "max_executions": 1)");
  server.advance(30s);
  server.engine().schedules().trigger("s", std::nullopt);
  server.settle();
  BOOST_TEST(shown(server).at("remaining_executions") == 1);
  server.advance(5min);
  BOOST_TEST(shown(server).at("remaining_executions") == 0);
  BOOST_TEST(future(server).empty());
  server.engine().schedules().trigger("s", std::nullopt);
  server.settle();
  server.engine().schedules().pause("s", std::nullopt);
  server.engine().schedules().trigger("s", std::nullopt);
  server.settle();
  BOOST_TEST(starts(server).size() == 4u);
  BOOST_TEST(server.engine().done().of("schedules.trigger") == 3);
}

BOOST_AUTO_TEST_CASE(a_trigger_meets_what_runs_by_the_policy_it_names) {
  server server(scheduled_workflows());
  schedule(server, "nap", R"("intervals": [])");
  for (const auto policy : {wf::schedule_overlap::skip, wf::schedule_overlap::skip,
                            wf::schedule_overlap::allow_all, wf::schedule_overlap::terminate_other}) {
    server.engine().schedules().trigger("s", policy);
    server.advance(6s);
  }
  BOOST_TEST(starts(server) == (strings{"0 TERMINATED", "0.2 RUNNING", "0.3 RUNNING"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_limit_on_executions_holds_and_can_be_raised) {
  server server(scheduled_workflows());
  schedule(server, "echo", every_minute + R"(, "max_executions": 2)");
  BOOST_TEST(future(server) == (strings{"1", "2"}), boost::test_tools::per_element());
  server.advance(5min);
  BOOST_TEST(starts(server).size() == 2u);
  wf::schedule_patch patch;
  patch.max_executions = 3;
  server.engine().schedules().update("s", patch);
  BOOST_TEST(shown(server).at("remaining_executions") == 1);
  server.advance(5min);
  BOOST_TEST(starts(server) == (strings{"1 COMPLETED", "2 COMPLETED", "6 COMPLETED"}),
             boost::test_tools::per_element());
  patch.max_executions = std::nullopt;
  server.engine().schedules().update("s", patch);
  BOOST_TEST(shown(server).at("remaining_executions").is_null());
  server.advance(1min);
  BOOST_TEST(starts(server).back() == "11 COMPLETED");
}

BOOST_AUTO_TEST_CASE(a_failure_pauses_if_the_policy_says_so) {
  server server(scheduled_workflows());
  schedule(server, "broken", every_minute + R"(, "policy": {"pause_on_failure": true})");
  schedule(server, "broken", every_minute, "t");
  server.advance(3min);
  BOOST_TEST(starts(server) == strings{"1 FAILED"}, boost::test_tools::per_element());
  BOOST_TEST(shown(server).at("paused") == true);
  BOOST_TEST(shown(server).at("note").is_string());
  BOOST_TEST(starts(server, "t").size() == 3u);
}

BOOST_AUTO_TEST_CASE(an_update_changes_what_it_names_and_nothing_else) {
  server server(scheduled_workflows());
  schedule(server, "echo",
           every_minute + R"(, "start_at": "2019-12-20T00:02:00Z", "time_zone_name": "Europe/Paris")");
  server.advance(30s);
  wf::schedule_patch patch;
  patch.start_at = std::nullopt;
  patch.input = json::value(5);
  server.engine().schedules().update("s", patch);
  const auto changed = shown(server);
  BOOST_TEST(changed.at("start_at").is_null());
  BOOST_TEST(changed.at("input") == 5);
  BOOST_TEST(changed.at("time_zone_name") == "Europe/Paris");
  BOOST_TEST(changed.at("intervals").as_array().size() == 1u);
  server.advance(30s);
  BOOST_TEST(starts(server) == strings{"1 COMPLETED"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_schedule_started_outlives_it) {
  server server(scheduled_workflows());
  schedule(server, "nap", every_minute);
  server.advance(1min);
  const std::string id(shown(server).at("recent_executions").at(0).at("execution_id").as_string());
  server.engine().schedules().remove("s");
  BOOST_TEST(refusal_of([&] { shown(server); }).code() == "WF_1201");
  server.advance(5min);
  BOOST_TEST(server.status(id) == "COMPLETED");
  BOOST_TEST(server.engine().done().of("started") == 1);
}

BOOST_AUTO_TEST_CASE(a_schedule_that_cannot_be_is_refused) {
  server server(scheduled_workflows());
  const auto refused = [&](const std::string& workflow, const std::string& members) {
    const auto refusal = refusal_of([&] { schedule(server, workflow, members); });
    return std::to_string(refusal.status()) + ' ' + refusal.code();
  };
  BOOST_TEST(refused("nobody", every_minute) == "404 WF_1100");
  BOOST_TEST(refused("echo", R"("cron_expressions": ["* * *"])") == "422 WF_1200");
  BOOST_TEST(refused("echo", R"("policy": {"catchup_window_seconds": -1})") == "422 WF_1200");
  BOOST_TEST(refused("echo", R"("max_executions": -1)") == "422 WF_1200");
  schedule(server, "echo", every_minute);
  BOOST_TEST(refused("echo", every_minute) == "409 WF_1200");
}

BOOST_AUTO_TEST_SUITE_END()
