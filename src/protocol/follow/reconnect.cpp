#include "protocol/follow/reconnect.hpp"

#include <algorithm>

namespace mistral::workflows::protocol {

reconnect_policy::reconnect_policy(reconnect_limits limits)
    : limits_(limits), backoff_(limits.initial_backoff, limits.max_backoff) {}

void reconnect_policy::begin_anew() noexcept {
  failures_ = 0;
  backoff_.reset();
}

std::optional<std::chrono::milliseconds> reconnect_policy::failed(
    time_point now, std::chrono::milliseconds held_for, double random01,
    std::optional<std::chrono::milliseconds> retry_after) {
  if (held_for >= limits_.steady_after) progress();
  if (++failures_ == 1) first_failure_ = now;

  std::chrono::milliseconds wait{0};
  if (failures_ > 1) wait = backoff_.next(random01);
  wait = std::max(wait, std::min(retry_, limits_.max_backoff));
  if (retry_after) wait = std::max(wait, *retry_after);

  const bool too_many = limits_.max_attempts > 0 && failures_ > limits_.max_attempts;
  const bool too_late = failures_ > 1 && now + wait - first_failure_ > limits_.budget;
  if (too_many || too_late) {
    progress();
    return std::nullopt;
  }
  return wait;
}

}  // namespace mistral::workflows::protocol
