// Executions and runs as the API reports them.
// Not the operations on them: see executions.hpp and runs.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mistral::workflows {

/// How far an execution, or one run of it, is.
enum class execution_status {
  unknown,  ///< a status newer than this library; `open_enum::text()` has it
  running,
  completed,
  failed,
  canceled,
  terminated,
  continued_as_new,  ///< a new run has taken over
  timed_out,
  retrying_after_error,
};

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 8> wire_names(execution_status) {
  return {"RUNNING",    "COMPLETED",        "FAILED",    "CANCELED",
          "TERMINATED", "CONTINUED_AS_NEW", "TIMED_OUT", "RETRYING_AFTER_ERROR"};
}

/// Whether nothing more happens in a run of this status. An unknown status is not terminal.
constexpr bool is_terminal(execution_status status) noexcept {
  switch (status) {
    case execution_status::completed:
    case execution_status::failed:
    case execution_status::canceled:
    case execution_status::terminated:
    case execution_status::continued_as_new:
    case execution_status::timed_out:
      return true;
    case execution_status::unknown:
    case execution_status::running:
    case execution_status::retrying_after_error:
      break;
  }
  return false;
}
/// The same for a status as it came.
inline bool is_terminal(const open_enum<execution_status>& status) noexcept {
  return is_terminal(status.value());
}
/// A status that is not there yet is not terminal.
inline bool is_terminal(const std::optional<open_enum<execution_status>>& status) noexcept {
  return status && is_terminal(status->value());
}

/// One run of an execution, without its result: an item of a list.
struct MISTRAL_WORKFLOWS_EXPORT execution_summary {
  execution_summary() = default;

  std::string workflow_name;                          ///< of the workflow
  std::optional<std::string> workflow_id;             ///< a UUID
  std::optional<std::string> deployment_name;         ///< of the deployment that runs it
  std::string execution_id;                           ///< of the execution
  std::optional<std::string> parent_execution_id;     ///< of the execution that started it; null for a root
  std::string root_execution_id;                      ///< of a root: its own id
  std::optional<std::string> run_id;                  ///< a UUID; null before the first run has been seen
  std::optional<std::string> user_id;                 ///< of who started it
  std::optional<open_enum<execution_status>> status;  ///< null before the first run has been seen
  timestamp start_time;                               ///< of this run
  std::optional<timestamp> end_time;                  ///< null while it runs
  std::optional<std::int64_t> total_duration_ms;      ///< from start to end, milliseconds; null while it runs
  std::optional<std::map<std::string, std::string>> search_keys;  ///< null where there are none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution_summary&, const execution_summary&);
};

/// An execution as its latest run has it, or one run. Only `status` says whether it has ended: a null
/// `result` does not.
struct MISTRAL_WORKFLOWS_EXPORT execution {
  execution() = default;

  std::string workflow_name;                          ///< of the workflow
  std::optional<std::string> workflow_id;             ///< a UUID
  std::optional<std::string> deployment_name;         ///< of the deployment that runs it
  std::string execution_id;                           ///< of the execution
  std::optional<std::string> parent_execution_id;     ///< of the execution that started it; null for a root
  std::string root_execution_id;                      ///< of a root: its own id
  std::optional<std::string> run_id;                  ///< a UUID; null before the first run has been seen
  std::optional<std::string> user_id;                 ///< of who started it
  std::optional<open_enum<execution_status>> status;  ///< null before the first run has been seen
  timestamp start_time;                               ///< of the run
  std::optional<timestamp> end_time;                  ///< null while it runs
  std::optional<std::int64_t> total_duration_ms;      ///< from start to end, milliseconds; null while it runs
  std::optional<std::map<std::string, std::string>> search_keys;  ///< only where they were asked for
  boost::json::value result;  ///< any JSON; null while it runs, and where it returned nothing

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution&, const execution&);
};

/// One page of runs, and where the next begins. A page may be short, or empty, and still have a next one.
struct MISTRAL_WORKFLOWS_EXPORT run_page {
  run_page() = default;

  std::vector<execution_summary> executions;   ///< in the order of the server
  std::optional<std::string> next_page_token;  ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const run_page&, const run_page&);
};

/// What execute answers when it was told to wait: no status, so a null `result` says nothing.
struct MISTRAL_WORKFLOWS_EXPORT execution_result {
  execution_result() = default;

  std::string workflow_name;  ///< of the workflow
  std::string execution_id;   ///< of the execution that was started
  boost::json::value result;  ///< any JSON; null where there is none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution_result&, const execution_result&);
};

/// What execute answers: a full execution where the body has a `status` member, a bare result where it has
/// none.
struct MISTRAL_WORKFLOWS_EXPORT execute_answer {
  execute_answer() = default;

  std::variant<execution, execution_result> value;  ///< which of the two came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execute_answer&, const execute_answer&);
};

/// The body of execute.
struct MISTRAL_WORKFLOWS_EXPORT execute_body {
  execute_body() = default;

  std::optional<std::string> execution_id;  ///< at most 256 characters
  boost::json::value input;                 ///< any JSON
  bool wait_for_result = false;             ///< answer only when the execution has ended

  /// How long to wait for the result at most; unset: as the server has it.
  std::optional<double> timeout_seconds;
  /// Added to the trace of the execution.
  std::optional<std::map<std::string, std::string>> custom_tracing_attributes;
  bool force_new_trace = false;                   ///< do not join the trace of the caller; default: false
  std::optional<boost::json::object> extensions;  ///< for plugins of the workflow, as they are
  std::optional<std::string> task_queue;          ///< deprecated by the API in favour of `deployment_name`
  std::optional<std::string> deployment_name;     ///< of the deployment that is to run it
  boost::json::value encoded_input;               ///< the envelope of an encoded input; left out while null

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execute_body&, const execute_body&);
};

/// The body of a batch cancel or terminate.
struct MISTRAL_WORKFLOWS_EXPORT batch_body {
  batch_body() = default;

  std::vector<std::string> execution_ids;  ///< 1 to 100

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const batch_body&, const batch_body&);
};

/// What became of one id of a batch.
struct MISTRAL_WORKFLOWS_EXPORT batch_entry {
  batch_entry() = default;

  std::string status;                ///< "success" or "failure"
  std::optional<std::string> error;  ///< the server's text; null for a success

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const batch_entry&, const batch_entry&);
};

/// What became of a batch, by execution id.
struct MISTRAL_WORKFLOWS_EXPORT batch_result {
  batch_result() = default;

  std::map<std::string, batch_entry> results;  ///< by id

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const batch_result&, const batch_result&);
};

}  // namespace mistral::workflows
