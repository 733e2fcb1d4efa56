// Every operation of the API in one table: its name, method, path and what may be done when it fails.
// Not how a request is built (request.hpp) or repeated (calls/table.hpp).
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mistral::workflows::protocol {

/// What a repeat of a request could do to the server's state; the whole basis of retrying.
enum class safety : std::uint8_t {
  read,        ///< changes nothing: repeat at will
  repeatable,  ///< doing it twice leaves what doing it once leaves
  ending,      ///< cancel, terminate: repeatable while the same run is the latest, so a repeat looks first
  keyed,       ///< creates under an id that the library knows: a repeat looks first
  once,        ///< every request that arrives acts: repeat only if the server cannot have acted
};

/// What ends a call of an operation by default.
enum class deadline_kind : std::uint8_t {
  call,     ///< `client_options::call_deadline`
  handler,  ///< `client_options::handler_deadline`: the workflow's code runs before the answer
  none,     ///< a stream goes on; its connections have limits of their own
};

/// The 54 operations, by resource.
enum class operation : std::uint8_t {
  workflows_list,
  workflows_get,
  workflows_update,
  workflows_execute,
  workflows_archive,
  workflows_unarchive,
  workflows_bulk_archive,
  workflows_bulk_unarchive,
  registrations_list,
  registrations_get,
  registrations_execute,
  workflows_metrics,
  executions_get,
  executions_history,
  executions_signal,
  executions_query,
  executions_update,
  executions_cancel,
  executions_terminate,
  executions_batch_cancel,
  executions_batch_terminate,
  executions_reset,
  executions_trace_info,
  executions_trace_otel,
  executions_trace_summary,
  executions_trace_events,
  executions_stream,
  executions_logs,
  executions_stream_logs,
  runs_list,
  runs_get,
  runs_history,
  schedules_list,
  schedules_create,
  schedules_get,
  schedules_delete,
  schedules_update,
  schedules_pause,
  schedules_resume,
  schedules_trigger,
  events_stream,
  events_list,
  deployments_list,
  deployments_create,
  deployments_get,
  deployments_update,
  deployments_delete,
  deployments_stop,
  deployments_start,
  deployments_restart,
  deployments_workers,
  deployments_logs,
  deployments_stream_logs,
  workers_whoami,
};

struct operation_info {
  operation id{};
  std::string_view name;    ///< as errors and hooks name it: "executions.get"
  std::string_view method;  ///< "GET"
  std::string_view path;    ///< with parameters in braces: "/v1/workflows/executions/{execution_id}"
  safety repeat = safety::once;
  deadline_kind deadline = deadline_kind::call;
};

/// All operations, in the order of the enumerators.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::span<const operation_info> all_operations() noexcept;

MISTRAL_WORKFLOWS_INTERNAL_EXPORT const operation_info& info(operation id) noexcept;

}  // namespace mistral::workflows::protocol
