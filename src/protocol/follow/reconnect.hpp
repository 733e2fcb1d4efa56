// How long a stream waits before it connects again, and when it has tried for long enough.
// Not a timer and not a clock: times and randomness come from the caller.
#pragma once

#include "protocol/calls/backoff.hpp"

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>

namespace mistral::workflows::protocol {

struct reconnect_limits {
  reconnect_limits() = default;

  std::chrono::milliseconds initial_backoff{250};
  std::chrono::milliseconds max_backoff{20'000};
  int max_attempts = 0;  ///< failures in a row; 0: no limit
  std::chrono::milliseconds budget{10 * 60 * 1'000};
  std::chrono::milliseconds steady_after{10'000};  ///< a connection that held for so long is progress by itself
};

/// The first failure after progress is followed by an attempt at once, the next ones by back-off with full jitter. Never sooner
/// than the server asked for: `retry:` holds for all waits (up to `max_backoff`), Retry-After for the one it came with.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT reconnect_policy {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit reconnect_policy(reconnect_limits limits);

  /// An event has come: failures before it do not count any more.
  void progress() noexcept {
    if (failures_ > 0) begin_anew();
  }

  /// The server's `retry:` field.
  void server_asks(std::chrono::milliseconds retry) noexcept { retry_ = retry; }

  /// A connection was lost or could not be had. `held_for` is how long an answer 200 lasted; zero where there was none.
  /// The wait before the next attempt; nothing when the budget is spent, which begins anew with the call after that.
  std::optional<std::chrono::milliseconds> failed(time_point now, std::chrono::milliseconds held_for, double random01,
                                                  std::optional<std::chrono::milliseconds> retry_after = std::nullopt);

  /// Failures since the last progress.
  int failures() const noexcept { return failures_; }

 private:
  reconnect_limits limits_;
  backoff backoff_;
  std::chrono::milliseconds retry_{0};
  int failures_ = 0;
  time_point first_failure_{};

  void begin_anew() noexcept;
};

}  // namespace mistral::workflows::protocol
