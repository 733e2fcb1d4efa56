// Exponential back-off with full jitter: each wait is random between zero and a ceiling that doubles.
// Not a timer, and no source of randomness: the caller passes both in.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

namespace mistral::workflows::protocol {

class backoff {
 public:
  using duration = std::chrono::milliseconds;

  backoff(duration initial, duration maximum) : initial_(initial), maximum_(maximum), ceiling_(initial) {}

  /// The next wait. `random01` is uniform in [0, 1). `at_most`:
  /// what there is time for; it is drawn within that.
  duration next(double random01, duration at_most = duration::max()) {
    const duration ceiling = std::min(ceiling_, maximum_);
    ceiling_ = std::min(ceiling * 2, maximum_);
    return duration(std::llround(random01 * static_cast<double>(std::min(ceiling, at_most).count())));
  }

  /// After progress: the next wait is from the shortest ceiling again.
  void reset() { ceiling_ = initial_; }

 private:
  duration initial_;
  duration maximum_;
  duration ceiling_;
};

}  // namespace mistral::workflows::protocol
