// Parameters that cannot be: enumerators that are none are refused
// by name; and those that the API deprecates are still sent.
#include "session/operations/operations.hpp"

#include <mistral/workflows/deployments.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/workflows.hpp>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

using namespace mistral::workflows;

BOOST_FIXTURE_TEST_SUITE(parameters, test::operations)

BOOST_AUTO_TEST_CASE(a_sort_or_status_that_the_api_does_not_have_is_refused) {
  const auto client = server.client();
  run_list_request runs;
  runs.sort_by = run_sort_key(2);
  BOOST_TEST(refused([&] { return runs_api(client).list(runs); }) == "sort_by");
  runs.sort_by.reset();
  runs.order = sort_order(-1);
  BOOST_TEST(refused([&] { return runs_api(client).list(runs); }) == "order");
  runs.order.reset();
  runs.status.emplace_back();
  BOOST_TEST(refused([&] { return runs_api(client).list(runs); }) == "status");

  workflow_list_request workflows;
  workflows.order = sort_order(7);
  BOOST_TEST(refused([&] { return workflows_api(client).list(workflows); }) == "order");
  workflows.order.reset();
  workflows.status.emplace_back();
  BOOST_TEST(refused([&] { return workflows_api(client).list(workflows); }) == "status");

  schedule_list_request schedules;
  schedules.status = schedule_status(2);
  BOOST_TEST(refused([&] { return schedules_api(client).list(schedules); }) == "status");

  deployment_list_request deployments;
  deployments.order_by = deployment_sort_key(2);
  BOOST_TEST(refused([&] { return deployments_api(client).list(deployments); }) == "order_by");
  deployments.order_by.reset();
  deployments.location_types.emplace_back();
  BOOST_TEST(refused([&] { return deployments_api(client).list(deployments); }) == "location_types");

  deployment_logs_request deployment_logs;
  deployment_logs.order = sort_order(2);
  BOOST_TEST(refused([&] { return deployments_api(client).logs("d", deployment_logs); }) == "order");
  execution_logs_request logs;
  logs.order = sort_order(2);
  BOOST_TEST(refused([&] { return executions_api(client).logs("e", logs); }) == "order");

  event_stream_request events;
  events.scope = event_scope(3);
  BOOST_CHECK_EXCEPTION(events_api(client).stream(events), invalid_argument,
                        [](const invalid_argument& e) { return e.field() == "scope"; });
}

BOOST_AUTO_TEST_CASE(a_status_that_is_newer_than_this_library_is_sent_as_it_is) {
  run_list_request newer;
  newer.status.push_back(open_enum<execution_status>::from_text("PAUSED"));
  answered(R"({"executions":[]})", [&] { return runs_api(server.client()).list(newer); });
  BOOST_TEST(line() == "GET /v1/workflows/runs?status=PAUSED");
}

BOOST_AUTO_TEST_CASE(what_the_api_deprecates_can_be_sent) {
  workflow_list_request list;
  list.active_only = true;
  answered(R"({"workflows":[],"next_cursor":null})",
           [&] { return workflows_api(server.client()).list(list); });
  BOOST_TEST(line() == "GET /v1/workflows?active_only=true");
  execute_request start;
  start.execution_id = "e1";
  start.task_queue = "q";
  answered(test::execution_json("e1", "RUNNING", "2026-01-01T00:00:00Z"),
           [&] { return workflows_api(server.client()).execute("ticket", start); });
  BOOST_TEST(boost::json::parse(body()).at("task_queue") == "q");
}

BOOST_AUTO_TEST_SUITE_END()
