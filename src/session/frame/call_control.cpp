#include "session/frame/call_control.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

server_action combine(server_action a, server_action b) noexcept {
  if (a == server_action::yes || b == server_action::yes) return server_action::yes;
  return a == server_action::unknown || b == server_action::unknown ? server_action::unknown : server_action::no;
}

error closed_error(error_context context) { return error(make_error_code(errc::closed), context.operation, context); }

call_control::call_control(asio::any_io_executor executor, std::string_view operation, std::span<std::byte> frames)
    : task_scope(std::move(executor), frames), operation_(operation) {}

void call_control::throw_if_ended_early() const {
  if (closed_ || allowed(early_) != asio::cancellation_type::none) throw_aborted();
}

void call_control::cancel(asio::cancellation_type type) {
  if (!running())
    early_ = early_ | type;
  else if (allowed(type) != asio::cancellation_type::none)
    interrupt();
}

void call_control::client_closed() {
  asio::post(executor(), [self = shared_from_this()] {
    self->closed_ = true;
    if (self->running()) self->interrupt();
  });
}

void call_control::post_deadline_passed() {
  const std::shared_ptr<call_control> self = weak_from_this().lock();
  if (!self) return;
  asio::post(executor(), [self] {
    if (!self->running()) return;
    self->deadline_passed_ = true;
    self->interrupt();
  });
}

asio::cancellation_type call_control::allowed(asio::cancellation_type type) const noexcept {
  using enum asio::cancellation_type;
  asio::cancellation_type out = type & terminal;
  if (!in_attempt || !progress.request_may_have_left) out = out | (type & partial);
  if (acted() == server_action::no) out = out | (type & total);
  return out;
}

void call_control::throw_aborted() const {
  if (closed_) throw closed_error(context());
  if (deadline_passed_) throw timeout_error(phase(), context());
  throw cancelled_error(context());
}

server_action call_control::acted() const noexcept {
  const bool now = in_attempt && progress.request_may_have_left;
  return combine(earlier_attempts, now ? server_action::unknown : server_action::no);
}

call_phase call_control::phase() const noexcept {
  if (!in_attempt) return waiting_for_turn ? call_phase::waiting_for_turn : call_phase::backing_off;
  static_assert(static_cast<int>(net::phase::reading_body) == static_cast<int>(call_phase::reading_body) &&
                static_cast<int>(net::phase::waiting_for_connection) ==
                    static_cast<int>(call_phase::waiting_for_connection));
  return static_cast<call_phase>(static_cast<net::phase>(progress.reached));
}

}  // namespace mistral::workflows::session
