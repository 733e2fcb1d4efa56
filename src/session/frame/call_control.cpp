#include "session/frame/call_control.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

error closed_error(error_context context) {
  return error(make_error_code(errc::closed), context.operation, context);
}

call_control::call_control(asio::any_io_executor executor, std::string_view operation,
                           std::span<std::byte> frames)
    : task_scope(std::move(executor), frames), operation_(operation) {}

void call_control::end_if_cancelled_early() {
  if (allowed(early_) == asio::cancellation_type::none) return;
  cancelled_ = true;
  interrupt();
}

void call_control::cancel(asio::cancellation_type type) {
  if (!running()) {
    early_ = early_ | type;
  } else if (allowed(type) != asio::cancellation_type::none) {
    cancelled_ = true;
    interrupt();
  }
}

void call_control::client_closed() {
  closed_ = true;
  asio::post(executor(), [self = shared_from_this()] {
    if (self->running()) self->interrupt();
  });
}

void call_control::post_deadline_passed() {
  const std::shared_ptr<call_control> self = weak_from_this().lock();
  if (!self) return;
  asio::post(executor(), [self] {
    if (self->running()) self->interrupt();
  });
}

bool call_control::over() noexcept {
  const auto asked = static_cast<asio::cancellation_type>(asked_.load(std::memory_order_relaxed));
  if (allowed(asked) != asio::cancellation_type::none) cancelled_ = true;
  return interrupted() || cancelled_ || closed_ || clock::now() >= deadline();
}

void call_control::throw_if_over() {
  if (over()) throw boost::system::system_error(asio::error::operation_aborted);
}

protocol::stop_reason call_control::why_over() const noexcept {
  if (closed_) return protocol::stop_reason::closed;
  return cancelled_ ? protocol::stop_reason::cancelled : protocol::stop_reason::deadline;
}

asio::cancellation_type call_control::allowed(asio::cancellation_type type) const noexcept {
  using enum asio::cancellation_type;
  asio::cancellation_type out = type & terminal;
  if (!in_attempt || !progress.request_may_have_left) out = out | (type & partial);
  if (acted() == server_action::no) out = out | (type & total);
  return out;
}

server_action call_control::acted() const noexcept {
  const bool may_now = in_attempt && !looking && progress.request_may_have_left;
  return may_now && earlier_attempts == server_action::no ? server_action::unknown : earlier_attempts;
}

call_phase call_control::phase() const noexcept {
  if (!in_attempt) return waiting_for_turn ? call_phase::waiting_for_turn : call_phase::backing_off;
  static_assert(static_cast<int>(net::phase::reading_body) == static_cast<int>(call_phase::reading_body) &&
                static_cast<int>(net::phase::waiting_for_connection) ==
                    static_cast<int>(call_phase::waiting_for_connection));
  return static_cast<call_phase>(static_cast<net::phase>(progress.reached));
}

}  // namespace mistral::workflows::session
