// Runs: every start of an execution, by a UUID of its own.
// Not the execution as a whole, whose latest run executions.hpp works on.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// By what runs are ordered.
enum class run_sort_key { start_time, end_time };

/// Which runs to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT run_list_request {
 public:
  run_list_request();
  run_list_request(const run_list_request&);
  run_list_request(run_list_request&&) noexcept;
  run_list_request& operator=(const run_list_request&);
  run_list_request& operator=(run_list_request&&) noexcept;
  ~run_list_request();

  std::optional<std::string> workflow_identifier;   ///< name or UUID
  std::optional<std::string> root_execution_id;     ///< the execution at the root, for all that it started
  std::optional<std::string> search;                ///< of a workflow's name, display name or id; unset: all
  std::vector<open_enum<execution_status>> status;  ///< one of these; empty: any
  std::optional<std::string> deployment_name;       ///< run by this deployment; unset: any
  std::optional<run_sort_key> sort_by;              ///< unset: as the server has it
  std::optional<sort_order> order;                  ///< server's default: descending
  std::optional<timestamp> start_time_after;        ///< began at this time or later
  std::optional<timestamp> start_time_before;       ///< began at this time or earlier
  std::optional<timestamp> end_time_after;   ///< ended at this time or later; leaves out what still runs
  std::optional<timestamp> end_time_before;  ///< ended at this time or earlier; leaves out what still runs
  std::optional<std::string> user_id;      ///< started by this user, "current" for the key's own; unset: any
  std::vector<std::string> workflow_tags;  ///< at most 20
  std::optional<bool> include_internal;    ///< server's default: true
  std::vector<std::string> search_keys;    ///< "key:value", at most 3
  std::optional<int> page_size;            ///< 1 to 1000; server's default: 50
  std::optional<std::string> next_page_token;  ///< `run_page::next_page_token` of the page before
};

/// The operations on runs. A cheap handle; made by `client::runs()`.
///
/// `run_id` is a UUID, else invalid_argument before anything is sent. Errors and cancellation as in
/// executions_api.
class MISTRAL_WORKFLOWS_EXPORT runs_api {
 public:
  /// Made by the library.
  explicit runs_api(std::shared_ptr<const session::client_handle> handle);
  runs_api(const runs_api&);
  runs_api& operator=(const runs_api&);
  ~runs_api();

  /// One page of runs, without their results.  [`GET /v1/workflows/runs`]
  /// Errors: invalid_argument - a member out of its range
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<run_page> list(run_list_request request = run_list_request()) const;

  /// All runs that fit the request, page by page as they are asked for, from `next_page_token` on.
  /// Errors: invalid_argument - thrown here: a member out of its range; decode_error - the pages lead in a
  ///         circle
  async_generator<execution_summary> list_all(run_list_request request = run_list_request()) const;

  /// A run with its result.  [`GET /v1/workflows/runs/{run_id}`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<execution> get(std::string run_id) const;

  /// A run's history, any JSON.  [`GET /v1/workflows/runs/{run_id}/history`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<boost::json::value> history(std::string run_id, bool decode_payloads = false) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
