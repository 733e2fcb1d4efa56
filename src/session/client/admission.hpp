// Waiting for the rate gate: the rules (protocol/calls/rate_gate.hpp)
// joined to coroutines, one timer and one mutex.
// Decides nothing itself, and costs one atomic load while nothing is limited.
#pragma once

#include "net/common/gate.hpp"
#include "net/common/kept_executor.hpp"
#include "protocol/calls/rate_gate.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mistral::workflows::session {

class admission;

/// The right to send one request. Whoever has one says done(); the destructor
/// alone wakes nobody, for it may run while the context goes away.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT turn {
 public:
  turn() = default;
  turn(std::shared_ptr<admission> from, protocol::rate_gate::id request)
      : from_(std::move(from)), request_(request) {}
  ~turn();
  turn(turn&& other) noexcept : from_(std::move(other.from_)), request_(other.request_) {}
  turn& operator=(turn&& other) noexcept {
    std::swap(from_, other.from_);
    std::swap(request_, other.request_);
    return *this;
  }

  explicit operator bool() const noexcept { return from_ != nullptr; }

  /// The request has ended. `success`: answered, and neither with 429 nor with a failure of the server.
  void done(bool success) noexcept;

 private:
  std::shared_ptr<admission> from_;
  protocol::rate_gate::id request_ = 0;
};

/// Thread-safe. Keeps a timer pending only while somebody waits.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT admission : public std::enable_shared_from_this<admission> {
 public:
  using clock = std::chrono::steady_clock;

  /// `executor`: the context's own, not a strand.
  admission(boost::asio::any_io_executor executor, protocol::rate_limits limits);

  /// Nobody has to wait, so that enter() may be left out.
  bool unrestricted() const noexcept { return unrestricted_.load(std::memory_order_acquire); }

  /// A turn that was had before says nothing now.
  bool closed() const;

  struct turn_or_refusal {
    turn_or_refusal() = default;

    turn held;
    std::optional<clock::time_point> refused_until;  ///< the gate opens after the deadline, at this time
  };

  /// Waits for a turn.
  /// Cancel: any type that the caller's state lets through; costs nothing.
  static boost::asio::awaitable<turn_or_refusal> enter(std::shared_ptr<admission> self,
                                                       protocol::waiting_line line,
                                                       clock::time_point deadline);

  /// After a 429 with Retry-After: nobody sends before `until`. True if this closed the gate.
  bool refused(clock::time_point until);

  std::size_t waiting() const;

 private:
  friend class turn;

  struct waiter {
    waiter() = default;

    std::shared_ptr<net::gate> told = std::make_shared<net::gate>();
    std::optional<protocol::rate_gate::verdict> verdict;  // guarded by mutex_
  };
  class place;
  using woken = std::vector<std::shared_ptr<net::gate>>;

  net::kept_executor executor_;
  std::atomic<bool> unrestricted_;
  mutable std::mutex mutex_;
  protocol::rate_gate gate_;
  std::unordered_map<protocol::rate_gate::id, std::shared_ptr<waiter>> waiters_;
  std::weak_ptr<boost::asio::steady_timer> timer_;  // its pending wait owns it, and so the context does
  clock::time_point timer_at_{};

  void done(protocol::rate_gate::id request, bool success) noexcept;
  void time_passed(const boost::asio::steady_timer* timer);
  woken settle(clock::time_point now);
  void arm(std::optional<clock::time_point> at);
  static void wake(const woken& all);
};

}  // namespace mistral::workflows::session
