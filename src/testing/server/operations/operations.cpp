#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

constexpr operation_row first_rows[] = {
    {{"workflows.list", "GET", "/v1/workflows"}, list_workflows},
    {{"workflows.get", "GET", "/v1/workflows/{workflow_identifier}"}, get_workflow},
    {{"workflows.execute", "POST", "/v1/workflows/{workflow_identifier}/execute"}, execute_workflow},

    {{"executions.get", "GET", "/v1/workflows/executions/{execution_id}"}, get_execution},
    {{"executions.history", "GET", "/v1/workflows/executions/{execution_id}/history"}, get_history},
    {{"executions.signal", "POST", "/v1/workflows/executions/{execution_id}/signals"}, signal_execution},
    {{"executions.query", "POST", "/v1/workflows/executions/{execution_id}/queries"}, query_execution},
    {{"executions.update", "POST", "/v1/workflows/executions/{execution_id}/updates"}, update_execution},
    {{"executions.cancel", "POST", "/v1/workflows/executions/{execution_id}/cancel"}, cancel_execution},
    {{"executions.terminate", "POST", "/v1/workflows/executions/{execution_id}/terminate"},
     terminate_execution},
    {{"executions.batch_cancel", "POST", "/v1/workflows/executions/cancel"}, batch_cancel},
    {{"executions.batch_terminate", "POST", "/v1/workflows/executions/terminate"}, batch_terminate},
    {{"executions.reset", "POST", "/v1/workflows/executions/{execution_id}/reset"}, reset_execution},
    {{"executions.stream", "GET", "/v1/workflows/executions/{execution_id}/stream"}, stream_execution},

    {{"runs.list", "GET", "/v1/workflows/runs"}, list_runs},
    {{"runs.get", "GET", "/v1/workflows/runs/{run_id}"}, get_run},
    {{"runs.history", "GET", "/v1/workflows/runs/{run_id}/history"}, get_run_history},

    {{"events.list", "GET", "/v1/workflows/events/list"}, list_events},
    {{"events.stream", "GET", "/v1/workflows/events/stream"}, stream_events},

    {{"workers.whoami", "GET", "/v1/workflows/workers/whoami"}, whoami},
};

struct whole_table {
  whole_table() {
    add(first_rows);
    add(workflow_change_rows());
    add(registration_rows());
    add(trace_rows());
    add(log_rows());
    add(schedule_rows());
    add(deployment_rows());
  }

  void add(std::span<const operation_row> rows) {
    for (const operation_row& row : rows) {
      routes.push_back(row.where);
      functions.push_back(row.carry_out);
    }
  }

  std::vector<route> routes;
  std::vector<operation_function> functions;
};

const whole_table& table() {
  static const whole_table made;
  return made;
}

}  // namespace

std::span<const route> all_routes() { return table().routes; }

answer perform(std::size_t index, core& server, const request& asked) {
  return table().functions[index](server, asked);
}

}  // namespace mistral::workflows::testing
