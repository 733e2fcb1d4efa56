// Schedules over the end of their server: nothing is started twice, and what was missed is made up for.
#include "server/schedules/schedule_fixture.hpp"
#include "testing/engine/core/scheduler.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>

namespace wf = mistral::workflows;
using namespace engine_test;

namespace {

const std::string every_minute = R"("intervals": [{"every": "PT1M"}])";
const auto start_of_time = server::usual_start;

// When the executions were due that exist, whether the schedule
// knows of them or not: one that was started twice is there twice.
std::multiset<std::string> all_starts(server& on) {
  std::multiset<std::string> found;
  const auto runs = on.engine().list_runs(wt::run_filter());
  for (const auto& run : runs.at("executions").as_array())
    found.insert(minute_of(run.at("start_time").as_string()));
  return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_schedule_restart)

BOOST_AUTO_TEST_CASE(a_schedule_goes_on_as_it_was) {
  const scratch_folder folder;
  json::object before;
  {
    server server(scheduled_workflows(), folder.path());
    schedule(server, "echo",
             every_minute + R"(, "max_executions": 7, "time_zone_name": "Asia/Tokyo", "jitter": "PT1S")");
    server.advance(3min);
    server.engine().schedules().pause("s", "for now");
    before = server.engine().schedules().get("s");
  }
  server server(scheduled_workflows(), folder.path());
  BOOST_TEST(server.engine().schedules().get("s") == before);
  server.engine().schedules().resume("s", std::nullopt);
  server.advance(10min);
  BOOST_TEST(starts(server).size() == 7u);
  BOOST_TEST(all_starts(server).size() == 7u);
}

BOOST_AUTO_TEST_CASE(what_was_missed_is_made_up_for) {
  const scratch_folder folder;
  {
    server server(scheduled_workflows(), folder.path());
    schedule(server, "echo", every_minute + R"(, "policy": {"overlap": 6})");
    server.advance(90s);
  }
  server server(scheduled_workflows(), folder.path(), start_of_time + 4min + 30s);
  BOOST_TEST(
      starts(server) == (strings{"1 COMPLETED", "2>4.5 COMPLETED", "3>4.5 COMPLETED", "4>4.5 COMPLETED"}),
      boost::test_tools::per_element());
  server.advance(30s);
  BOOST_TEST(starts(server).back() == "5 COMPLETED");
}

BOOST_AUTO_TEST_CASE(what_was_missed_meets_itself_by_the_policy) {
  const scratch_folder folder;
  {
    server server(scheduled_workflows(), folder.path());
    schedule(server, "nap", every_minute);
  }
  server server(scheduled_workflows(), folder.path(), start_of_time + 4min + 30s);
  BOOST_TEST(starts(server) == strings{"1>4.5 RUNNING"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_missed_before_the_catch_up_window_is_lost) {
  const scratch_folder folder;
  {
    server server(scheduled_workflows(), folder.path());
    schedule(server, "echo", every_minute + R"(, "policy": {"overlap": 6, "catchup_window_seconds": 100})");
    schedule(server, "echo", every_minute + R"(, "policy": {"catchup_window_seconds": 0})", "t");
  }
  server server(scheduled_workflows(), folder.path(), start_of_time + 10min + 9s);
  BOOST_TEST(starts(server) == (strings{"9>10.15 COMPLETED", "10>10.15 COMPLETED"}),
             boost::test_tools::per_element());
  BOOST_TEST(starts(server, "t") == strings{"10>10.15 COMPLETED"}, boost::test_tools::per_element());
  BOOST_TEST(future(server, "t").front() == "11");
}

BOOST_AUTO_TEST_CASE(a_schedule_waits_for_its_workflow_to_be_known) {
  const scratch_folder folder;
  {
    server server(scheduled_workflows(), folder.path());
    schedule(server, "echo", every_minute);
  }
  server server({}, folder.path());
  server.advance(150s);
  BOOST_TEST(starts(server).empty());
  server.engine().define(echo_workflow());
  server.advance(30s);
  BOOST_TEST(starts(server) == (strings{"1>2.5 COMPLETED", "3 COMPLETED"}), boost::test_tools::per_element());
}

// The journal is cut after each of its records, as if the server had been killed there, and another
// server goes on from it at the same instant: in the end the same executions were started, each once.
void kill_anywhere(const std::string& workflow, const std::string& members, std::size_t expected) {
  const auto end = start_of_time + 6min;
  const auto stage = [&](server& on, bool from_beginning) {
    if (from_beginning) schedule(on, workflow, members);
    on.advance(end - on.clock()->now());
  };
  std::string whole;
  std::multiset<std::string> undisturbed;
  {
    const scratch_folder folder;
    {
      server server(scheduled_workflows(), folder.path());
      stage(server, true);
      undisturbed = all_starts(server);
      BOOST_TEST(undisturbed.size() == expected);
    }
    whole = folder.read_journal();
  }
  std::size_t cuts = 0;
  auto cut = whole.find('\n', whole.find('\n') + 1);
  for (; cut != std::string::npos; cut = whole.find('\n', cut + 1), ++cuts) {
    const scratch_folder folder;
    folder.write_journal(std::string_view(whole).substr(0, cut + 1));
    server server(scheduled_workflows(), folder.path());
    stage(server, false);
    BOOST_TEST_INFO("cut after record " << cuts + 1);
    BOOST_TEST(all_starts(server) == undisturbed, boost::test_tools::per_element());
  }
  BOOST_TEST(cuts > expected);
}

BOOST_AUTO_TEST_CASE(a_server_killed_after_any_record_starts_nothing_twice) {
  kill_anywhere("echo", every_minute, 6);
  kill_anywhere("nap", every_minute + R"(, "policy": {"overlap": 3})", 4);
  kill_anywhere("nap", every_minute + R"(, "policy": {"overlap": 4})", 6);
  kill_anywhere("nap", every_minute + R"(, "policy": {"overlap": 5})", 6);
  kill_anywhere("nap", every_minute + R"(, "policy": {"overlap": 6}, "max_executions": 4)", 4);
}

BOOST_AUTO_TEST_CASE(a_server_killed_after_a_failure_pauses_all_the_same) {
  const scratch_folder folder;
  {
    server server(scheduled_workflows(), folder.path());
    schedule(server, "broken", every_minute + R"(, "policy": {"pause_on_failure": true})");
    server.advance(1min);
  }
  const auto whole = folder.read_journal();
  const auto pause = whole.find(R"("paused":true)");
  BOOST_REQUIRE(pause != std::string::npos);
  folder.write_journal(std::string_view(whole).substr(0, whole.rfind('\n', pause) + 1));
  server server(scheduled_workflows(), folder.path());
  BOOST_TEST(server.engine().schedules().get("s").at("paused") == true);
  server.advance(2min);
  BOOST_TEST(starts(server) == strings{"1 FAILED"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
