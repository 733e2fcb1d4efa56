// How a pool is made of its options, and how it is found when its context goes away.
// Not what it does in between (pool_core.cpp, pool_acquire.cpp).
#include "net/pool/pool_core.hpp"

#include <boost/asio/execution_context.hpp>

#include <set>
#include <utility>

namespace mistral::workflows::net {

// Which pools live on a context.
class pool_core::registry {
 public:
  std::mutex mutex;
  std::set<pool_core*> pools;
};

namespace {

class pool_service final : public asio::execution_context::service {
 public:
  using key_type = pool_service;
  static asio::execution_context::id id;

  explicit pool_service(asio::execution_context& context)
      : service(context), pools(std::make_shared<pool_core::registry>()) {}

  void shutdown() override {
    std::vector<std::shared_ptr<pool_core>> left;
    {
      const std::lock_guard lock(pools->mutex);
      for (pool_core* const one : pools->pools) {
        if (auto still_there = one->weak_from_this().lock()) left.push_back(std::move(still_there));
      }
    }
    for (const auto& one : left) one->abandon();
  }

  std::shared_ptr<pool_core::registry> pools;
};

asio::execution_context::id pool_service::id;

protocol::pool_limits limits_of(const pool_options& options) {
  if (options.call_connections < 1) throw option_error("call_connections", "must be at least 1");
  if (options.stream_connections < 0) throw option_error("stream_connections", "must not be negative");
  protocol::pool_limits limits;
  limits.calls = options.call_connections;
  limits.streams = options.stream_connections;
  limits.idle = options.idle_limit;
  limits.lifetime = options.lifetime;
  return limits;
}

pool_options with_clock(pool_options options) {
  if (!options.now) options.now = [] { return std::chrono::steady_clock::now(); };
  return options;
}

}  // namespace

std::shared_ptr<pool_core> pool_core::create(asio::any_io_executor executor, pool_options options) {
  auto made = std::make_shared<pool_core>(below_strand(executor), with_clock(std::move(options)));
  made->registry_ = asio::use_service<pool_service>(context_of(made->executor_.get())).pools;
  const std::lock_guard lock(made->registry_->mutex);
  made->registry_->pools.insert(made.get());
  return made;
}

pool_core::pool_core(asio::any_io_executor executor, pool_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      connector_(options_.connect ? nullptr : std::make_shared<connector>(executor_.get(), options_)),
      state_(limits_of(options_)) {}

pool_core::~pool_core() {
  // Sockets must not outlive their context: a child that could not close them before keeps them for good.
  if (out_of_reach_) new std::vector<std::unique_ptr<connection>>(std::move(connections_));
  if (!registry_) return;
  const std::lock_guard lock(registry_->mutex);
  registry_->pools.erase(this);
}

}  // namespace mistral::workflows::net
