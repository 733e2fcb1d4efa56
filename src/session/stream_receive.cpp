// How a stream waits: for bytes, for its own limits, and for whatever else must not last longer than it may.
// Not what the bytes mean: the parser and the policies have them before anything else is waited for.
#include "session/stream.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace mistral::workflows::session {

namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<bool> stream_core::receive(clock::time_point limit) {
  // Needs no time limit. Others on the same thread have their turn too, however fast the server is.
  constexpr int in_a_row = 8;
  if (reads_at_hand_ >= in_a_row) {
    reads_at_hand_ = 0;
    co_await asio::post(executor(), asio::use_awaitable);
  }
  if (read_at_hand()) co_return true;
  if (std::exchange(wait_begins_, false)) {
    check_left_ = end_.check_interval(options_.status_check, host_->random01());
    drain_left_ = options_.drain_time;
  }
  auto wait = idle_left_;
  if (!description_.execution_id.empty()) wait = std::min(wait, end_.draining() ? drain_left_ : check_left_);
  const auto began = clock::now();
  const auto deadline = limit - began < wait ? limit : began + std::chrono::duration_cast<clock::duration>(wait);
  // Also when this coroutine is cancelled: `next_for` in a loop must not hold the clocks.
  struct counter {
    stream_core* core;
    clock::time_point began;
    ~counter() {
      const auto waited = clock::now() - began;
      core->idle_left_ -= waited;
      core->check_left_ -= waited;
      core->drain_left_ -= waited;
    }
  };
  bool came = false;
  try {
    const counter counts{this, began};
    came = co_await until(deadline, read());
  } catch (const boost::system::system_error& e) {
    throw_if_cancelled();
    auto why = left_because(disconnect_reason::cut);
    why.code = e.code();
    lost(why, std::nullopt, e.what());
    co_return true;
  }
  if (!came) time_is_up();
  co_return came || clock::now() < limit;
}

// What was read is with the parser before anything else can be waited for, so that no cancellation loses it.
asio::awaitable<void> stream_core::read() {
  if (broken_) std::rethrow_exception(std::exchange(broken_, nullptr));
  // The parser has read all of it, and ten thousand quiet streams should not hold their buffers.
  constexpr std::size_t worth_keeping = 2048;
  buffer_.clear();
  if (buffer_.capacity() > worth_keeping) std::string().swap(buffer_);
  parser_.feed(buffer_);
  reads_at_hand_ = 0;
  if (co_await connection_->read_some(buffer_) == 0)
    body_ended_ = true;
  else
    read_on();
}

// True if there was something, the end included.
bool stream_core::read_at_hand() {
  if (broken_) return false;
  buffer_.clear();
  parser_.feed(buffer_);
  try {
    const auto came = connection_->try_read_some(buffer_);
    if (!came) return false;
    body_ended_ = *came == 0;
  } catch (const boost::system::system_error&) {
    broken_ = std::current_exception();  // read() throws it, where its loss is dealt with
    return false;
  }
  ++reads_at_hand_;
  if (!body_ended_) read_on();
  return true;
}

// More than one read at a time where a lot is coming: what a turn costs is shared by more events.
void stream_core::read_on() {
  constexpr std::size_t enough = 48 * 1024;
  try {
    while (buffer_.size() < enough) {
      const auto came = connection_->try_read_some(buffer_);
      if (!came) break;
      body_ended_ = *came == 0;
      if (body_ended_) break;
    }
  } catch (const boost::system::system_error&) {
    broken_ = std::current_exception();
  }
  parser_.feed(buffer_);
  idle_left_ = options_.idle_limit;
}

void stream_core::body_ended() {
  // An end within an event is not the server's own, whoever closed so nicely.
  const bool cut = parser_.unfinished();
  if (!cut) end_.clean_end();
  lost(left_because(cut ? disconnect_reason::cut : disconnect_reason::clean_end), std::nullopt,
       "the server ended the answer");
}

void stream_core::time_is_up() {
  if (end_.draining() && drain_left_ <= 0ns) {
    end_.silent();
  } else if (idle_left_ <= 0ns) {
    lost(left_because(disconnect_reason::idle), std::nullopt, "nothing came within the idle limit");
  } else if (check_left_ <= 0ns) {
    end_.check_due();
    check_left_ = end_.check_interval(options_.status_check, host_->random01());
  }
}

asio::awaitable<void> stream_core::wait_for_timer_only() {
  // Ended by the limit of `until`, or by the caller.
  asio::steady_timer forever(executor(), clock::time_point::max());
  co_await forever.async_wait(asio::use_awaitable);
}

asio::awaitable<bool> stream_core::until(clock::time_point limit, asio::awaitable<void> step) {
  struct disarm {
    stream_core* core;
    std::shared_ptr<bool> armed;
    ~disarm() {
      *armed = false;
      core->timer_.cancel();
    }
  };
  const auto armed = std::make_shared<bool>(true);
  timed_out_ = false;
  if (limit != clock::time_point::max()) {
    timer_.expires_at(limit);
    auto strike = [this, armed](boost::system::error_code cancelled_timer) {
      if (cancelled_timer || !*armed) return;
      timed_out_ = true;
      interrupt();
    };
    timer_.async_wait(asio::bind_executor(executor(), std::move(strike)));
  }
  bool done = false;
  {
    const disarm at_end{this, armed};
    try {
      co_await std::move(step);
      done = true;
    } catch (const boost::system::system_error& e) {
      if (!timed_out_ || e.code() != asio::error::operation_aborted) throw;
    }
  }
  if (timed_out_) {
    // Else already the next co_await would throw.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await recover();
  }
  co_return done;
}

}  // namespace mistral::workflows::session
