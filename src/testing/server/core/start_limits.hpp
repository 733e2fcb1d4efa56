// How many starts the server takes: so many a second, and so many in all. A value in, a verdict out.
// Not a fault: what is over a limit is refused as the API refuses it, and everything else goes its way.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/clock.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace mistral::workflows::testing {

/// What stands in the way of a start.
enum class start_verdict {
  welcome,
  too_fast,    ///< 429, again after `start_limits::wait`
  over_quota,  ///< 402
};

/// A bucket that holds the starts of a second (at least one) and
/// fills evenly; and a number of starts that may be made in all.
/// Only what was really started is taken off: a start that is refused for another reason costs nothing.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT start_limits {
 public:
  start_limits(double per_second, std::optional<std::int64_t> quota, clock::time_point now);

  void set_rate(double per_second, clock::time_point now);
  void set_quota(std::optional<std::int64_t> starts) { quota_ = starts; }

  start_verdict ask(clock::time_point now);
  void started();
  /// Until the next start fits, in whole seconds and at least one.
  std::chrono::seconds wait() const;

 private:
  double room() const;
  void fill(clock::time_point now);

  double per_second_ = 0;  // 0: no limit
  double tokens_ = 0;
  clock::time_point filled_;
  std::optional<std::int64_t> quota_;
  std::int64_t started_ = 0;
};

}  // namespace mistral::workflows::testing
