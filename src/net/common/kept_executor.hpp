// An executor for somebody who may outlive its context: a strand, for one, must not be let go of after that.
// Not for operations, which end with their context.
#pragma once

#include "net/common/asio_compat.hpp"

#include <mistral/workflows/export.hpp>

#include <memory>

namespace mistral::workflows::net {

/// Thread-safe, but for get() while the context goes away.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT kept_executor {
 public:
  explicit kept_executor(asio::any_io_executor executor);
  ~kept_executor();
  kept_executor(const kept_executor&) = delete;
  kept_executor& operator=(const kept_executor&) = delete;

  /// Empty when its context has gone.
  const asio::any_io_executor& get() const noexcept { return executor_; }

  class registry;

 private:
  asio::any_io_executor executor_;
  std::shared_ptr<registry> home_;
};

}  // namespace mistral::workflows::net
