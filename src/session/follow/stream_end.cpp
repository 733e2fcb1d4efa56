// What a stream does once the watcher has made up its mind: it ends, goes on as another execution's, or says
// why it cannot; and how its caller and its client end it.
// Not the making up: protocol/follow/watcher.hpp.
#include "session/follow/stream.hpp"

#include "protocol/http/redact.hpp"
#include "session/frame/call_control.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace mistral::workflows::session {

namespace asio = boost::asio;

void stream_core::conclude(verdict outcome) {
  const bool of_the_stream = outcome == verdict::repeated_error || outcome == verdict::wrong_type;
  if (outcome == verdict::end)
    end();
  else if (outcome == verdict::follow)
    follow();
  else if (of_the_stream && description_.for_result)
    unusable(nullptr);
  else
    fail(outcome);
}

void stream_core::end() {
  stop_exchanges();
  ended_ = true;
  if (!connection_) return;
  disconnect();
  tell(left_because(disconnect_reason::ended));
}

void stream_core::follow() {
  const bool was_open = connection_ != nullptr;
  stop_exchanges();
  disconnect();
  description_.execution_id = watcher_.next_execution();
  resume_ = protocol::resume_policy(std::string(), description_.resume);
  auto found = rules();
  found.is_there = true;
  watcher_.begin_elsewhere(found, now());
  place_ = std::make_shared<const protocol::stream_place>(description_.execution_id);
  state_.reset();
  if (was_open) tell(left_because(disconnect_reason::ended));
}

void stream_core::unusable(std::exception_ptr why) {
  if (watcher_.over()) return;  // nothing more is asked for
  watcher_.failure_told(now());
  key_renewed_ = false;  // it may have been rotated when the caller goes on
  if (!description_.for_result) std::rethrow_exception(std::move(why));
  watcher_.no_stream(at_);
}

void stream_core::fail(verdict outcome) {
  using target = protocol::watcher::target;
  const auto in_vain = outcome == verdict::gave_up ? watcher_.asked_in_vain() : target::none;
  const std::string sought = in_vain == target::run
                                 ? "run " + protocol::excerpt(watcher_.successor(), host_->key())
                                 : "the execution's end";
  const bool status_known = state_ && known_end() != protocol::terminal_kind::none;
  watcher_.failure_told(now());
  key_renewed_ = false;  // as in not_connected()
  if (outcome == verdict::status_refused) std::rethrow_exception(refusal_);
  const std::string after = std::string(to_string(last_loss_.reason)) + ": " + last_loss_.text;
  if (outcome == verdict::incomplete) {
    const std::string why = status_known ? "the execution has ended as " + std::string(state_->status->text())
                                         : "the execution is not found any more";
    throw stream_incomplete(why + ", and its last event did not come", cursor(),
                            status_known ? state_->status : std::nullopt,
                            status_known ? state_->end_time : std::nullopt, context());
  }
  if (outcome == verdict::repeated_error)
    throw stream_failure(make_error_code(errc::stream_failed),
                         "the server reports again and again: " + last_loss_.text, cursor(), context());
  if (in_vain != target::none)
    throw stream_failure(make_error_code(errc::unavailable),
                         "gave up asking for " + sought + ": its GETs fail", cursor(), context());
  const auto code = last_loss_.reason == disconnect_reason::refused && last_loss_.status != 200
                        ? make_error_code(errc::unavailable)
                    : last_loss_.code ? last_loss_.code
                                      : make_error_code(errc::transport);
  throw stream_failure(code, "gave up reconnecting after " + after, cursor(), context(), last_retry_after_);
}

void stream_core::client_closed() {
  client_closed_ = true;
  auto shared = std::static_pointer_cast<stream_core>(shared_from_this());
  asio::post(executor(), [shared = std::move(shared)] { shared->interrupt(); });
}

void stream_core::release() noexcept {
  stop_exchanges();
  disconnect();
  if (holding_) drop_held();
  holding_ = false;
  ended_ = true;
}

error_context stream_core::context() const {
  const begun_operation& whole = description_.part_of;
  error_context out(operation(), whole.attempts + attempts_, whole.acted);
  out.execution_id = whole.name.empty() ? execution_id() : whole.execution_id;
  return out;
}

void stream_core::throw_if_cancelled() {
  if (client_closed_) {
    stop_exchanges();
    throw closed_error(context());
  }
  // Closed by another thread, it is cancelled only a moment later.
  if (cancelled() || closed()) throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace mistral::workflows::session
