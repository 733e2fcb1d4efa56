// Which events are worth decoding for those who wait for ends.
#include "bulk/completions/completion_news.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace mistral::workflows;
using bulk_core::completion_core;

namespace {

const std::string run_id = "00000000-0000-4000-8000-000000000001";
const std::string next_run_id = "00000000-0000-4000-8000-000000000002";

/// Waits for the execution `ours`.
struct waiting_for_ours {
  waiting_for_ours() : core(completions_options()) { who = core.add("ours", run_id, bulk_core::instant()); }
  bool may_concern(const std::string& text) const { return bulk_core::may_concern(core, text); }

  completion_core core;
  bulk_core::waiter_id who = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(completion_news, waiting_for_ours)

BOOST_AUTO_TEST_CASE(an_event_of_an_execution_that_is_waited_for_is_decoded) {
  BOOST_TEST(may_concern(R"({"data":{"workflow_exec_id":"ours"}})"));
  BOOST_TEST(may_concern(R"({"data":{ "workflow_exec_id" : "ours" }})"));
  BOOST_TEST(may_concern("{\"data\":{\"workflow_exec_id\":\n\t\"ours\"}}"));
  BOOST_TEST(may_concern(R"({"workflow_context":{"workflow_exec_id":"ours"}})"));
  BOOST_TEST(may_concern(R"({"a":{"workflow_exec_id":"theirs"},"data":{"workflow_exec_id":"ours"}})"));
  BOOST_TEST(may_concern(R"({"data":{"workflow_exec_id":null},"context":{"workflow_exec_id":"ours"}})"));
}

BOOST_AUTO_TEST_CASE(an_event_of_another_is_not) {
  BOOST_TEST(!may_concern(R"({"data":{"workflow_exec_id":"theirs"}})"));
  BOOST_TEST(!may_concern(R"({"data":{"workflow_exec_id":"ours-too"}})"));
  BOOST_TEST(!may_concern(R"({"data":{"workflow_exec_id":""}})"));
  // A child's.
  BOOST_TEST(!may_concern(R"({"data":{"root_workflow_exec_id":"ours","workflow_exec_id":"child"}})"));
  BOOST_TEST(
      !may_concern(R"({"data":{"workflow_exec_id":"theirs","say":"the workflow_exec_id: \"ours\""}})"));
  BOOST_TEST(!may_concern(R"({"data":{"workflow_exec_id":"theirs","say":"\"workflow_exec_id\":\"ours\""}})"));
}

BOOST_AUTO_TEST_CASE(what_its_text_does_not_tell_is_decoded) {
  BOOST_TEST(may_concern(""));
  BOOST_TEST(may_concern("no JSON"));
  BOOST_TEST(may_concern(R"({"data":{}})"));
  BOOST_TEST(may_concern(R"({"data":{"workflow_exec_id":null}})"));
  BOOST_TEST(may_concern(R"({"data":{"workflow_exec_id":)"));
  BOOST_TEST(may_concern(R"({"data":{"workflow_exec_id":"theirs","workflow\u005fexec_id":"x"}})"));
  BOOST_TEST(may_concern(R"({"data":{"workflow_exec_id":"o\/urs"}})"));
}

BOOST_AUTO_TEST_CASE(so_is_the_run_that_goes_on_for_one_under_another_id) {
  const std::string event =
      R"({"data":{"workflow_exec_id":"theirs","workflow_run_id":")" + next_run_id + R"("}})";
  BOOST_TEST(!may_concern(event));
  bulk_core::run_news continued;
  continued.execution_id = "ours";
  continued.run_id = run_id;
  continued.status = execution_status::continued_as_new;
  continued.next_run = next_run_id;
  core.event(continued, bulk_core::instant());
  BOOST_TEST(may_concern(event));
  BOOST_TEST(!may_concern(R"({"data":{"workflow_exec_id":"theirs","workflow_run_id":")" + run_id + R"("}})"));
}

BOOST_AUTO_TEST_CASE(nothing_is_decoded_for_who_has_gone) {
  core.forget(who);
  BOOST_TEST(!may_concern(R"({"data":{"workflow_exec_id":"ours"}})"));
}

BOOST_AUTO_TEST_SUITE_END()
