// How long somebody has waited for a stream, in all: the time that its rules go by.
// Not a timer, and no time of day: it stands still while nobody waits.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

namespace mistral::workflows::session {

class wait_time {
 public:
  using clock = std::chrono::steady_clock;

  wait_time() = default;

  /// A wait, whatever it ends with. One that is cancelled counts too: `next_for` in a loop must not hold the
  /// clocks.
  class counted {
   public:
    explicit counted(wait_time& in) : in_(in) { in_.since_ = clock::now(); }
    counted(const counted&) = delete;
    counted& operator=(const counted&) = delete;
    ~counted() { in_.before_ += clock::now() - *std::exchange(in_.since_, std::nullopt); }

   private:
    wait_time& in_;
  };

  /// All of it until `now`, the wait under way included.
  std::chrono::nanoseconds at(clock::time_point now) const {
    return before_ + (since_ ? now - *since_ : std::chrono::nanoseconds(0));
  }

 private:
  std::chrono::nanoseconds before_{0};
  std::optional<clock::time_point> since_;
};

}  // namespace mistral::workflows::session
