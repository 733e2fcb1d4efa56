#include "testing/server/core/start_limits.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::testing {

start_limits::start_limits(double per_second, std::optional<std::int64_t> quota, clock::time_point now)
    : filled_(now), quota_(quota) {
  set_rate(per_second, now);
  tokens_ = room();
}

double start_limits::room() const { return std::max(1.0, per_second_); }

void start_limits::set_rate(double per_second, clock::time_point now) {
  fill(now);
  // A limit where there was none begins with a full bucket.
  if (per_second_ <= 0) tokens_ = std::max(1.0, per_second);
  per_second_ = std::max(0.0, per_second);
  tokens_ = std::min(tokens_, room());
}

void start_limits::fill(clock::time_point now) {
  if (now > filled_)
    tokens_ = std::min(room(), tokens_ + per_second_ * std::chrono::duration<double>(now - filled_).count());
  filled_ = std::max(filled_, now);
}

start_verdict start_limits::ask(clock::time_point now) {
  if (quota_ && started_ >= *quota_) return start_verdict::over_quota;
  if (per_second_ <= 0) return start_verdict::welcome;
  fill(now);
  // What fractions of a second add up to may lack a last bit.
  return tokens_ >= 1 - 1e-9 ? start_verdict::welcome : start_verdict::too_fast;
}

void start_limits::started() {
  ++started_;
  if (per_second_ > 0) tokens_ = std::max(0.0, tokens_ - 1);
}

std::chrono::seconds start_limits::wait() const {
  if (per_second_ <= 0) return std::chrono::seconds(1);
  // Half a year is as good as for ever, and fits any clock.
  const double seconds = std::min(std::ceil((1 - tokens_) / per_second_), 1.5e7);
  return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(seconds)));
}

}  // namespace mistral::workflows::testing
