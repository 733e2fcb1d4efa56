#include "protocol/http/operation.hpp"

#include <array>

namespace mistral::workflows::protocol {
namespace {

using enum operation;
using enum safety;

constexpr std::array<operation_info, 54> table{{
    {workflows_list, "workflows.list", "GET", "/v1/workflows", read},
    {workflows_get, "workflows.get", "GET", "/v1/workflows/{workflow_identifier}", read},
    {workflows_update, "workflows.update", "PUT", "/v1/workflows/{workflow_identifier}", repeatable},
    {workflows_execute, "workflows.execute", "POST", "/v1/workflows/{workflow_identifier}/execute", keyed},
    {workflows_archive, "workflows.archive", "PUT", "/v1/workflows/{workflow_identifier}/archive",
     repeatable},
    {workflows_unarchive, "workflows.unarchive", "PUT", "/v1/workflows/{workflow_identifier}/unarchive",
     repeatable},
    {workflows_bulk_archive, "workflows.bulk_archive", "PUT", "/v1/workflows/archive", repeatable},
    {workflows_bulk_unarchive, "workflows.bulk_unarchive", "PUT", "/v1/workflows/unarchive", repeatable},
    {registrations_list, "registrations.list", "GET", "/v1/workflows/registrations", read},
    {registrations_get, "registrations.get", "GET", "/v1/workflows/registrations/{workflow_registration_id}",
     read},
    {registrations_execute, "registrations.execute", "POST",
     "/v1/workflows/registrations/{workflow_registration_id}/execute", keyed},
    {workflows_metrics, "metrics.get", "GET", "/v1/workflows/{workflow_name}/metrics", read},

    {executions_get, "executions.get", "GET", "/v1/workflows/executions/{execution_id}", read},
    {executions_history, "executions.history", "GET", "/v1/workflows/executions/{execution_id}/history",
     read},
    {executions_signal, "executions.signal", "POST", "/v1/workflows/executions/{execution_id}/signals", once},
    {executions_query, "executions.query", "POST", "/v1/workflows/executions/{execution_id}/queries", read,
     deadline_kind::handler},
    {executions_update, "executions.update", "POST", "/v1/workflows/executions/{execution_id}/updates", once,
     deadline_kind::handler},
    {executions_cancel, "executions.cancel", "POST", "/v1/workflows/executions/{execution_id}/cancel",
     ending},
    {executions_terminate, "executions.terminate", "POST",
     "/v1/workflows/executions/{execution_id}/terminate", ending},
    {executions_batch_cancel, "executions.batch_cancel", "POST", "/v1/workflows/executions/cancel", ending},
    {executions_batch_terminate, "executions.batch_terminate", "POST", "/v1/workflows/executions/terminate",
     ending},
    {executions_reset, "executions.reset", "POST", "/v1/workflows/executions/{execution_id}/reset", once},
    {executions_trace_info, "executions.trace_info", "GET",
     "/v1/workflows/executions/{execution_id}/trace/info", read},
    {executions_trace_otel, "executions.trace_otel", "GET",
     "/v1/workflows/executions/{execution_id}/trace/otel", read},
    {executions_trace_summary, "executions.trace_summary", "GET",
     "/v1/workflows/executions/{execution_id}/trace/summary", read},
    {executions_trace_events, "executions.trace_events", "GET",
     "/v1/workflows/executions/{execution_id}/trace/events", read},
    {executions_stream, "executions.stream", "GET", "/v1/workflows/executions/{execution_id}/stream", read,
     deadline_kind::none},
    {executions_logs, "executions.logs", "GET", "/v1/workflows/executions/{execution_id}/logs", read},
    {executions_stream_logs, "executions.stream_logs", "GET",
     "/v1/workflows/executions/{execution_id}/logs/stream", read, deadline_kind::none},

    {runs_list, "runs.list", "GET", "/v1/workflows/runs", read},
    {runs_get, "runs.get", "GET", "/v1/workflows/runs/{run_id}", read},
    {runs_history, "runs.history", "GET", "/v1/workflows/runs/{run_id}/history", read},

    {schedules_list, "schedules.list", "GET", "/v1/workflows/schedules", read},
    // Keyed only with an id of the caller's; without one it is sent as `once`.
    {schedules_create, "schedules.create", "POST", "/v1/workflows/schedules", keyed},
    {schedules_get, "schedules.get", "GET", "/v1/workflows/schedules/{schedule_id}", read},
    {schedules_delete, "schedules.remove", "DELETE", "/v1/workflows/schedules/{schedule_id}", repeatable},
    {schedules_update, "schedules.update", "PATCH", "/v1/workflows/schedules/{schedule_id}", repeatable},
    {schedules_pause, "schedules.pause", "POST", "/v1/workflows/schedules/{schedule_id}/pause", repeatable},
    {schedules_resume, "schedules.resume", "POST", "/v1/workflows/schedules/{schedule_id}/resume",
     repeatable},
    {schedules_trigger, "schedules.trigger", "POST", "/v1/workflows/schedules/{schedule_id}/trigger", once},

    {events_stream, "events.stream", "GET", "/v1/workflows/events/stream", read, deadline_kind::none},
    {events_list, "events.list", "GET", "/v1/workflows/events/list", read},

    {deployments_list, "deployments.list", "GET", "/v1/workflows/deployments", read},
    {deployments_create, "deployments.create", "POST", "/v1/workflows/deployments", once},
    {deployments_get, "deployments.get", "GET", "/v1/workflows/deployments/{name}", read},
    {deployments_update, "deployments.update", "PATCH", "/v1/workflows/deployments/{name}", repeatable},
    {deployments_delete, "deployments.remove", "DELETE", "/v1/workflows/deployments/{name}", repeatable},
    {deployments_stop, "deployments.stop", "POST", "/v1/workflows/deployments/{name}/stop", repeatable},
    {deployments_start, "deployments.start", "POST", "/v1/workflows/deployments/{name}/start", repeatable},
    {deployments_restart, "deployments.restart", "POST", "/v1/workflows/deployments/{name}/restart", once},
    {deployments_workers, "deployments.workers", "GET", "/v1/workflows/deployments/{name}/workers", read},
    {deployments_logs, "deployments.logs", "GET", "/v1/workflows/deployments/{name}/logs", read},
    {deployments_stream_logs, "deployments.stream_logs", "GET",
     "/v1/workflows/deployments/{name}/logs/stream", read, deadline_kind::none},

    {workers_whoami, "workers.whoami", "GET", "/v1/workflows/workers/whoami", read},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].id) != i) return false;
  return static_cast<std::size_t>(workers_whoami) + 1 == table.size();
}
static_assert(in_order(), "the table stands in the order of the enumerators, one row each");

}  // namespace

std::span<const operation_info> all_operations() noexcept { return table; }

const operation_info& info(operation id) noexcept { return table[static_cast<std::size_t>(id)]; }

}  // namespace mistral::workflows::protocol
