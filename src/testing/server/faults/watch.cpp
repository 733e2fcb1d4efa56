#include "testing/server/faults/watch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

// The timer is touched on its own strand only, so that the caller's io_context may have many threads.
struct watch::waiter {
  waiter(asio::any_io_executor executor, condition awaited) : timer(executor), holds(std::move(awaited)) {
    timer.expires_at(asio::steady_timer::time_point::max());
  }

  asio::steady_timer timer;
  condition holds;
  bool done = false;  ///< guarded by the watch's mutex
};

int server_counts::requests_of(std::string_view operation) const {
  const auto found = requests.find(operation);
  return found == requests.end() ? 0 : found->second;
}

int server_counts::answered_of(std::string_view operation) const {
  const auto found = answered.find(operation);
  return found == answered.end() ? 0 : found->second;
}

void watch::wake() {
  if (blocked_ > 0) woken_.notify_all();
  for (auto entry = waiters_.begin(); entry != waiters_.end();) {
    if (!stopped_ && !(*entry)->holds(counts_)) {
      ++entry;
      continue;
    }
    const std::shared_ptr<waiter> woken = *entry;
    woken->done = true;
    // Not `cancel`: the wait may not have begun yet.
    asio::post(woken->timer.get_executor(),
               [woken] { woken->timer.expires_at(asio::steady_timer::time_point::min()); });
    entry = waiters_.erase(entry);
  }
}

server_counts watch::snapshot() const {
  std::lock_guard lock(mutex_);
  return counts_;
}

bool watch::wait_until(const condition& holds, std::chrono::milliseconds limit) const {
  std::unique_lock lock(mutex_);
  ++blocked_;
  const auto enough = [&] { return stopped_ || holds(counts_); };
  const bool in_time = woken_.wait_for(lock, limit, enough) && holds(counts_);
  --blocked_;
  return in_time;
}

asio::awaitable<void> watch::until(condition holds) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const asio::any_io_executor strand = asio::make_strand(executor);
  auto entry = std::make_shared<waiter>(strand, std::move(holds));
  {
    std::lock_guard lock(mutex_);
    if (entry->holds(counts_)) co_return;
    if (stopped_) throw boost::system::system_error(asio::error::operation_aborted);
    waiters_.push_back(entry);
  }
  co_await asio::co_spawn(strand, sleep(entry), asio::use_awaitable);
}

asio::awaitable<void> watch::sleep(std::shared_ptr<waiter> entry) {
  const auto every_kind = asio::enable_total_cancellation();
  co_await asio::this_coro::reset_cancellation_state(every_kind);
  co_await asio::this_coro::throw_if_cancelled(false);
  for (;;) {
    boost::system::error_code ignored;
    co_await entry->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const asio::cancellation_state cancelled = co_await asio::this_coro::cancellation_state;
    std::lock_guard lock(mutex_);
    if (entry->done && !stopped_) co_return;
    if (stopped_ || cancelled.cancelled() != asio::cancellation_type::none) {
      waiters_.remove(entry);
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
}

void watch::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
  wake();
}

}  // namespace mistral::workflows::testing
