#include "session/client/fork_guard.hpp"

#include <pthread.h>

#include <atomic>

namespace mistral::workflows::session {
namespace {

std::atomic<std::uint64_t> forks{0};

}  // namespace

fork_guard::fork_guard() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;
  made_in_ = generation();
}

std::uint64_t fork_guard::generation() noexcept { return forks.load(std::memory_order_relaxed); }

void fork_guard::refuse() {
  throw invalid_argument("client", "was made before fork(), in the parent: make one in this process");
}

}  // namespace mistral::workflows::session
