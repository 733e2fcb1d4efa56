#include "bulk/rate_governor.hpp"

#include "base/longest_time.hpp"
#include "bulk/seconds.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::bulk_core {
namespace {

constexpr double rate_at_first = 250;             // per second, while nothing is known
constexpr double rate_without_limit = 1'000'000;  // per second
constexpr double rate_at_least = 0.02;            // one in 50 seconds: something must be sent to learn more
constexpr double rate_saved_up = 0.05;            // seconds of the rate that may go at once: timers are late
constexpr double rate_kept = 0.97;                // of what was too much
constexpr double rate_hold = 1.75;                // seconds until the rate is back there
constexpr double rate_curve = 0.004;              // eight times the rate 12 s later
constexpr double rate_memory = 1;                 // seconds that the accepted ones are averaged over, ...
constexpr double rate_memory_answers = 10;        // ... or longer, where that would be fewer
constexpr std::chrono::milliseconds rate_wait_late(100);  // so much longer than was said may a wait last

double usable(double limit) { return limit > 0 ? std::max(limit, lowest_rate) : limit; }

double rate_memory_at(double rate) { return std::clamp(rate_memory_answers / rate, rate_memory, 60.0); }

}  // namespace

rate_governor::rate_governor(double limit)
    : limit_(usable(limit)), rate_(limit_ > 0 ? limit_ : rate_at_first), tokens_(capacity()) {}

double rate_governor::capacity() const noexcept { return std::max(1.0, rate_ * rate_saved_up); }

double rate_governor::highest() const noexcept { return limit_ > 0 ? limit_ : rate_without_limit; }

double rate_governor::bounded(double rate) const {
  return std::min(std::max(rate, rate_at_least), highest());
}

double rate_governor::current() const noexcept { return learned_ || limit_ > 0 ? rate_ : 0; }

double rate_governor::seen(time_point now) const {
  if (!seen_from_) return 0;
  const double over = rate_memory_at(rate_);
  const double faded = now > seen_at_ ? seen_ * std::exp(-in_seconds(now - seen_at_) / over) : seen_;
  // Of the time before the first one nothing is known.
  return faded / (1 - std::exp(-std::max(0.1, in_seconds(now - *seen_from_)) / over));
}

std::optional<rate_governor::duration> rate_governor::take(time_point now) {
  pass_time(now);
  if (now < closed_until_) return closed_until_ - now;
  constexpr double enough = 1 - 1e-9;
  if (tokens_ >= enough) {
    tokens_ -= 1;
    return std::nullopt;
  }
  const auto exactly = std::chrono::duration<double>((1 - tokens_) / rate_);
  const duration wait =
      std::max<duration>(std::chrono::duration_cast<duration>(exactly), std::chrono::microseconds(1));
  held_back_until_ = now + wait + rate_wait_late;
  return wait;
}

void rate_governor::pass_time(time_point now) {
  if (!at_) at_ = now;
  const time_point from = std::max(*at_, closed_until_);
  if (now > from) {
    if (held_back_until_ > from) climb(in_seconds(std::min(now, held_back_until_) - from));
    tokens_ = std::min(capacity(), tokens_ + rate_ * in_seconds(now - from));
    held_back_until_ = time_point();
  }
  at_ = std::max(*at_, now);
}

void rate_governor::climb(double passed) {
  if (!learned_) {
    rate_ = std::min(highest(), rate_ * std::exp2(passed));
    return;
  }
  climbed_ += passed;
  const double x = climbed_ - rate_hold;
  const double below = x / rate_hold;
  const double factor = x < 0 ? 1 + (1 - rate_kept) * below * below * below : 1 + rate_curve * x * x * x;
  rate_ = bounded(plateau_ * factor);
}

void rate_governor::accepted(time_point now) {
  const double over = rate_memory_at(rate_);
  if (!seen_from_) seen_from_ = seen_at_ = now;
  seen_ = seen_ * std::exp(-in_seconds(std::max(now, seen_at_) - seen_at_) / over) + 1 / over;
  seen_at_ = std::max(seen_at_, now);
}

void rate_governor::throttled(time_point sent, std::optional<duration> retry_after, time_point now) {
  ++refusals_;
  pass_time(now);
  if (!learned_ || sent > cut_at_) cut(now);
  if (!retry_after) return;
  tokens_ = 0;
  closed_until_ = std::max(closed_until_, now + *retry_after);
}

// What was accepted lately is the best that is known of the server's limit. But it
// lags behind, and after a pause it says too little: one cut halves the rate at most.
void rate_governor::cut(time_point now) {
  const bool seen_long = seen_from_ && now - *seen_from_ > std::chrono::seconds(1);
  plateau_ = std::clamp(seen(now), rate_ * (seen_long ? 0.5 : 0.8), rate_);
  rate_ = bounded(plateau_ * rate_kept);
  tokens_ = std::min(tokens_, 1.0);
  climbed_ = 0;
  learned_ = true;
  cut_at_ = now;
}

void rate_governor::set_limit(double limit, time_point now) {
  pass_time(now);
  limit_ = usable(limit);
  // Without a limit, and without anything learned, as at the beginning: what the old one was says nothing.
  if (!learned_) rate_ = limit_ > 0 ? limit_ : std::max(rate_, rate_at_first);
  rate_ = std::min(rate_, highest());
}

}  // namespace mistral::workflows::bulk_core
