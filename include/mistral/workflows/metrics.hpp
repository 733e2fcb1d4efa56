// How the executions of a workflow went, in numbers.
// Not the metrics of this client: those are `client::stats`.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/metrics.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// Over which time to count. Unset members are not sent.
class MISTRAL_WORKFLOWS_EXPORT metrics_request {
 public:
  metrics_request();

  std::optional<timestamp> start_time;  ///< counts what was started after it; unset: all
  std::optional<timestamp> end_time;    ///< counts what was started before it; unset: all
};

/// The operations on metrics. A cheap handle; made by `client::metrics()`. Errors and cancellation as in
/// workflows_api.
class MISTRAL_WORKFLOWS_EXPORT metrics_api {
 public:
  /// Made by the library.
  explicit metrics_api(std::shared_ptr<const session::client_handle> handle);
  metrics_api(const metrics_api&);
  metrics_api& operator=(const metrics_api&);
  ~metrics_api();

  /// The metrics of a workflow.  [`GET /v1/workflows/{workflow_name}/metrics`]
  /// Errors: invalid_argument - a `workflow_name` that is a route of the API ("runs", "schedules",
  ///         "deployments", "registrations", "executions"); errc::workflow_not_found
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflow_metrics> get(std::string workflow_name,
                                               metrics_request request = metrics_request()) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
