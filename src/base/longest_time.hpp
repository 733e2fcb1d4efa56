// How long a length of time that a caller sets can be, and how low a rate: no arithmetic with them overflows.
// Not what is refused: each kind of options checks its own.
#pragma once

#include <algorithm>
#include <chrono>

namespace mistral::workflows {

/// As good as for ever, and two of them can be added to any point in time that a clock shows.
inline constexpr std::chrono::milliseconds longest_time = std::chrono::hours(24 * 365 * 100);

constexpr std::chrono::milliseconds bounded(std::chrono::milliseconds time) noexcept {
  return std::clamp(time, -longest_time, longest_time);
}

/// A second: one in the longest time. What is rarer counts as that.
inline constexpr double lowest_rate = 1 / std::chrono::duration<double>(longest_time).count();

}  // namespace mistral::workflows
