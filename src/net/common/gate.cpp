#include "net/common/gate.hpp"

namespace mistral::workflows::net {

// Which gates of a context have somebody waiting: this is who
// owns them, and ends the waiting when the context goes away.
class gate::registry {
 public:
  std::mutex mutex;
  bool stopped = false;
  std::list<std::shared_ptr<gate>> waiting;

  void stop() {
    std::list<std::shared_ptr<gate>> left;
    {
      const std::lock_guard lock(mutex);
      stopped = true;
      left.swap(waiting);
    }
    for (const auto& one : left) one->abandon();
  }
};

namespace {

class gate_service final : public asio::execution_context::service {
 public:
  using key_type = gate_service;
  static asio::execution_context::id id;

  explicit gate_service(asio::execution_context& context)
      : service(context), registry(std::make_shared<gate::registry>()) {}
  void shutdown() override { registry->stop(); }

  std::shared_ptr<gate::registry> registry;
};

asio::execution_context::id gate_service::id;

}  // namespace

gate::gate() = default;
gate::~gate() = default;

void gate::open(error_code result) {
  std::shared_ptr<registry> home;
  {
    const std::lock_guard lock(mutex_);
    if (open_) return;
    open_ = true;
    result_ = result;
    home = home_;
  }
  if (home) resume(*home);
}

void gate::wait(std::unique_ptr<pending> waiting, asio::execution_context& context) {
  const auto home = asio::use_service<gate_service>(context).registry;
  bool open_already = false;
  {
    const std::lock_guard lock(home->mutex);
    if (home->stopped) return;
    waiting->place = home->waiting.insert(home->waiting.end(), shared_from_this());
    const std::lock_guard own_lock(mutex_);
    pending_ = std::move(waiting);
    home_ = home;
    open_already = open_;
  }
  if (open_already) resume(*home);
}

// Posting happens under the registry's lock: a thread that does not belong to
// the context may open a gate while the context is being destroyed. It posts
// before that, or finds the registry stopped and leaves the waiter to stop().
void gate::resume(registry& home) {
  std::shared_ptr<gate> self;  // may be the last; let go after the lock
  const std::lock_guard lock(home.mutex);
  if (home.stopped) return;
  std::unique_ptr<pending> waiting;
  {
    const std::lock_guard own_lock(mutex_);
    waiting = std::move(pending_);
  }
  if (!waiting) return;
  self = std::move(*waiting->place);
  home.waiting.erase(waiting->place);
  waiting->complete(result_);
}

void gate::abandon() noexcept {
  std::unique_ptr<pending> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(pending_);
  }
}

}  // namespace mistral::workflows::net
