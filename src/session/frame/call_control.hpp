// The frame that one operation runs in: an executor of its own, its deadline, its cancellation.
// Not what runs in it (call.cpp), and no retry.
#pragma once

#include "net/pool/pool.hpp"
#include "session/frame/deadlines.hpp"
#include "session/frame/live_operations.hpp"
#include "session/frame/task.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_type.hpp>

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
  call_control(boost::asio::any_io_executor executor, std::string_view operation, std::span<std::byte> frames);

  /// Passes on a cancellation of the caller's.
  void cancel(boost::asio::cancellation_type type);

  std::shared_ptr<live_operation> self() override { return weak_from_this().lock(); }
  /// Ends the operation with errc::closed.
  void client_closed() override;

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
  std::string_view operation() const noexcept { return operation_; }
  error_context context() const {
    error_context out(std::string(operation_), attempts, acted());
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

 protected:
  ~call_control() override { leave_list(); }

  /// Throws if the operation was ended before it began.
  void throw_if_ended_early() const;

 private:
  std::string_view operation_;
  std::optional<std::chrono::steady_clock::time_point> first_attempt_at_;
  boost::asio::cancellation_type early_ = boost::asio::cancellation_type::none;
  bool deadline_passed_ = false;
  bool closed_ = false;

  void post_deadline_passed() override;
};

/// What calls and streams of a closed client end with.
error closed_error(error_context context);

/// Whatever of two is less certain to be nothing.
server_action combine(server_action a, server_action b) noexcept;

}  // namespace mistral::workflows::session
