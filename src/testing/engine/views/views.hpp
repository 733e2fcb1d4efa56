// Executions, runs and workflows as the API's answers show them.
// Not the listing of them: filters and pages are in listing.hpp.
#pragma once

#include "testing/engine/store/state.hpp"

#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/json/object.hpp>

#include <string>

namespace mistral::workflows::testing {

/// The one user, customer and workspace of a local server.
inline constexpr const char* local_user_id = "00000000-0000-4000-8000-000000000001";
inline constexpr const char* local_customer_id = "00000000-0000-4000-8000-000000000002";
inline constexpr const char* local_workspace_id = "00000000-0000-4000-8000-000000000003";

/// The one worker, which runs all workflows.
inline constexpr const char* local_worker_name = "local-worker";
/// What the API used to name instead of a deployment.
std::string task_queue_of(const workflow_definition& workflow);

/// WorkflowExecutionWithoutResultResponse
boost::json::object show_run(const run_state& run);
/// WorkflowExecutionResponse
boost::json::object show_run_with_result(const run_state& run);
/// WorkflowBasicDefinition
boost::json::object show_workflow(const workflow_definition& workflow);
/// Workflow; with "active" it is a WorkflowWithWorkerStatus
boost::json::object show_workflow_in_full(const workflow_definition& workflow);
/// WorkflowRegistration; with "active" it is a WorkflowRegistrationWithWorkerStatus
boost::json::object show_registration(const workflow_definition& workflow, bool with_workflow);
/// The search keys as a member of answers: key to value.
boost::json::object show_search_keys(const run_state& run);

}  // namespace mistral::workflows::testing
