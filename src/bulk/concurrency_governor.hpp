// How many requests may be under way at once: few enough that the server answers quickly.
// Not how many jobs run, and not a clock: the caller passes the time in. Not thread-safe.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace mistral::workflows::bulk_core {

/// The limit rises by a part of its square root while answers come nearly as quickly as the quickest
/// lately, and falls as they take longer than half as much again (a gradient). 503, and requests
/// that got no answer, cut it, at most once for all that were under way. Every half a minute it is
/// lowered to a quarter for a moment, to see how quick the server is when little waits there.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT concurrency_governor {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = std::chrono::nanoseconds;

  /// `most`: the caller's; at least 1.
  explicit concurrency_governor(std::size_t most);

  /// From 1 to the caller's most.
  std::size_t limit() const noexcept { return static_cast<std::size_t>(limit_); }

  /// A request that was sent at `sent` was answered in time;
  /// `in_flight`: how many were under way, it included.
  void answered(time_point sent, std::size_t in_flight, time_point now);
  /// The server could not (503 and its like), or did not answer.
  void overloaded(time_point sent, time_point now);

  void set_most(std::size_t most);

 private:
  std::size_t most_;
  double limit_;
  bool starting_ = true;              // no sign of a queue yet, or anew after an outage: it doubles
  std::optional<time_point> cut_at_;  // what was sent before does not lower the limit again
  // The answers of one window:
  time_point window_began_{};
  bool window_open_ = false;
  double sum_ = 0;  // of their latencies, seconds
  std::size_t samples_ = 0;
  std::size_t busiest_ = 0;  // most under way at once
  // The quickest window lately:
  double quickest_ = 0;  // seconds; 0: not known
  time_point looked_at_{};
  bool looking_ = false;  // lowered, to see it anew
  bool few_seen_ = false;
  double before_look_ = 0;

  void close_window(time_point now);
  void look();
  void see(double latency, bool few);
  void keep_bounds();
};

}  // namespace mistral::workflows::bulk_core
