// How many starts a second: a token bucket whose rate learns from what the server refuses.
// Not a clock and not a timer: the caller passes the time in and waits. Not thread-safe.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace mistral::workflows::bulk_core {

/// As long as nothing was refused the rate doubles each second. A 429 sets it to a little
/// less than what the server accepted lately, at most once for all requests that were under
/// way; a Retry-After is waited for. From then on it comes back to what was accepted, stays
/// near it for some seconds, and rises ever more quickly (a cubic curve of time), until it
/// is refused again. Time in which nobody waited for the rate does not let it rise.
///
/// A refusal every few seconds is the price of noticing within half a minute that the
/// limit has risen. Where each one comes with a Retry-After, and the server lets nothing
/// be made up for afterwards, these pauses cost a quarter to a third of the rate.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT rate_governor {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::nanoseconds;

  /// `limit`: starts per second, the caller's, not less than one in 100 years (see base/longest_time.hpp);
  /// 0: none.
  explicit rate_governor(double limit = 0);

  /// A start now: nothing, and it is counted. Else how long to wait before asking again; more than 0.
  std::optional<duration> take(time_point now);

  /// A request was accepted.
  void accepted(time_point now);
  /// One that was sent at `sent` was refused with 429.
  void throttled(time_point sent, std::optional<duration> retry_after, time_point now);

  void set_limit(double limit, time_point now);
  double limit() const noexcept { return limit_; }

  /// Starts per second that are allowed now; 0: no limit is known.
  double current() const noexcept;
  /// How often the server refused.
  std::uint64_t refusals() const noexcept { return refusals_; }

 private:
  double limit_;
  double rate_;  // never above limit_
  double tokens_;
  std::optional<time_point> at_;  // up to here time has been counted
  time_point held_back_until_{};  // so long somebody waits who would start more
  time_point closed_until_{};     // a Retry-After
  bool learned_ = false;          // the server has refused something
  time_point cut_at_{};           // what was sent before does not lower the rate again
  double plateau_ = 0;            // per second: what was nearly too much
  double climbed_ = 0;            // seconds since the cut in which the rate was used
  double seen_ = 0;               // accepted per second lately, as of seen_at_: an exponential mean
  time_point seen_at_{};
  std::optional<time_point> seen_from_;  // the first accepted one
  std::uint64_t refusals_ = 0;

  double capacity() const noexcept;
  double highest() const noexcept;
  double bounded(double rate) const;
  double seen(time_point now) const;
  void pass_time(time_point now);
  void climb(double seconds);
  void cut(time_point now);
};

}  // namespace mistral::workflows::bulk_core
