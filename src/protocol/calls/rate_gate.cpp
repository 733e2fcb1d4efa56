#include "protocol/calls/rate_gate.hpp"

#include <algorithm>
#include <iterator>

namespace mistral::workflows::protocol {

rate_gate::rate_gate(rate_limits limits)
    : limits_(limits), limited_(limits.per_second > 0 || limits.in_flight > 0) {}

std::chrono::nanoseconds rate_gate::interval() const {
  if (limits_.per_second <= 0) return std::chrono::nanoseconds(0);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / limits_.per_second));
}

void rate_gate::pass_time(time_point now) {
  if (state_ == state::closed && now >= opens_) {
    state_ = state::opening;
    ++epoch_;
    window_ = 1;
    in_window_ = 0;
  }
  if (state_ != state::opening) return;
  for (auto& [request, one] : under_way_) {
    if (one.epoch != epoch_ || one.counted || one.since + patience > now) continue;
    one.counted = true;
    grow();
  }
}

void rate_gate::grow() {
  if (state_ != state::opening) return;
  window_ *= 2;
  if (window_ >= open_window) state_ = state::open;
}

bool rate_gate::room(time_point now) const {
  if (state_ == state::closed || window_full() || flight_full()) return false;
  return limits_.per_second <= 0 || next_start_ - interval() * (limits_.burst - 1) <= now;
}

void rate_gate::let_go(id request, time_point now) {
  sent one;
  one.since = now;
  if (state_ == state::opening) {
    one.epoch = epoch_;
    ++in_window_;
  }
  under_way_.emplace(request, one);
  if (limits_.per_second > 0) next_start_ = std::max(next_start_, now) + interval();
}

rate_gate::verdict rate_gate::arrive(waiting_line line, time_point deadline, time_point now) {
  pass_time(now);
  const id request = ++last_;
  if (state_ == state::closed && deadline < opens_) return verdict(request, answer::refuse, opens_);
  const auto own = std::begin(lines_) + static_cast<int>(line);
  const bool nobody_before =
      std::all_of(std::begin(lines_), own + 1, [](const auto& one) { return one.empty(); });
  if (nobody_before && room(now)) {
    let_go(request, now);
    return verdict(request, answer::go, opens_);
  }
  own->emplace(request, deadline);
  return verdict(request, answer::wait, opens_);
}

bool rate_gate::refused(time_point until, time_point now) {
  if (until - now > longest) return false;
  pass_time(now);
  const bool was_closed = state_ == state::closed;
  opens_ = was_closed ? std::max(opens_, until) : until;
  moved_ = true;
  state_ = state::closed;
  return !was_closed;
}

void rate_gate::done(id request, bool success, time_point now) {
  const auto found = under_way_.find(request);
  if (found == under_way_.end()) return;
  const sent one = found->second;
  under_way_.erase(found);
  if (state_ == state::opening && one.epoch == epoch_) {
    --in_window_;
    if (success && !one.counted) grow();
  }
  pass_time(now);
}

bool rate_gate::leave(id request) {
  return std::any_of(std::begin(lines_), std::end(lines_),
                     [&](auto& line) { return line.erase(request) > 0; });
}

std::optional<rate_gate::verdict> rate_gate::next(time_point now) {
  pass_time(now);
  if (state_ == state::closed) return next_too_late();
  const auto line =
      std::find_if(std::begin(lines_), std::end(lines_), [](const auto& one) { return !one.empty(); });
  if (line == std::end(lines_) || !room(now)) return std::nullopt;
  const verdict out(line->begin()->first, answer::go, opens_);
  line->erase(line->begin());
  let_go(out.request, now);
  return out;
}

std::optional<rate_gate::verdict> rate_gate::next_too_late() {
  if (!moved_) return std::nullopt;
  for (auto& line : lines_) {
    const auto late =
        std::find_if(line.begin(), line.end(), [&](const auto& one) { return one.second < opens_; });
    if (late == line.end()) continue;
    const verdict out(late->first, answer::refuse, opens_);
    line.erase(late);
    return out;
  }
  moved_ = false;
  return std::nullopt;
}

bool rate_gate::window_full() const noexcept { return state_ == state::opening && in_window_ >= window_; }

bool rate_gate::flight_full() const noexcept {
  return limits_.in_flight > 0 && under_way_.size() >= static_cast<std::size_t>(limits_.in_flight);
}

std::optional<rate_gate::time_point> rate_gate::wake() const {
  if (waiting() == 0) return std::nullopt;
  if (state_ == state::closed) return opens_;
  if (flight_full()) return std::nullopt;
  if (!window_full()) return next_start_ - interval() * (limits_.burst - 1);
  std::optional<time_point> out;
  for (const auto& [request, one] : under_way_)
    if (one.epoch == epoch_ && !one.counted)
      out = out ? std::min(*out, one.since + patience) : one.since + patience;
  return out;
}

}  // namespace mistral::workflows::protocol
