#include "session/frame/deadlines.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

deadlines::deadlines(asio::any_io_executor executor) : executor_(std::move(executor)) {}

// A timer that strikes early, because the first deadline was taken off, is set anew then.
void deadlines::add(has_deadline& one, clock::time_point at) {
  const std::lock_guard lock(mutex_);
  pending_deadline added;
  added.who = &one;
  added.at = at;
  one.deadline_ = at;
  one.place_ = all_.add(added);
  if (timer_.expired() || at < timer_at_) strike_at(at);
}

void deadlines::remove(has_deadline& one) noexcept {
  const std::lock_guard lock(mutex_);
  if (one.place_ == slots<pending_deadline>::nowhere) return;
  all_.remove(std::exchange(one.place_, slots<pending_deadline>::nowhere));
  if (all_.count() == 0) disarm();
}

void deadlines::disarm() {
  if (const auto pending = timer_.lock()) pending->cancel();
  timer_.reset();
}

// With the mutex held.
void deadlines::strike_at(clock::time_point at) {
  disarm();
  auto timer = std::make_shared<asio::steady_timer>(executor_.get(), at);
  asio::steady_timer& waits = *timer;
  timer_ = timer;
  timer_at_ = at;
  waits.async_wait(
      [timer = std::move(timer), weak = weak_from_this()](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self) self->time_passed(timer.get());
      });
}

void deadlines::time_passed(const asio::steady_timer* timer) {
  const std::lock_guard lock(mutex_);
  if (timer_.lock().get() == timer) timer_.reset();
  const auto now = clock::now();
  auto next = clock::time_point::max();
  all_.each([&](std::uint32_t at, const pending_deadline& one) {
    if (one.at > now) {
      next = std::min(next, one.at);
      return;
    }
    has_deadline& late = *one.who;
    all_.remove(at);
    late.place_ = slots<pending_deadline>::nowhere;
    late.post_deadline_passed();
  });
  if (next != clock::time_point::max() && (timer_.expired() || next < timer_at_)) strike_at(next);
}

}  // namespace mistral::workflows::session
