#include "session/client/admission.hpp"

#include "net/common/asio_compat.hpp"

namespace mistral::workflows::session {
namespace asio = boost::asio;

using protocol::rate_gate;

turn::~turn() {
  if (!from_) return;
  const std::lock_guard lock(from_->mutex_);
  from_->gate_.done(request_, false, admission::clock::now());
}

void turn::done(bool success) noexcept {
  if (const auto from = std::exchange(from_, nullptr)) from->done(request_, success);
}

admission::admission(asio::any_io_executor executor, protocol::rate_limits limits)
    : executor_(std::move(executor)), unrestricted_(true), gate_(limits) {
  unrestricted_ = gate_.unrestricted();
}

/// A place in line. Who gives up says so; the destructor alone
/// wakes nobody, for it may run while the context goes away.
class admission::place {
 public:
  place(std::shared_ptr<admission> from, rate_gate::id request, std::shared_ptr<waiter> queued)
      : from_(std::move(from)), request_(request), waiter_(std::move(queued)) {}
  ~place() {
    if (!from_) return;
    const std::lock_guard lock(from_->mutex_);
    leave();
  }
  place(const place&) = delete;
  place& operator=(const place&) = delete;

  rate_gate::verdict claim() {
    const auto from = std::exchange(from_, nullptr);
    const std::lock_guard lock(from->mutex_);
    return *waiter_->verdict;
  }

  /// A turn that was given but not taken goes on to the next.
  void give_up() {
    const auto from = from_;
    woken next;
    {
      const std::lock_guard lock(from->mutex_);
      leave();
      from_ = nullptr;
      next = from->settle(clock::now());
    }
    wake(next);
  }

 private:
  void leave() {
    from_->waiters_.erase(request_);
    if (!waiter_->verdict)
      from_->gate_.leave(request_);
    else if (waiter_->verdict->what == rate_gate::answer::go)
      from_->gate_.done(request_, false, clock::now());
  }

  std::shared_ptr<admission> from_;
  rate_gate::id request_;
  std::shared_ptr<waiter> waiter_;
};

asio::awaitable<admission::turn_or_refusal> admission::enter(std::shared_ptr<admission> self,
                                                             protocol::waiting_line line,
                                                             clock::time_point deadline) {
  rate_gate::verdict verdict;
  std::shared_ptr<waiter> queued;
  {
    const std::lock_guard lock(self->mutex_);
    const auto now = clock::now();
    verdict = self->gate_.arrive(line, deadline, now);
    if (verdict.what == rate_gate::answer::wait) {
      queued = std::make_shared<waiter>();
      self->waiters_.emplace(verdict.request, queued);
    }
    self->arm(self->gate_.wake());
  }
  if (queued) {
    place in_line(self, verdict.request, queued);
    const std::tuple<boost::system::error_code> came = co_await queued->told->async_wait(net::no_throw);
    if (std::get<0>(came)) {
      in_line.give_up();
      throw boost::system::system_error(std::get<0>(came));
    }
    verdict = in_line.claim();
  }
  turn_or_refusal out;
  if (verdict.what == rate_gate::answer::refuse)
    out.refused_until = verdict.opens;
  else
    out.held = turn(std::move(self), verdict.request);
  co_return out;
}

bool admission::refused(clock::time_point until) {
  woken late;
  bool closed = false;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock::now();
    closed = gate_.refused(until, now);
    late = settle(now);
  }
  wake(late);
  return closed;
}

void admission::done(rate_gate::id request, bool success) noexcept {
  woken next;
  {
    const std::lock_guard lock(mutex_);
    const auto now = clock::now();
    gate_.done(request, success, now);
    next = settle(now);
  }
  wake(next);
}

void admission::time_passed(const asio::steady_timer* timer) {
  woken next;
  {
    const std::lock_guard lock(mutex_);
    if (timer_.lock().get() == timer) timer_.reset();
    next = settle(clock::now());
  }
  wake(next);
}

// With the mutex held; those it returns are woken without it.
admission::woken admission::settle(clock::time_point now) {
  woken out;
  while (const auto verdict = gate_.next(now)) {
    const auto found = waiters_.find(verdict->request);
    found->second->verdict = *verdict;
    out.push_back(found->second->told);
    waiters_.erase(found);
  }
  unrestricted_.store(gate_.unrestricted(), std::memory_order_release);
  arm(gate_.wake());
  return out;
}

void admission::wake(const woken& all) {
  for (const auto& one : all) one->open();
}

void admission::arm(std::optional<clock::time_point> at) {
  const auto pending = timer_.lock();
  if (pending && at && timer_at_ <= *at) return;
  if (pending) {
    pending->cancel();
    timer_.reset();
  }
  if (!at) return;
  auto timer = std::make_shared<asio::steady_timer>(executor_.get(), *at);
  asio::steady_timer& waits = *timer;
  timer_ = timer;
  timer_at_ = *at;
  waits.async_wait(
      [timer = std::move(timer), weak = weak_from_this()](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (!cancelled && self) self->time_passed(timer.get());
      });
}

bool admission::closed() const {
  const std::lock_guard lock(mutex_);
  return gate_.closed();
}

std::size_t admission::waiting() const {
  const std::lock_guard lock(mutex_);
  return gate_.waiting();
}

}  // namespace mistral::workflows::session
