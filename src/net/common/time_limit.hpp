// Cuts short whatever one coroutine waits for, when a time
// is over: told anew at each wait what there is to stop.
// Not a deadline of a call: that is cancellation, and comes from outside.
#pragma once

#include "net/common/asio_compat.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace mistral::workflows::net {

/// Belongs to one coroutine, whose executor must run one handler at a time.
class time_limit {
 public:
  time_limit(const asio::any_io_executor& executor, std::chrono::milliseconds limit)
      : state_(std::make_shared<state>(executor)) {
    state_->timer.expires_after(limit);
    state_->timer.async_wait([weak = std::weak_ptr<state>(state_)](error_code cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self) return;
      self->over = true;
      if (self->stop) self->stop();
    });
  }
  ~time_limit() { state_->stop = nullptr; }
  time_limit(const time_limit&) = delete;
  time_limit& operator=(const time_limit&) = delete;

  bool over() const noexcept { return state_->over; }
  bool interrupted() const noexcept { return state_->interrupted; }

  /// Called from any thread: stops what is waited for, as the end of time would, and makes
  /// interrupted() true. Not to be called any more when the executor's context has gone.
  std::function<void()> interrupter() const {
    return [weak = std::weak_ptr<state>(state_), executor = state_->timer.get_executor()] {
      asio::post(executor, [weak] {
        const auto self = weak.lock();
        if (!self) return;
        self->interrupted = true;
        if (self->stop) self->stop();
      });
    };
  }

  /// `stop` is called when time runs out, until it is replaced.
  void on_end(std::function<void()> stop) { state_->stop = std::move(stop); }

 private:
  struct state {
    explicit state(const asio::any_io_executor& executor) : timer(executor) {}
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               asio::any_io_executor>
        timer;
    bool over = false;
    bool interrupted = false;
    std::function<void()> stop;
  };

  std::shared_ptr<state> state_;
};

}  // namespace mistral::workflows::net
