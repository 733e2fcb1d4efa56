// The frame that one operation runs in: an executor of its own, its deadline, its cancellation.
// Not what runs in it (call.cpp), and no retry.
#pragma once

#include "net/pool/pool.hpp"
#include "protocol/calls/machine.hpp"
#include "protocol/calls/rate_gate.hpp"
#include "session/frame/deadlines.hpp"
#include "session/frame/live_operations.hpp"
#include "session/frame/task.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

/// Touched only on its executor.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_control : public std::enable_shared_from_this<call_control>,
                                                       public task_scope,
                                                       public live_operation,
                                                       public has_deadline {
 public:
  /// `operation`: its name, a constant.
  /// `frames`: for its tasks; outlives this.
  call_control(boost::asio::any_io_executor executor, std::string_view operation,
               std::span<std::byte> frames);

  /// The caller has asked to cancel: nothing more leaves from now
  /// on, although cancel() comes later. Called from any thread.
  void asked_to_cancel(boost::asio::cancellation_type type) noexcept {
    asked_.fetch_or(static_cast<unsigned>(type), std::memory_order_relaxed);
  }
  /// Passes on a cancellation of the caller's.
  void cancel(boost::asio::cancellation_type type);

  std::shared_ptr<live_operation> self() override { return weak_from_this().lock(); }
  /// Ends the operation with errc::closed.
  void client_closed() override;

  /// Which of `type` may end the operation now. `total` promises that the server
  /// has seen nothing, `partial` that it is not in the middle of a request.
  boost::asio::cancellation_type allowed(boost::asio::cancellation_type type) const noexcept;

  /// Whether the operation has been ended, or its time is over: nothing more leaves then.
  bool over() noexcept;
  /// Throws operation_aborted where it is.
  void throw_if_over();

  /// After that: what ended it.
  protocol::stop_reason why_over() const noexcept;

  call_phase phase() const noexcept;
  std::string_view operation() const noexcept { return operation_; }
  error_context context() const {
    error_context out(std::string(operation_), attempts, acted());
    out.retries_ended = retries_ended;
    out.execution_id = starts;
    return out;
  }
  /// Over all attempts so far, the one under way included.
  server_action acted() const noexcept;

  net::progress progress;   ///< of the attempt under way
  bool in_attempt = false;  ///< false in waits between attempts
  bool looking = false;     ///< the request under way changes nothing, whatever the operation does
  bool waiting_for_turn = false;
  protocol::waiting_line line =
      protocol::waiting_line::usual;  ///< where requests have to wait for their turn
  int attempts = 0;
  std::uint64_t number = 0;  ///< for hooks
  std::string_view starts;   ///< the execution that is to be started; outlives this
  retry_end retries_ended = retry_end::none;
  server_action earlier_attempts = server_action::no;  ///< what those that have ended can have done

 protected:
  ~call_control() override { leave_list(); }

  /// A cancellation that came before the operation began ends it now.
  void end_if_cancelled_early();

 private:
  std::string_view operation_;
  boost::asio::cancellation_type early_ = boost::asio::cancellation_type::none;
  std::atomic<unsigned> asked_{0};
  std::atomic<bool> closed_{false};
  bool cancelled_ = false;

  void post_deadline_passed() override;
};

/// What calls and streams of a closed client end with.
error closed_error(error_context context);

}  // namespace mistral::workflows::session
