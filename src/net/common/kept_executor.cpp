#include "net/common/kept_executor.hpp"

#include <mutex>
#include <set>
#include <utility>

namespace mistral::workflows::net {

// What is kept of a context's executors.
class kept_executor::registry {
 public:
  std::mutex mutex;
  bool stopped = false;
  std::set<kept_executor*> all;

  void stop() {
    const std::lock_guard lock(mutex);
    stopped = true;
    for (kept_executor* const one : all) one->executor_ = asio::any_io_executor();
  }
};

namespace {

class kept_executor_service final : public asio::execution_context::service {
 public:
  using key_type = kept_executor_service;
  static asio::execution_context::id id;

  explicit kept_executor_service(asio::execution_context& context)
      : service(context), registry(std::make_shared<kept_executor::registry>()) {}
  void shutdown() override { registry->stop(); }

  std::shared_ptr<kept_executor::registry> registry;
};

asio::execution_context::id kept_executor_service::id;

}  // namespace

kept_executor::kept_executor(asio::any_io_executor executor)
    : executor_(std::move(executor)),
      home_(asio::use_service<kept_executor_service>(context_of(executor_)).registry) {
  const std::lock_guard lock(home_->mutex);
  home_->all.insert(this);
}

kept_executor::~kept_executor() {
  const std::lock_guard lock(home_->mutex);
  home_->all.erase(this);
  executor_ = asio::any_io_executor();
}

}  // namespace mistral::workflows::net
