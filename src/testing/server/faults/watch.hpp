// What the server has seen, and those who wait for it to see more; safe from any thread.
// Not what the engine did: that is counted there.
#pragma once

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <list>
#include <mutex>

namespace mistral::workflows::testing {

class watch {
 public:
  using condition = local_server::condition;

  template <class Change>
  void change(Change change) {
    std::lock_guard lock(mutex_);
    change(counts_);
    wake();
  }
  /// Something that a condition may look at has changed outside of the counts.
  void changed() {
    std::lock_guard lock(mutex_);
    wake();
  }

  server_counts snapshot() const;
  bool wait_until(const condition& holds, std::chrono::milliseconds limit) const;
  boost::asio::awaitable<void> until(condition holds);
  /// Ends all waiting.
  void stop();

 private:
  struct waiter;
  void wake();
  boost::asio::awaitable<void> sleep(std::shared_ptr<waiter> entry);

  mutable std::mutex mutex_;
  mutable std::condition_variable woken_;
  mutable int blocked_ = 0;
  server_counts counts_;
  std::list<std::shared_ptr<waiter>> waiters_;
  bool stopped_ = false;
};

}  // namespace mistral::workflows::testing
