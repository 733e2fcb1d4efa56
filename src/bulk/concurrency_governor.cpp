#include "bulk/concurrency_governor.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::bulk_core {
namespace {

constexpr double first_limit = 4;
constexpr double tolerance = 1.5;   // of the quickest: slower answers lower the limit
constexpr double steepest = 0.5;    // one step lowers it to no less than this, ...
constexpr double smoothing = 0.3;   // ... and goes this part of the way
constexpr double cut = 0.7;         // of the limit, after 503
constexpr std::size_t fewest = 10;  // answers of a step
constexpr auto shortest_step = std::chrono::milliseconds(50);
constexpr auto look_every = std::chrono::seconds(30);

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

concurrency_governor::concurrency_governor(std::size_t most)
    : most_(std::max<std::size_t>(1, most)), limit_(std::min(first_limit, static_cast<double>(most_))) {}

void concurrency_governor::answered(time_point sent, std::size_t in_flight, time_point now) {
  if (!step_open_) {
    step_began_ = now;
    step_open_ = true;
  }
  sum_ += seconds(std::max(now, sent) - sent);
  ++samples_;
  busiest_ = std::max(busiest_, in_flight);
  if (samples_ >= std::max(fewest, limit()) && now - step_began_ >= shortest_step) step(now);
}

// A step has as many answers as may be under way: each was sent under the limit of the step before, or under this one.
void concurrency_governor::step(time_point now) {
  const double latency = std::max(1e-6, sum_ / static_cast<double>(samples_));
  const bool used = static_cast<double>(busiest_) >= limit_ / 2;
  const bool few = static_cast<double>(busiest_) <= limit_;
  sum_ = 0;
  samples_ = busiest_ = 0;
  step_open_ = false;

  if (looking_) {
    see(latency, few);
    if (!looking_) looked_at_ = now;
    return;
  }
  if (quickest_ == 0) looked_at_ = now;
  quickest_ = quickest_ == 0 ? latency : std::min(quickest_, latency);
  const double gradient = std::clamp(tolerance * quickest_ / latency, steepest, 1.0);
  if (gradient < 1) starting_ = false;
  const double aim = starting_ ? limit_ * (1 + 1 / smoothing) : limit_ * gradient + std::sqrt(limit_);
  // Where the limit was not reached, nothing was learned about a higher one.
  if (aim < limit_ || used) limit_ += smoothing * (aim - limit_);
  keep_bounds();
  if (now - looked_at_ >= look_every) look();
}

// Until little is under way, and what was sent before that is answered, latencies tell of the queue.
void concurrency_governor::see(double latency, bool few) {
  if (!few_seen_) {
    few_seen_ = few;
    return;
  }
  quickest_ = latency;
  looking_ = false;
  limit_ = before_look_;
}

void concurrency_governor::look() {
  looking_ = true;
  few_seen_ = false;
  before_look_ = limit_;
  limit_ = std::max(1.0, limit_ / 4);
}

void concurrency_governor::overloaded(time_point sent, time_point now) {
  if (cut_at_ && sent <= *cut_at_) return;
  if (looking_) limit_ = before_look_;
  looking_ = starting_ = false;
  cut_at_ = now;
  limit_ *= cut;
  keep_bounds();
}

void concurrency_governor::keep_bounds() { limit_ = std::clamp(limit_, 1.0, static_cast<double>(most_)); }

void concurrency_governor::set_most(std::size_t most) {
  most_ = std::max<std::size_t>(1, most);
  before_look_ = std::min(before_look_, static_cast<double>(most_));
  keep_bounds();
}

}  // namespace mistral::workflows::bulk_core
