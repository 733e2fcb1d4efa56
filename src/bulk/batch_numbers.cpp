#include "bulk/batch_numbers.hpp"

#include "bulk/seconds.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::bulk_core {
namespace {

constexpr double mean_memory = 10;  // seconds
// Over a shorter time than this, one event would look like many a second.
constexpr double mean_shortest = 1;

}  // namespace

void event_rate::count(time_point now) {
  if (total_ == 0) first_ = last_ = now;
  weight_ = weight_ * std::exp(-in_seconds(std::max(now, last_) - last_) / mean_memory) + 1;
  last_ = std::max(last_, now);
  ++total_;
}

double event_rate::lately(time_point now) const {
  if (total_ == 0) return 0;
  const double faded = weight_ * std::exp(-in_seconds(std::max(now, last_) - last_) / mean_memory);
  // What lies before the first event is not a time without events.
  const double known = std::max(mean_shortest, in_seconds(std::max(now, last_) - first_));
  return faded / (mean_memory * (1 - std::exp(-known / mean_memory)));
}

double event_rate::mean(time_point now) const {
  if (total_ == 0) return 0;
  return static_cast<double>(total_) / std::max(mean_shortest, in_seconds(std::max(now, last_) - first_));
}

}  // namespace mistral::workflows::bulk_core
