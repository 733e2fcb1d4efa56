// What the operations on executions ask for: which run to end, which handler to call, how to wait.
// Not the operations (executions.hpp), and not what starts an execution (workflows.hpp).
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>
#include <mistral/workflows/sort_order.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mistral::workflows {

/// Which run to end.
class MISTRAL_WORKFLOWS_EXPORT end_options {
 public:
  end_options();
  /// `run`: a UUID, `execution::run_id` of the run that is meant.
  explicit end_options(std::string run);
  end_options(const end_options&);
  end_options(end_options&&) noexcept;
  end_options& operator=(const end_options&);
  end_options& operator=(end_options&&) noexcept;
  ~end_options();

  /// The API ends the latest run of an execution, whichever it is. With this the library can tell after a
  /// lost answer for certain whether it was the one that was meant; without, by the server's clock, which
  /// tells whole seconds.
  std::optional<std::string> run_id;
};

/// What a signal, a query or an update is called with.
class MISTRAL_WORKFLOWS_EXPORT handler_request {
 public:
  /// `name`: of the handler; not empty. `input`: an object, or null for none.
  explicit handler_request(std::string name, boost::json::value input = boost::json::value());
  handler_request(const handler_request&);
  handler_request(handler_request&&) noexcept;
  handler_request& operator=(const handler_request&);
  handler_request& operator=(handler_request&&) noexcept;
  ~handler_request();

  std::string name;          ///< of the handler; not empty
  boost::json::value input;  ///< an object, or null for none
};

class MISTRAL_WORKFLOWS_EXPORT signal_request : public handler_request {
 public:
  using handler_request::handler_request;
};
class MISTRAL_WORKFLOWS_EXPORT query_request : public handler_request {
 public:
  using handler_request::handler_request;
};
class MISTRAL_WORKFLOWS_EXPORT update_request : public handler_request {
 public:
  using handler_request::handler_request;
};

/// Where to reset an execution to.
class MISTRAL_WORKFLOWS_EXPORT reset_request {
 public:
  /// `event`: id of a WORKFLOW_TASK_COMPLETED event of the history, 1 or more.
  explicit reset_request(std::int64_t event);
  reset_request(const reset_request&);
  reset_request(reset_request&&) noexcept;
  reset_request& operator=(const reset_request&);
  reset_request& operator=(reset_request&&) noexcept;
  ~reset_request();

  std::int64_t event_id;              ///< of this event
  std::optional<std::string> reason;  ///< for people to read
  bool exclude_signals = false;       ///< do not replay signals that came after the event
  bool exclude_updates = false;       ///< nor updates
};

/// Which events of a trace to return. Unset members are not sent: the server's default is false for both.
class MISTRAL_WORKFLOWS_EXPORT trace_events_request {
 public:
  trace_events_request();

  std::optional<bool> merge_same_id_events;     ///< one event for all of an id
  std::optional<bool> include_internal_events;  ///< the platform's own, too
};

/// Which log records of an execution to return. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT execution_logs_request {
 public:
  execution_logs_request();
  execution_logs_request(const execution_logs_request&);
  execution_logs_request(execution_logs_request&&) noexcept;
  execution_logs_request& operator=(const execution_logs_request&);
  execution_logs_request& operator=(execution_logs_request&&) noexcept;
  ~execution_logs_request();

  std::optional<std::string> run_id;       ///< a UUID
  std::optional<std::string> activity_id;  ///< decimal digits
  std::optional<timestamp> after;          ///< at this time or later
  std::optional<timestamp> before;         ///< earlier than this time

  /// Server's default: ascending, oldest first; not looked at with `cursor`.
  std::optional<sort_order> order;
  /// `log_page::next_cursor` of the page before; remembers range and order.
  std::optional<std::string> cursor;
  std::optional<int> limit;  ///< 1 to 100; server's default: 50
};

/// How `result` waits.
class MISTRAL_WORKFLOWS_EXPORT result_options {
 public:
  result_options();

  /// Go on with the run that continues the execution. False: CONTINUED_AS_NEW is an end like FAILED.
  bool follow_continue_as_new = true;
  /// While no event comes, a GET asks so often for the status (each time between half and all of it); without
  /// a usable stream such GETs begin up to 250 ms apart and double up to this. Of a client at most 4 are
  /// under way at a time, behind its calls. Shorter than a second: 20 GETs, then one a second.
  std::chrono::milliseconds status_check{30'000};
  /// Of the whole wait; unset: none.
  std::optional<std::chrono::milliseconds> deadline;
};

}  // namespace mistral::workflows
