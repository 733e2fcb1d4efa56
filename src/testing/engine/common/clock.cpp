#include <mistral/workflows/testing/clock.hpp>

#include <algorithm>

namespace mistral::workflows::testing {

clock::clock() = default;
clock::~clock() = default;

clock::timer_id clock::call_at(time_point due, std::function<void()> what) {
  timer_id id(due, ++timers_set_);
  timers_.emplace(id, std::move(what));
  timers_changed();
  return id;
}

void clock::forget(timer_id id) {
  if (timers_.erase(id) != 0) timers_changed();
}

void clock::not_before(time_point) {}
void clock::timers_changed() {}

std::optional<clock::time_point> clock::next_due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.first;
}

bool clock::call_next(time_point limit) {
  if (timers_.empty() || timers_.begin()->first.first > limit) return false;
  auto node = timers_.extract(timers_.begin());
  node.mapped()();
  return true;
}

real_clock::real_clock(boost::asio::any_io_executor executor) : timer_(executor) {}
real_clock::~real_clock() = default;

clock::time_point real_clock::now() const { return std::chrono::system_clock::now(); }

void real_clock::timers_changed() {
  auto due = next_due();
  if (due == armed_for_) return;
  armed_for_ = due;
  if (!due) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(std::chrono::time_point_cast<std::chrono::system_clock::duration>(*due));
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) call_due();
  });
}

void real_clock::call_due() {
  armed_for_.reset();
  // Only what is due now: timers that these set wait for another turn, so that nobody starves the executor.
  auto limit = now();
  while (call_next(limit)) {
  }
  armed_for_.reset();
  timers_changed();
}

manual_clock::manual_clock() : now_(std::chrono::system_clock::now()) {}
manual_clock::manual_clock(time_point start) : now_(start) {}
manual_clock::~manual_clock() = default;

clock::time_point manual_clock::now() const { return now_; }

void manual_clock::not_before(time_point earliest) {
  if (now_ < earliest) now_ = earliest;
}

void manual_clock::advance(std::chrono::nanoseconds time) {
  const auto end = now_ + time;
  while (step(end)) {
  }
}

bool manual_clock::step(time_point end) {
  const auto due = next_due();
  if (!due || *due > end) {
    now_ = std::max(now_, end);
    return false;
  }
  now_ = std::max(now_, *due);
  while (call_next(now_)) {
  }
  return true;
}

}  // namespace mistral::workflows::testing
