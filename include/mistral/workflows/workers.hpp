// What a worker of this API key must know to connect.
// Not the workers of a deployment: `deployments().workers(name)` lists those.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/deployment.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// The operations for workers. A cheap handle; made by `client::workers()`. Errors and cancellation as in
/// workflows_api.
class MISTRAL_WORKFLOWS_EXPORT workers_api {
 public:
  /// Made by the library.
  explicit workers_api(std::shared_ptr<const session::client_handle> handle);
  workers_api(const workers_api&);
  workers_api& operator=(const workers_api&);
  ~workers_api();

  /// Where the workers of this API key connect to.  [`GET /v1/workflows/workers/whoami`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<worker_identity> whoami() const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
