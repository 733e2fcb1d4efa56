#include "session/follow/merge_core.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
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

merge_core::merge_core(asio::any_io_executor executor)
    : pull_gate(std::move(executor), "merge"), alarm_(this->executor()), grace_(this->executor()) {}

std::optional<asio::any_io_executor> merge_core::executor_of(const event_stream& stream) {
  const auto session = session_of(stream);
  if (!session) return std::nullopt;
  return session->executor();
}

// --------------------------------------------------------------------------------------- streams come and go

void merge_core::add(std::size_t number, std::string name, event_stream stream) {
  auto made = std::make_shared<source>();
  made->number = number;
  made->name = std::move(name);
  made->stream = std::move(stream);
  {
    const std::lock_guard lock(mutex_);
    line_.push_back(made);
    sources_.emplace(number, std::move(made));
  }
  wake();
}

bool merge_core::remove(std::size_t number) {
  source_ptr one;
  bool pending = false;
  {
    const std::lock_guard lock(mutex_);
    auto found = sources_.extract(number);
    if (!found) return false;
    one = std::move(found.mapped());
    pending = pending_on(*one);
    one->at = stage::gone;
  }
  if (pending)
    asio::dispatch(executor(), [one = std::move(one)] { one->stream.close(); });
  else
    one->stream.close();
  wake();
  return true;
}

std::size_t merge_core::size() const {
  const std::lock_guard lock(mutex_);
  return sources_.size();
}

void merge_core::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_) return;
  }
  auto self = std::static_pointer_cast<merge_core>(shared_from_this());
  asio::dispatch(executor(), [self = std::move(self)] { self->alarm_.cancel(); });
}

void merge_core::release() noexcept {
  std::vector<source_ptr> idle;
  std::vector<source_ptr> pending;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, one] : sources_) {
      (pending_on(*one) ? pending : idle).push_back(one);
      one->at = stage::gone;
    }
    sources_.clear();
    ready_.clear();
    line_.clear();
    resting_.clear();
  }
  for (const auto& one : idle) one->stream.close();
  if (pending.empty()) return;
  asio::dispatch(executor(), [pending = std::move(pending)] {
    for (const auto& one : pending) one->stream.close();
  });
}

// ------------------------------------------------------------------------------------------ whose turn it is

merge_core::source_ptr merge_core::front_of(std::deque<source_ptr>& line) {
  while (!line.empty() && line.front()->at == stage::gone) line.pop_front();
  return line.empty() ? nullptr : line.front();
}

bool merge_core::has_more(source& one) {
  if (one.failure) return true;
  const auto session = session_of(one.stream);
  if (!session || session->ended()) return false;
  try {
    const auto held = session->enter();
    session->advance_within_buffer();
    return session->holding();
  } catch (...) {
    one.failure = std::current_exception();
    return true;
  }
}

// First those whose waits have brought something, so that all of them come before one that was just served.
merge_core::step merge_core::next_step() {
  std::vector<source_ptr> die_unlocked;
  std::unique_lock lock(mutex_);
  used_at_ = clock::now();
  if (front_of(ready_)) return step::take;
  while (const source_ptr one = front_of(line_)) {
    lock.unlock();  // hooks may be called
    const bool more = has_more(*one);
    const bool over = !more && one->stream.ended();
    lock.lock();
    if (one->at == stage::gone) continue;
    if (more) {
      const bool others_wait = pending_ > 0 || !resting_.empty();
      return one->served_in == look_ && others_wait ? step::give_way : step::take;
    }
    line_.pop_front();
    if (over) {
      die_unlocked.push_back(one);
      sources_.erase(one->number);
    } else {
      one->at = stage::resting;
      resting_.push_back(one);
    }
  }
  return sources_.empty() ? step::end : step::wait;
}

std::optional<merged_event> merge_core::take() {
  source_ptr one;
  {
    const std::lock_guard lock(mutex_);
    auto& from = front_of(ready_) ? ready_ : line_;
    one = front_of(from);
    if (!one) return std::nullopt;
    from.pop_front();
    one->at = stage::in_line;
  }
  std::optional<stream_event> event;
  try {
    if (!one->failure) event = one->stream.try_next();
  } catch (...) {
    one->failure = std::current_exception();
  }
  std::optional<merged_event> out;
  {
    const std::lock_guard lock(mutex_);
    if (one->at == stage::gone) return out;
    if (!one->failure) line_.push_back(one);
    one->served_in = look_;
  }
  if (one->failure) fail(one);
  if (!event) return out;
  out.emplace();
  out->source = one->number;
  out->source_name = one->name;
  out->event = std::move(*event);
  return out;
}

void merge_core::fail(const source_ptr& one) {
  {
    const std::lock_guard lock(mutex_);
    sources_.erase(one->number);
  }
  throw merge_failure(one->number, one->name, one->stream.execution_id(), one->stream.cursor(), one->failure);
}

bool merge_core::anything_new() const {
  const std::lock_guard lock(mutex_);
  return !ready_.empty() || !line_.empty() || sources_.empty();
}

// ------------------------------------------------------------------------------------------ waits on streams

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
  asio::co_spawn(executor(), one->stream.wait(), asio::bind_cancellation_slot(one->stop.slot(), std::move(here)));
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

// ---------------------------------------------------------------------------------------- between operations

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
