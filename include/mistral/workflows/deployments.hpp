// Deployments: the workers that run workflows, and those that the platform builds and runs itself.
// Not what a worker must know to connect: see workers.hpp.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/log_stream.hpp>
#include <mistral/workflows/model/deployment.hpp>
#include <mistral/workflows/model/log.hpp>
#include <mistral/workflows/model/timestamp.hpp>
#include <mistral/workflows/sort_order.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// By what deployments are ordered.
enum class deployment_sort_key { updated_at, created_at };

/// Which deployments to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT deployment_list_request {
 public:
  deployment_list_request();
  deployment_list_request(const deployment_list_request&);
  deployment_list_request(deployment_list_request&&) noexcept;
  deployment_list_request& operator=(const deployment_list_request&);
  deployment_list_request& operator=(deployment_list_request&&) noexcept;
  ~deployment_list_request();

  std::optional<bool> active_only;              ///< server's default: true
  std::optional<bool> is_hardened;              ///< unset: both
  std::optional<std::string> workflow_name;     ///< with this workflow; unset: any
  std::optional<std::string> search;            ///< what the name or the id begins with
  std::optional<deployment_sort_key> order_by;  ///< unset: active and managed ones first, then by creation
  std::optional<sort_order> order;              ///< server's default: descending
  std::optional<int> limit;                     ///< 1 to 100
  std::optional<std::string> cursor;            ///< `deployment_page::next_cursor` of the page before
  std::optional<std::string> workspace_id;      ///< a UUID
  std::optional<std::string> created_by;        ///< id of the user; unset: any
  std::vector<open_enum<location_type>> location_types;  ///< one of these; empty: any
};

/// The deployment that the platform is to build and run.
class MISTRAL_WORKFLOWS_EXPORT deployment_create_request {
 public:
  /// `deployment_name`: not empty. `what`: what it is to run.
  deployment_create_request(std::string deployment_name, worker_spec_input what);
  deployment_create_request(const deployment_create_request&);
  deployment_create_request(deployment_create_request&&) noexcept;
  deployment_create_request& operator=(const deployment_create_request&);
  deployment_create_request& operator=(deployment_create_request&&) noexcept;
  ~deployment_create_request();

  std::string name;  ///< not empty

  /// `github_url` is not empty; `backend_spec` excludes `entrypoint` and `working_dir`.
  worker_spec_input spec;
  std::optional<deployment_resources> resources;  ///< unset: the server's own
  bool hardened = false;                          ///< whether it gets a credential of its own; default: no
};

/// What to change of a deployment: an absent member stays as it is, null is a value.
class MISTRAL_WORKFLOWS_EXPORT deployment_update_request {
 public:
  deployment_update_request();
  deployment_update_request(const deployment_update_request&);
  deployment_update_request(deployment_update_request&&) noexcept;
  deployment_update_request& operator=(const deployment_update_request&);
  deployment_update_request& operator=(deployment_update_request&&) noexcept;
  ~deployment_update_request();

  /// A value in `backend_spec` excludes values in `entrypoint` and `working_dir`.
  patch_field<worker_spec_patch> spec;
  patch_field<deployment_resources_patch> resources;  ///< changes; absent: none
};

/// Which workers of a deployment to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT deployment_workers_request {
 public:
  deployment_workers_request();
  deployment_workers_request(const deployment_workers_request&);
  deployment_workers_request(deployment_workers_request&&) noexcept;
  deployment_workers_request& operator=(const deployment_workers_request&);
  deployment_workers_request& operator=(deployment_workers_request&&) noexcept;
  ~deployment_workers_request();

  /// Only those heard of lately, or only the others; sent along with `cursor` again.
  std::optional<bool> active;
  std::optional<int> limit;           ///< 1 to 100; server's default: 50
  std::optional<std::string> cursor;  ///< `worker_page::next_cursor` of the page before
};

/// Which log records of a deployment to return. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT deployment_logs_request {
 public:
  deployment_logs_request();
  deployment_logs_request(const deployment_logs_request&);
  deployment_logs_request(deployment_logs_request&&) noexcept;
  deployment_logs_request& operator=(const deployment_logs_request&);
  deployment_logs_request& operator=(deployment_logs_request&&) noexcept;
  ~deployment_logs_request();

  std::optional<std::string> worker_name;    ///< of this worker; unset: all
  std::optional<std::string> workflow_name;  ///< of this workflow; unset: all
  std::optional<timestamp> after;            ///< at this time or later
  std::optional<timestamp> before;           ///< earlier than this time

  /// Server's default: ascending, oldest first; not looked at with `cursor`.
  std::optional<sort_order> order;
  /// `log_page::next_cursor` of the page before; remembers range and order.
  std::optional<std::string> cursor;
  std::optional<int> limit;  ///< 1 to 100; server's default: 50
};

/// Which records of a deployment's log to stream. Unset members are not sent.
class MISTRAL_WORKFLOWS_EXPORT deployment_log_stream_request {
 public:
  deployment_log_stream_request();
  deployment_log_stream_request(const deployment_log_stream_request&);
  deployment_log_stream_request(deployment_log_stream_request&&) noexcept;
  deployment_log_stream_request& operator=(const deployment_log_stream_request&);
  deployment_log_stream_request& operator=(deployment_log_stream_request&&) noexcept;
  ~deployment_log_stream_request();

  std::optional<std::string> worker_name;    ///< of this worker; unset: all
  std::optional<std::string> workflow_name;  ///< of this workflow; unset: all
  std::optional<timestamp> after;            ///< where a stream without a cursor begins
};

/// The operations on deployments. A cheap handle; made by `client::deployments()`.
///
/// `name` is a deployment's name throughout: not empty, not "." or "..", else invalid_argument before
/// anything is sent. Every write answers at once with the deployment as it is then; what was asked for
/// follows later.
/// Errors common to all: api_error (errc::not_found), transport_error, timeout_error, cancelled_error,
/// decode_error.
/// Cancel: as the class `client` says.
class MISTRAL_WORKFLOWS_EXPORT deployments_api {
 public:
  /// Made by the library.
  explicit deployments_api(std::shared_ptr<const session::client_handle> handle);
  deployments_api(const deployments_api&);
  deployments_api& operator=(const deployments_api&);
  ~deployments_api();

  /// One page of deployments.  [`GET /v1/workflows/deployments`]
  /// Errors: invalid_argument - `limit` or `workspace_id`
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<deployment_page> list(
      deployment_list_request request = deployment_list_request()) const;

  /// All deployments that fit the request, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: `limit` or `workspace_id`; decode_error - the pages lead in a
  ///         circle
  async_generator<deployment> list_all(deployment_list_request request = deployment_list_request()) const;

  /// Creates a deployment that the platform builds and runs. Sent again only if the server cannot have acted.
  /// [`POST /v1/workflows/deployments`]
  /// Errors: invalid_argument - `name` or `spec`
  /// Repeat: once; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<managed_deployment> create(deployment_create_request request) const;

  /// A deployment with its workers.  [`GET /v1/workflows/deployments/{name}`]
  /// `workflow_name`: only if it runs this workflow.
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<deployment_detail> get(
      std::string name, std::optional<std::string> workflow_name = std::nullopt) const;

  /// Changes what a deployment runs or may use.  [`PATCH /v1/workflows/deployments/{name}`]
  /// Errors: invalid_argument - `spec`
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<managed_deployment> update(std::string name,
                                                    deployment_update_request request) const;

  /// Deletes a deployment. A repeat after a lost answer may find it gone: errc::not_found with
  /// `server_may_have_acted()` not `no` then means that it is deleted.
  /// [`DELETE /v1/workflows/deployments/{name}`]
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<managed_deployment> remove(std::string name) const;

  /// Stops the workers of a deployment.  [`POST /v1/workflows/deployments/{name}/stop`]
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<managed_deployment> stop(std::string name) const;

  /// Starts the workers of a stopped deployment.  [`POST /v1/workflows/deployments/{name}/start`]
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<managed_deployment> start(std::string name) const;

  /// Replaces the workers of a deployment by new ones. Sent again only if the server cannot have acted.
  /// [`POST /v1/workflows/deployments/{name}/restart`]
  /// Repeat: once; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<managed_deployment> restart(std::string name) const;

  /// One page of a deployment's workers.  [`GET /v1/workflows/deployments/{name}/workers`]
  /// Errors: invalid_argument - `limit` out of range
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<worker_page> workers(
      std::string name, deployment_workers_request request = deployment_workers_request()) const;

  /// All workers of a deployment, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: `name` or `limit`; decode_error - the pages lead in a circle
  async_generator<deployment_worker> workers_all(
      std::string name, deployment_workers_request request = deployment_workers_request()) const;

  /// One page of log records.  [`GET /v1/workflows/deployments/{name}/logs`]
  /// Errors: invalid_argument - `limit` out of range
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<log_page> logs(std::string name,
                                        deployment_logs_request request = deployment_logs_request()) const;

  /// All log records that fit the request, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: `name` or `limit`; decode_error - the pages lead in a circle
  async_generator<log_record> logs_all(std::string name,
                                       deployment_logs_request request = deployment_logs_request()) const;

  /// The deployment's log, live and through disconnects; see log_stream.hpp. Does not end by itself, but for
  /// a 204: workers come and go, so close it, or stop asking. Of `stream_options`, `source`, `status_check`,
  /// `drain_time`, `missing_after`, `on_missing_event` and `follow_continue_as_new` have no meaning here.
  /// [`GET /v1/workflows/deployments/{name}/logs/stream`]
  /// Errors: invalid_argument - thrown here: a name or an option that cannot be
  /// Repeat: read; deadline: none
  log_stream stream_logs(std::string name,
                         deployment_log_stream_request request = deployment_log_stream_request(),
                         stream_options options = stream_options()) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
