// How many repeats a client affords: a bucket of tokens that successes without a repeat and time refill.
// Not a clock and not thread-safe: the caller passes the time in and holds a lock.
#pragma once

#include <algorithm>
#include <chrono>

namespace mistral::workflows::protocol {

class retry_budget {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `capacity` 0: nothing is ever refused.
  retry_budget(int capacity, double per_success, double per_second)
      : capacity_(capacity), per_success_(per_success), per_second_(per_second), tokens_(capacity) {}

  /// One more repeat, if it can be afforded.
  bool take(time_point now) {
    if (capacity_ == 0) return true;
    refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

  /// A call ended well at its first attempt.
  void succeeded(time_point now) {
    refill(now);
    tokens_ = std::min<double>(capacity_, tokens_ + per_success_);
  }

  /// Successes change nothing.
  bool full() const noexcept { return tokens_ >= capacity_; }

 private:
  int capacity_;
  double per_success_;
  double per_second_;
  double tokens_;
  time_point at_{};  // up to here time has been counted; the epoch: it has not begun to count

  void refill(time_point now) {
    if (at_ != time_point() && now > at_)
      tokens_ = std::min<double>(capacity_,
                                 tokens_ + per_second_ * std::chrono::duration<double>(now - at_).count());
    if (now > at_) at_ = now;
  }
};

}  // namespace mistral::workflows::protocol
