#include "bulk/batch_numbers.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::bulk_core {
namespace {

constexpr double memory = 10;  // seconds
// Over a shorter time than this, one event would look like many a second.
constexpr double shortest = 1;

double seconds(duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

void event_rate::count(time_point now) {
  if (total_ == 0) first_ = last_ = now;
  weight_ = weight_ * std::exp(-seconds(std::max(now, last_) - last_) / memory) + 1;
  last_ = std::max(last_, now);
  ++total_;
}

double event_rate::lately(time_point now) const {
  if (total_ == 0) return 0;
  const double faded = weight_ * std::exp(-seconds(std::max(now, last_) - last_) / memory);
  // What lies before the first event is not a time without events.
  const double known = std::max(shortest, seconds(std::max(now, last_) - first_));
  return faded / (memory * (1 - std::exp(-known / memory)));
}

double event_rate::mean(time_point now) const {
  if (total_ == 0) return 0;
  return static_cast<double>(total_) / std::max(shortest, seconds(std::max(now, last_) - first_));
}

}  // namespace mistral::workflows::bulk_core
