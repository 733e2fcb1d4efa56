// The deadlines of a client's calls: one timer for all of them.
// Not what happens then: each call ends itself.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/set.hpp>

#include <chrono>
#include <memory>
#include <mutex>

namespace mistral::workflows::session {

/// Somebody with a deadline. Is taken off before it is destroyed.
class has_deadline : public boost::intrusive::set_base_hook<> {
 public:
  using clock = std::chrono::steady_clock;

  clock::time_point deadline() const noexcept { return deadline_; }

  friend bool operator<(const has_deadline& a, const has_deadline& b) noexcept { return a.deadline_ < b.deadline_; }

 protected:
  has_deadline() = default;
  ~has_deadline() = default;

 private:
  friend class deadlines;

  /// The time is over: to be told without a lock. Called on any thread, with the lock of the deadlines held.
  virtual void post_deadline_passed() = 0;

  clock::time_point deadline_;
};

/// Thread-safe. Keeps a timer pending only while somebody has a deadline.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT deadlines : public std::enable_shared_from_this<deadlines> {
 public:
  using clock = has_deadline::clock;

  /// `executor`: the context's own, not a strand.
  explicit deadlines(boost::asio::any_io_executor executor);

  void add(has_deadline& one, clock::time_point at);
  /// Also one that was not added, or is off already.
  void remove(has_deadline& one) noexcept;

 private:
  const boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  boost::intrusive::multiset<has_deadline> all_;
  std::weak_ptr<boost::asio::steady_timer> timer_;  // its pending wait owns it, and so the context does
  clock::time_point timer_at_{};

  void arm();
  void time_passed(const boost::asio::steady_timer* timer);
};

}  // namespace mistral::workflows::session
