#include "session/follow/merge_core.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
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
    : pull_gate(std::move(executor), "merge"), alarm_(this->executor()) {}

std::optional<asio::any_io_executor> merge_core::executor_of(const event_stream& stream) {
  const auto session = session_of(stream);
  if (!session) return std::nullopt;
  return session->executor();
}

// ------------------------------------------------------------------------------------------------------- streams come
// and go

void merge_core::add(std::size_t number, std::string name, event_stream stream) {
  auto made = std::make_shared<source>();
  made->number = number;
  made->name = std::move(name);
  made->stream = std::move(stream);
  {
    const std::lock_guard lock(mutex_);
    sources_.push_back(std::move(made));
    changed_ = true;
  }
  wake();
}

bool merge_core::remove(std::size_t number) {
  source_ptr dies_unlocked;
  {
    const std::lock_guard lock(mutex_);
    const auto found =
        std::find_if(sources_.begin(), sources_.end(), [&](const auto& one) { return one->number == number; });
    if (found == sources_.end()) return false;
    dies_unlocked = std::move(*found);
    sources_.erase(found);
    dies_unlocked->removed = true;
    changed_ = true;
    // Else the next operation would be the one to free the connection.
    if (!waiting_) dies_unlocked->stream.close();
  }
  wake();
  return true;
}

std::size_t merge_core::size() const {
  const std::lock_guard lock(mutex_);
  return sources_.size();
}

bool merge_core::changed() const {
  const std::lock_guard lock(mutex_);
  return changed_;
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
  std::vector<source_ptr> die_unlocked;
  order_.clear();
  const std::lock_guard lock(mutex_);
  die_unlocked.swap(sources_);
}

// ------------------------------------------------------------------------------------------------------------ between
// rounds

void merge_core::refresh() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(changed_, false)) return;
  order_ = sources_;
}

void merge_core::leave_out(const source_ptr& one) {
  const source_ptr keeps = one;  // NOLINT(performance-unnecessary-copy-initialization): `one` may be what is erased
  std::erase(order_, keeps);
  const std::lock_guard lock(mutex_);
  std::erase(sources_, keeps);
}

bool merge_core::is_ready(source& one) {
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

bool merge_core::find_ready() {
  refresh();
  std::vector<source_ptr> ended;
  bool found = false;
  for (std::size_t i = 0; i < order_.size() && !found; ++i) {
    const std::size_t at = (first_ + i) % order_.size();
    source& one = *order_[at];
    if (is_ready(one)) {
      found = true;
      ready_ = at;
    } else if (one.stream.ended()) {
      ended.push_back(order_[at]);
    }
  }
  if (ended.empty()) return found;
  const source_ptr chosen = found ? order_[ready_] : nullptr;
  for (const auto& one : ended) leave_out(one);
  if (found) ready_ = static_cast<std::size_t>(std::find(order_.begin(), order_.end(), chosen) - order_.begin());
  return found;
}

merged_event merge_core::take() {
  const source_ptr one = order_[ready_];
  first_ = ready_ + 1;
  if (one->failure) {
    first_ = ready_;
    leave_out(one);
    throw merge_failure(one->number, one->name, one->stream.cursor(), one->failure);
  }
  merged_event out;
  out.source = one->number;
  out.source_name = one->name;
  const auto session = session_of(one->stream);
  const auto held = session->enter();
  out.event = *session->take_received();
  return out;
}

// --------------------------------------------------------------------------------------------------------------- a
// round

asio::awaitable<void> merge_core::wait_for_any() {
  // What waits on the streams must have ended before this does, also when it is cancelled.
  co_await asio::this_coro::throw_if_cancelled(false);
  {
    const std::lock_guard lock(mutex_);
    if (changed_) co_return;
    waiting_ = true;
  }
  found_ = false;
  for (const auto& one : order_) begin(one);
  while (!found_ && !changed() && !cancelled()) co_await pause(clock::time_point::max());
  co_await settle();
  {
    const std::lock_guard lock(mutex_);
    waiting_ = false;
  }
  refresh();  // what was removed meanwhile frees its connection now
  if (cancelled() && !found_) throw boost::system::system_error(asio::error::operation_aborted);
}

void merge_core::begin(const source_ptr& one) {
  const auto session = session_of(one->stream);
  if (!session) return;
  session->yield(false);
  one->waiting = true;
  one->stopped = false;
  ++pending_;
  auto self = std::static_pointer_cast<merge_core>(shared_from_this());
  auto done = [self, one](std::exception_ptr failure, bool has_event) {
    self->finished(*one, std::move(failure), has_event);
  };
  auto bound = asio::bind_cancellation_slot(one->stop.slot(), asio::bind_executor(executor(), std::move(done)));
  asio::co_spawn(executor(), one->stream.wait(), std::move(bound));
}

void merge_core::finished(source& one, std::exception_ptr failure, bool has_event) {
  one.waiting = false;
  --pending_;
  if (!failure) {
    one.patience = first_patience;
    if (has_event || one.stream.ended()) found_ = true;
  } else if (!one.stopped || !is_cancellation(failure)) {
    one.failure = std::move(failure);
    found_ = true;
  }
  alarm_.cancel();
}

void merge_core::stop(source& one) {
  one.stopped = true;
  one.stop.emit(asio::cancellation_type::terminal);
}

// A stream in the midst of an exchange would lose it, and another busy one could make it lose every one. So those are
// waited for, for a time that grows until it suffices; all else is stopped at once.
asio::awaitable<void> merge_core::settle() {
  const auto began = clock::now();
  auto deadline = began;
  for (const auto& one : order_) {
    const auto session = session_of(one->stream);
    if (!one->waiting || !session) continue;
    session->yield(true);
    if (session->attempting() && !one->removed)
      deadline = std::max(deadline, began + one->patience);
    else
      stop(*one);
  }
  while (pending_ > 0) {
    const bool late = cancelled() || clock::now() >= deadline;
    for (const auto& one : order_) {
      if (!one->waiting || one->stopped || !(late || one->removed)) continue;
      if (late && !cancelled()) one->patience = std::min(2 * one->patience, most_patience);
      stop(*one);
    }
    co_await pause(late ? clock::time_point::max() : deadline);
  }
}

asio::awaitable<void> merge_core::pause(clock::time_point limit) {
  alarm_.expires_at(limit);
  boost::system::error_code rung;
  co_await alarm_.async_wait(asio::redirect_error(asio::use_awaitable, rung));
}

}  // namespace mistral::workflows::session
