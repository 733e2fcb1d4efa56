// The waits that a merge has pending on its streams: begun when
// it is asked and nothing is there, kept over its operations.
// Not whose turn it is: merge_core.cpp.
#include "session/follow/merge_core.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace mistral::workflows::session {

namespace asio = boost::asio;

namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

asio::awaitable<void> merge_core::give_way() {
  begin_waits();
  {
    const std::lock_guard lock(mutex_);
    ++look_;
  }
  begin_grace();
  // What has come for others is in the queue already.
  co_await asio::post(executor(), asio::use_awaitable);
}

asio::awaitable<void> merge_core::wait_for_any() {
  // A cancellation ends the loop below, in which it is looked for.
  co_await asio::this_coro::throw_if_cancelled(false);
  {
    const std::lock_guard lock(mutex_);
    waiting_ = true;
    ++look_;
  }
  for (begin_waits(); !anything_new() && !cancelled(); begin_waits()) {
    alarm_.expires_at(clock::time_point::max());
    boost::system::error_code rung;
    co_await alarm_.async_wait(asio::redirect_error(asio::use_awaitable, rung));
  }
  {
    const std::lock_guard lock(mutex_);
    waiting_ = false;
  }
  begin_grace();
  if (cancelled() && !anything_new()) throw boost::system::system_error(asio::error::operation_aborted);
}

void merge_core::begin_waits() {
  std::vector<source_ptr> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(resting_);
    std::erase_if(all, [](const source_ptr& one) { return one->at == stage::gone; });
    for (const auto& one : all) one->at = stage::waiting;
    pending_ += all.size();
  }
  for (const auto& one : all) begin(one);
}

void merge_core::begin(const source_ptr& one) {
  auto self = std::static_pointer_cast<merge_core>(shared_from_this());
  auto done = [self, one](std::exception_ptr failure, bool has_event) {
    self->finished(one, std::move(failure), has_event);
  };
  auto here = asio::bind_executor(executor(), std::move(done));
  asio::co_spawn(executor(), one->stream.wait(),
                 asio::bind_cancellation_slot(one->stop.slot(), std::move(here)));
}

void merge_core::finished(const source_ptr& one, std::exception_ptr failure, bool has_event) {
  bool waited_for = false;
  bool last = false;
  {
    const std::lock_guard lock(mutex_);
    sort_in(one, std::move(failure), has_event);
    waited_for = waiting_;
    last = --pending_ == 0;
  }
  if (waited_for)
    alarm_.cancel();
  else if (last)
    grace_.cancel();
}

void merge_core::sort_in(const source_ptr& one, std::exception_ptr failure, bool has_event) {
  if (one->at == stage::gone) return;
  const bool was_stopped = failure && one->at == stage::stopping && is_cancellation(failure);
  if (was_stopped) failure = nullptr;
  if (failure || has_event) {
    one->failure = std::move(failure);
    one->at = stage::ready;
    ready_.push_back(one);
  } else if (!was_stopped && one->stream.ended()) {
    one->at = stage::gone;
    sources_.erase(one->number);
  } else {
    one->at = stage::resting;
    resting_.push_back(one);
  }
}

// --------------------------------------------------------------------------------------- between operations

void merge_core::begin_grace() {
  const auto now = clock::now();
  bool pending = false;
  {
    const std::lock_guard lock(mutex_);
    used_at_ = now;
    pending = pending_ > 0;
  }
  if (!pending)
    grace_.cancel();
  else if (!grace_runs_)
    watch_grace(now + grace);
}

void merge_core::watch_grace(clock::time_point until) {
  grace_runs_ = true;
  auto self = std::static_pointer_cast<merge_core>(shared_from_this());
  grace_.expires_at(until);
  auto over = [self = std::move(self)](boost::system::error_code) { self->grace_is_over(); };
  grace_.async_wait(asio::bind_executor(executor(), std::move(over)));
}

// Looks whether it is, as it costs less than to begin the timer anew at each operation.
void merge_core::grace_is_over() {
  grace_runs_ = false;
  clock::time_point until;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_ || pending_ == 0) return;
    until = used_at_ + grace;
  }
  if (until > clock::now())
    watch_grace(until);
  else
    stop_waits();
}

void merge_core::stop_waits() {
  std::vector<source_ptr> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, one] : sources_) {
      if (one->at != stage::waiting) continue;
      one->at = stage::stopping;
      all.push_back(one);
    }
  }
  for (const auto& one : all) one->stop.emit(asio::cancellation_type::terminal);
}

}  // namespace mistral::workflows::session
