#include "net/common/fork_guard.hpp"

#include <pthread.h>

#include <atomic>

namespace mistral::workflows::net {
namespace {

std::atomic<std::uint64_t> forks{0};

}  // namespace

fork_guard::fork_guard() {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
  made_in_ = generation();
}

std::uint64_t fork_guard::generation() noexcept { return forks.load(std::memory_order_relaxed); }

}  // namespace mistral::workflows::net
