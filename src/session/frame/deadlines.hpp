// The deadlines of a client's calls: one timer for all of them.
// Not what happens then: each call ends itself.
#pragma once

#include "net/common/kept_executor.hpp"
#include "session/frame/slots.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace mistral::workflows::session {

/// Somebody with a deadline. Is taken off before it is destroyed.
class has_deadline {
 public:
  using clock = std::chrono::steady_clock;

  clock::time_point deadline() const noexcept { return deadline_; }

 protected:
  has_deadline() = default;
  ~has_deadline() = default;

 private:
  friend class deadlines;

  /// The time is over: to be told without a lock. Called on any thread, with the lock of the deadlines held.
  virtual void post_deadline_passed() = 0;

  clock::time_point deadline_;
  std::uint32_t place_ = ~std::uint32_t{0};
};

/// Thread-safe. Keeps a timer pending only while somebody has a deadline. Nearly all are taken
/// off in time, so that coming and going cost least, and a timer that strikes looks through all.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT deadlines : public std::enable_shared_from_this<deadlines> {
 public:
  using clock = has_deadline::clock;

  /// `executor`: the context's own, not a strand.
  explicit deadlines(boost::asio::any_io_executor executor);

  void add(has_deadline& one, clock::time_point at);
  /// Also one that was not added, or is off already.
  void remove(has_deadline& one) noexcept;

 private:
  struct pending_deadline {
    bool empty() const noexcept { return who == nullptr; }

    has_deadline* who = nullptr;
    clock::time_point at;
  };

  net::kept_executor executor_;
  std::mutex mutex_;
  slots<pending_deadline> all_;
  std::weak_ptr<boost::asio::steady_timer> timer_;  // its pending wait owns it, and so the context does
  clock::time_point timer_at_{};

  void strike_at(clock::time_point at);
  void disarm();
  void time_passed(const boost::asio::steady_timer* timer);
};

}  // namespace mistral::workflows::session
