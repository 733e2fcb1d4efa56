#include "bulk/concurrency_governor.hpp"

#include "bulk/seconds.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::bulk_core {
namespace {

constexpr double at_once_at_first = 4;
constexpr double at_once_tolerance = 1.5;  // of the quickest: slower answers lower the limit
constexpr double at_once_steepest = 0.5;   // one window lowers it to no less than this, ...
constexpr double at_once_smoothing = 0.3;  // ... and goes this part of the way
constexpr double at_once_cut = 0.7;        // of the limit, after 503
constexpr double at_once_lowering =
    0.05;  // of a window that was quicker than the quickest: chance makes some so
constexpr std::size_t at_once_fewest = 32;  // answers of a window
constexpr auto at_once_shortest_window = std::chrono::milliseconds(50);
constexpr auto at_once_look_every = std::chrono::seconds(30);

}  // namespace

concurrency_governor::concurrency_governor(std::size_t most)
    : most_(std::max<std::size_t>(1, most)), limit_(std::min(at_once_at_first, static_cast<double>(most_))) {}

void concurrency_governor::answered(time_point sent, std::size_t in_flight, time_point now) {
  if (!window_open_) {
    window_began_ = now;
    window_open_ = true;
  }
  sum_ += in_seconds(std::max(now, sent) - sent);
  ++samples_;
  busiest_ = std::max(busiest_, in_flight);
  if (samples_ >= std::max(at_once_fewest, limit()) && now - window_began_ >= at_once_shortest_window)
    close_window(now);
}

// A window has as many answers as may be under way: each was
// sent under the limit of the window before, or under this one.
void concurrency_governor::close_window(time_point now) {
  const double latency = std::max(1e-6, sum_ / static_cast<double>(samples_));
  const bool used = static_cast<double>(busiest_) >= limit_ / 2;
  const bool few = static_cast<double>(busiest_) <= limit_;
  sum_ = 0;
  samples_ = busiest_ = 0;
  window_open_ = false;

  if (looking_) {
    see(latency, few);
    if (!looking_) looked_at_ = now;
    return;
  }
  if (quickest_ == 0) looked_at_ = now;
  if (quickest_ == 0) quickest_ = latency;
  quickest_ += at_once_lowering * (std::min(quickest_, latency) - quickest_);
  const double gradient = std::clamp(at_once_tolerance * quickest_ / latency, at_once_steepest, 1.0);
  if (gradient < 1) starting_ = false;
  const double aim = starting_ ? limit_ * (1 + 1 / at_once_smoothing) : limit_ * gradient + std::sqrt(limit_);
  // Where the limit was not reached, nothing was learned about a higher one.
  if (aim < limit_ || used) limit_ += at_once_smoothing * (aim - limit_);
  keep_bounds();
  if (now - looked_at_ >= at_once_look_every) look();
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
  looking_ = false;
  cut_at_ = now;
  limit_ *= at_once_cut;
  keep_bounds();
  // Down here it was no queue but an outage: nothing is known of what the server can do now.
  starting_ = limit_ < 2;
}

void concurrency_governor::keep_bounds() { limit_ = std::clamp(limit_, 1.0, static_cast<double>(most_)); }

void concurrency_governor::set_most(std::size_t most) {
  most_ = std::max<std::size_t>(1, most);
  before_look_ = std::min(before_look_, static_cast<double>(most_));
  keep_bounds();
}

}  // namespace mistral::workflows::bulk_core
