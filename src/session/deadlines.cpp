#include "session/deadlines.hpp"

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

deadlines::deadlines(asio::any_io_executor executor) : executor_(std::move(executor)) {}

void deadlines::add(has_deadline& one, clock::time_point at) {
  const std::lock_guard lock(mutex_);
  one.deadline_ = at;
  all_.insert(all_.end(), one);  // most have the same time, so the newest is the last to end
  arm();
}

void deadlines::remove(has_deadline& one) noexcept {
  const std::lock_guard lock(mutex_);
  if (!one.is_linked()) return;
  all_.erase(all_.iterator_to(one));
  if (all_.empty()) arm();
}

// With the mutex held. A timer that strikes early, because the first deadline was taken off, is set anew then.
void deadlines::arm() {
  const auto pending = timer_.lock();
  if (all_.empty() || (pending && all_.begin()->deadline_ < timer_at_)) {
    if (pending) pending->cancel();
    timer_.reset();
  }
  if (all_.empty() || !timer_.expired()) return;
  timer_at_ = all_.begin()->deadline_;
  auto timer = std::make_shared<asio::steady_timer>(executor_, timer_at_);
  asio::steady_timer& waits = *timer;
  timer_ = timer;
  waits.async_wait([timer = std::move(timer), weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self) self->time_passed(timer.get());
  });
}

void deadlines::time_passed(const asio::steady_timer* timer) {
  const std::lock_guard lock(mutex_);
  if (timer_.lock().get() == timer) timer_.reset();
  const auto now = clock::now();
  while (!all_.empty() && all_.begin()->deadline_ <= now) {
    has_deadline& one = *all_.begin();
    all_.erase(all_.begin());
    one.post_deadline_passed();
  }
  arm();
}

}  // namespace mistral::workflows::session
