// The frame that one operation runs in: an executor of its own, its deadline, its cancellation.
// Not what runs in it (call.cpp), and no retry.
#pragma once

#include "net/pool.hpp"
#include "session/live_operations.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::session {

/// Touched only on its executor, except by `run_controlled` before the operation has begun.
class call_control final : public std::enable_shared_from_this<call_control>, public live_operation {
 public:
  call_control(boost::asio::any_io_executor executor, std::string operation);
  ~call_control() override { leave_list(); }

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  /// To be the first thing in the operation: begins the deadline and applies the rules of cancellation.
  boost::asio::awaitable<void> begin(std::chrono::milliseconds deadline);
  /// To be the last: no deadline strikes after this.
  void end() noexcept;

  /// Passes on a cancellation of the caller's.
  void cancel(boost::asio::cancellation_type type);

  std::shared_ptr<live_operation> self() override { return weak_from_this().lock(); }
  /// Ends the operation with errc::closed.
  void client_closed() override;

  /// When the deadline passes.
  std::chrono::steady_clock::time_point deadline() const noexcept { return deadline_; }
  bool deadline_passed() const noexcept { return deadline_passed_; }

  /// Which of `type` may end the operation now. `total` promises that the server has seen nothing, `partial` that it is
  /// not in the middle of a request.
  boost::asio::cancellation_type allowed(boost::asio::cancellation_type type) const noexcept;

  /// The error for an operation_aborted that came out of the operation: the deadline's, or the caller's.
  [[noreturn]] void throw_aborted() const;

  /// An attempt begins; nothing of this operation can have reached the server before the first of them.
  void attempt_begins() noexcept {
    if (!first_attempt_at_) first_attempt_at_ = std::chrono::steady_clock::now();
  }
  /// Zero before it.
  std::chrono::microseconds since_first_attempt() const {
    if (!first_attempt_at_) return std::chrono::microseconds(0);
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - *first_attempt_at_);
  }

  call_phase phase() const noexcept;
  const std::string& operation() const noexcept { return operation_; }
  error_context context() const {
    error_context out(operation_, attempts, acted());
    out.retries_ended = retries_ended;
    return out;
  }
  /// Over all attempts so far, the one under way included.
  server_action acted() const noexcept;

  net::progress progress;   ///< of the attempt under way
  bool in_attempt = false;  ///< false in waits between attempts
  bool waiting_for_turn = false;
  bool first_in_line = false;  ///< where requests have to wait for their turn
  int attempts = 0;
  std::uint64_t number = 0;  ///< for hooks
  retry_end retries_ended = retry_end::none;
  server_action earlier_attempts = server_action::no;  ///< what those that have ended can have done

 private:
  boost::asio::any_io_executor executor_;
  std::string operation_;
  boost::asio::cancellation_signal signal_;
  boost::asio::steady_timer timer_;
  std::optional<std::chrono::steady_clock::time_point> first_attempt_at_;
  std::chrono::steady_clock::time_point deadline_;
  boost::asio::cancellation_type early_ = boost::asio::cancellation_type::none;
  bool begun_ = false;
  bool deadline_passed_ = false;
  bool closed_ = false;

  template <class T>
  friend boost::asio::awaitable<T> run_controlled(std::shared_ptr<call_control> control,
                                                  boost::asio::awaitable<T> operation);
};

/// What calls and streams of a closed client end with.
error closed_error(error_context context);

/// Whatever of two is less certain to be nothing.
server_action combine(server_action a, server_action b) noexcept;

/// Runs `operation` on the control's executor and completes on the caller's. The caller's cancellation state is left as
/// it is: what it lets through is passed on.
template <class T>
boost::asio::awaitable<T> run_controlled(std::shared_ptr<call_control> control, boost::asio::awaitable<T> operation) {
  namespace asio = boost::asio;
  auto start = [control](auto handler, asio::awaitable<T> body) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([control](asio::cancellation_type type) {
        asio::dispatch(control->executor(), [control, type] { control->cancel(type); });
      });
    }
    auto executor = asio::get_associated_executor(handler);
    auto finish = [control, slot, handler = std::move(handler)](std::exception_ptr failure, T value) mutable {
      if (slot.is_connected()) slot.clear();
      std::move(handler)(std::move(failure), std::move(value));
    };
    asio::co_spawn(
        control->executor(), std::move(body),
        asio::bind_cancellation_slot(control->signal_.slot(), asio::bind_executor(executor, std::move(finish))));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, T)>(
      std::move(start), asio::use_awaitable, std::move(operation));
}

}  // namespace mistral::workflows::session
