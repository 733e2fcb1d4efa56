// The workflows of a workspace: what there is, changing and archiving them, and starting an execution of one.
// Not what happens to an execution afterwards: that is in executions.hpp.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/batch.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/execution_handle.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/workflow.hpp>
#include <mistral/workflows/sort_order.hpp>
#include <mistral/workflows/start_outcome.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// Which workflows to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT workflow_list_request {
 public:
  workflow_list_request();
  workflow_list_request(const workflow_list_request&);
  workflow_list_request(workflow_list_request&&) noexcept;
  workflow_list_request& operator=(const workflow_list_request&);
  workflow_list_request& operator=(workflow_list_request&&) noexcept;
  ~workflow_list_request();

  std::vector<open_enum<execution_status>> status;  ///< with an execution of one of these; empty: any
  std::optional<bool> include_shared;               ///< server's default: true
  std::optional<bool> available_in_chat_assistant;  ///< unset: both
  std::vector<std::string> deployment_names;        ///< of one of these; empty: of any
  std::optional<bool> deployment_active;            ///< unset: both
  std::optional<bool> archived;                     ///< unset: both
  std::vector<std::string> tags;                    ///< with all of these; empty: any
  std::optional<std::string> search;                ///< of name, display name, description or id; unset: all
  bool sort_by_display_name = false;                ///< instead of the server's own order; default: false
  std::optional<sort_order> order;                  ///< server's default: ascending

  /// Of one that is active; unset: both.
  [[deprecated("the API deprecates this parameter: use deployment_active")]] std::optional<bool> active_only;
  std::optional<int> limit;           ///< 1 to 1000; server's default: 50
  std::optional<std::string> cursor;  ///< `workflow_page::next_cursor` of the page before
};

/// What to change of a workflow. Unset members stay as they are.
class MISTRAL_WORKFLOWS_EXPORT workflow_update_request {
 public:
  workflow_update_request();
  workflow_update_request(const workflow_update_request&);
  workflow_update_request(workflow_update_request&&) noexcept;
  workflow_update_request& operator=(const workflow_update_request&);
  workflow_update_request& operator=(workflow_update_request&&) noexcept;
  ~workflow_update_request();

  std::optional<std::string> display_name;          ///< at most 128 characters (Unicode code points)
  std::optional<std::string> description;           ///< for people to read; unset: stays
  std::optional<bool> available_in_chat_assistant;  ///< whether the chat assistant offers it; unset: stays
  std::optional<std::vector<std::string>> tags;     ///< replaces the list
};

/// What to start.
class MISTRAL_WORKFLOWS_EXPORT execute_request {
 public:
  /// Without an input.
  execute_request();
  /// `input`: any JSON, about 2 MB at most.
  explicit execute_request(boost::json::value input);
  execute_request(const execute_request&);
  execute_request(execute_request&&) noexcept;
  execute_request& operator=(const execute_request&);
  execute_request& operator=(execute_request&&) noexcept;
  ~execute_request();

  boost::json::value input;  ///< any JSON that the workflow's schema takes; null: none

  /// At most 256 characters. Unset: the library makes one (a version 7 UUID), and can then tell its own
  /// execution from every other after a failure.
  std::optional<std::string> execution_id;
  /// What to do about an execution that is there already under `execution_id`. Has no effect without one.
  workflows::if_exists if_exists = workflows::if_exists::fail;
  /// Of the deployment that is to run it; unset: the server's choice.
  std::optional<std::string> deployment_name;
  /// Of the deployment.
  [[deprecated("the API deprecates this member: use deployment_name")]] std::optional<std::string> task_queue;
  /// Added to the execution's trace; by default none.
  std::map<std::string, std::string> custom_tracing_attributes;
  bool force_new_trace = false;                   ///< do not join the trace of the caller; default: false
  std::optional<boost::json::object> extensions;  ///< for plugins of the workflow, as they are
};

/// The execution that a call started, as the server saw it then, and a handle on it: `run.status` is of that
/// moment, `run.result<T>()` waits for the end.
class MISTRAL_WORKFLOWS_EXPORT started_execution : public execution, public execution_handle {
 public:
  started_execution();
  /// Made by the library.
  started_execution(execution state, start_outcome how, execution_handle handle);
  started_execution(const started_execution&);
  started_execution(started_execution&&) noexcept;
  started_execution& operator=(const started_execution&);
  started_execution& operator=(started_execution&&) noexcept;
  ~started_execution();

  using execution_handle::result;

  start_outcome outcome = start_outcome::started;  ///< started by this call, adopted, or attached to
};

/// The execution has completed.
class MISTRAL_WORKFLOWS_EXPORT finished {
 public:
  finished();
  /// Made by the library.
  finished(std::string id, boost::json::value value);

  std::string execution_id;   ///< of the execution that was started
  boost::json::value result;  ///< any JSON; null where there is none
};

/// The time given has passed and the execution goes on.
class MISTRAL_WORKFLOWS_EXPORT still_running {
 public:
  still_running();
  /// Made by the library.
  explicit still_running(workflows::execution state);

  workflows::execution execution;  ///< as the server saw it then
};

/// How `execute_and_wait` ended.
using execute_outcome = std::variant<finished, still_running>;

/// The operations on workflows. A cheap handle; made by `client::workflows()`.
///
/// `workflow` is a name or a UUID throughout. A *name* that is also a route of the API ("runs", "schedules",
/// "deployments", "registrations" for `get`; "archive", "unarchive" for `update`) is refused with
/// invalid_argument: use the workflow's UUID.
/// Errors common to all: api_error, transport_error, timeout_error, cancelled_error, decode_error; see
/// error.hpp.
/// Cancel: as the class `client` says.
class MISTRAL_WORKFLOWS_EXPORT workflows_api {
 public:
  /// Made by the library.
  explicit workflows_api(std::shared_ptr<const session::client_handle> handle);
  workflows_api(const workflows_api&);
  workflows_api& operator=(const workflows_api&);
  ~workflows_api();

  /// One page of workflows.  [`GET /v1/workflows`]
  /// Errors: invalid_argument - `limit` out of range
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflow_page> list(workflow_list_request request = workflow_list_request()) const;

  /// All workflows that fit the request, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: `limit` out of range; decode_error - the pages lead in a circle
  async_generator<workflow_definition_summary> list_all(
      workflow_list_request request = workflow_list_request()) const;

  /// A workflow by name or UUID.  [`GET /v1/workflows/{workflow_identifier}`]
  /// Errors: errc::workflow_not_found
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflow_with_status> get(std::string workflow) const;

  /// Changes a workflow and returns it as it is now.  [`PUT /v1/workflows/{workflow_identifier}`]
  /// Errors: errc::workflow_not_found; invalid_argument - `display_name` is too long
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflows::workflow> update(std::string workflow,
                                                     workflow_update_request request) const;

  /// Archives a workflow and returns it as it is now.  [`PUT /v1/workflows/{workflow_identifier}/archive`]
  /// Errors: errc::workflow_not_found
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflows::workflow> archive(std::string workflow) const;

  /// Takes a workflow out of the archive and returns it as it is now.
  /// [`PUT /v1/workflows/{workflow_identifier}/unarchive`]
  /// Errors: errc::workflow_not_found
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflows::workflow> unarchive(std::string workflow) const;

  /// Archives workflows, with a request for each 100 of them, as executions_api::batch_cancel does with
  /// executions.
  /// [`PUT /v1/workflows/archive`]
  /// Without ids nothing is sent.
  /// Errors: invalid_argument - an id that is no UUID; otherwise only what kept the first request from being
  ///         sent
  /// Cancel: as executions_api::batch_cancel
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflow_batch_outcome> bulk_archive(std::vector<std::string> workflow_ids) const;

  /// Takes workflows out of the archive in the same way.  [`PUT /v1/workflows/unarchive`]
  /// Errors, Cancel: as `bulk_archive`
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflow_batch_outcome> bulk_unarchive(std::vector<std::string> workflow_ids) const;

  /// Starts an execution and returns when the server has taken it. After a request that may have acted the
  /// library looks for it by its id, twice and `retry_options::look_distance` apart, before it sends again:
  /// no second start but for what is left open.
  /// [`POST /v1/workflows/{workflow_identifier}/execute`]
  ///
  /// What is left open: a request so late that it acts after a later one was sent, and an execution that
  /// begins and ends between the last look and the arrival of the next send; the API refuses a second start
  /// under an id only while the first execution runs. With an id that the caller gave, an execution counts as
  /// this call's own if its workflow matches and it began no earlier than the first byte of the earliest
  /// request in doubt left, less two seconds and the time that the look was under way (the server's Date has
  /// whole seconds); see `execute_request::if_exists`.
  /// Errors: errc::workflow_not_found; errc::execution_already_started - somebody else's execution with that
  ///         id is running; start_unknown_error - one was found that may be somebody else's; invalid_argument
  ///         - `execution_id`
  /// Cancel: `total` until the first byte of the request is sent; after that the execution may have been
  ///         started, and `server_may_have_acted()` says so
  /// Repeat: keyed; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<started_execution> execute(std::string workflow,
                                                    execute_request request = execute_request()) const;

  /// Starts an execution and waits on the server for its result, `timeout` at most (the default is 5
  /// minutes). An answer that names no end (a null result of what a GET does not show as completed, the end
  /// of a run that goes on as new) is followed by waiting as `executions_api::result` does, for what is left
  /// of that time.
  /// [`POST /v1/workflows/{workflow_identifier}/execute` with `wait_for_result`]
  /// Errors: as `execute`; execution_error - it ended as something else than COMPLETED; invalid_argument -
  ///         `timeout` is not positive
  /// Cancel: as `execute`; while it waits as `result` does, any type, and what was started goes on
  /// Repeat: keyed; deadline: `timeout` and `call_deadline` together, unless `client::with` sets one
  boost::asio::awaitable<execute_outcome> execute_and_wait(
      std::string workflow, execute_request request = execute_request(),
      std::chrono::milliseconds timeout = std::chrono::minutes(5)) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
