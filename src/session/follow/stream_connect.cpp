// How a stream gets a connection and loses it: requests, answers that are no event stream, and the wait before the next
// attempt. Not the reading of events (stream_receive.cpp) nor what to do next (stream.cpp).
#include "session/follow/stream.hpp"

#include "net/common/failure.hpp"
#include "protocol/calls/answers.hpp"
#include "protocol/http/error_body.hpp"
#include "session/frame/call_control.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <limits>

namespace mistral::workflows::session {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

bool is_event_stream(std::string_view content_type) {
  constexpr std::string_view wanted = "text/event-stream";
  if (content_type.empty()) return true;
  return content_type.size() >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), content_type.begin(), [](char a, char b) { return a == (b | 0x20); });
}

bool passes(int status, const std::string& code, std::optional<std::chrono::milliseconds> retry_after) {
  protocol::attempt_outcome outcome;
  outcome.reached = protocol::reach::answered;
  outcome.status = status;
  outcome.code = code;
  outcome.retry_after = retry_after;
  return protocol::fate_of(outcome) != protocol::fate::lasting;
}

}  // namespace

protocol::request stream_core::next_request() const {
  protocol::request request = description_.request(description_.execution_id);
  request.header("Accept", "text/event-stream");
  request.header("Cache-Control", "no-cache");
  const auto point = resume_.next_request();
  if (!point.last_event_id.empty()) {
    if (description_.cursor_in == stream_description::cursor_place::query)
      request.query("last_event_id", point.last_event_id);
    else
      request.header("Last-Event-ID", point.last_event_id);
  } else if (point.start_seq || description_.start_seq) {
    request.query("start_seq", point.start_seq ? point.start_seq : description_.start_seq);
  }
  return request;
}

asio::awaitable<bool> stream_core::connect(clock::time_point limit) {
  if (reconnect_at_ > clock::now()) {
    const auto wake = std::min(limit, reconnect_at_);
    co_await until(wake, wait_for_timer_only());
    co_return clock::now() < limit;
  }
  // The caller's limit does not end an attempt: the next one would begin anew, and with a short limit never get anywhere.
  const attempt_mark mark(attempting_);
  if (yield_) co_return true;
  ++attempts_;
  bool in_time = false;
  try {
    in_time = co_await until(clock::now() + options_.idle_limit, open());
  } catch (const error&) {
    throw;
  } catch (const boost::system::system_error& e) {
    throw_if_cancelled();
    auto why = left_because(disconnect_reason::not_connected);
    why.code = e.code();
    lost(why, std::nullopt, e.what());
    co_return true;
  }
  if (!in_time) {
    lost(left_because(disconnect_reason::idle), std::nullopt, "no answer came within the idle limit");
    co_return true;
  }
  if (connection_->head().status == 200 && is_event_stream(connection_->head().content_type))
    answer_began();
  else
    co_await refuse();
  co_return true;
}

asio::awaitable<void> stream_core::open() {
  disconnect();
  auto request = next_request();
  connection_ = co_await host_->open(std::move(request));
}

void stream_core::answer_began() {
  connected_at_ = clock::now();
  key_renewed_ = false;
  idle_left_ = options_.idle_limit;
  parser_.reset();
  const bool resumed = resume_.connected();
  end_.connected();
  event_came();
  if (resumed && options_.hooks.resumed) options_.hooks.resumed(cursor());
  if (!resumed && options_.hooks.connected) options_.hooks.connected();
}

// An answer that is no event stream: the end, an error for good, or one that passes.
asio::awaitable<void> stream_core::refuse() {
  const stream_head head = connection_->head();
  if (head.status == 204) {
    disconnect();
    end_.no_content();
    co_return;
  }
  constexpr std::size_t enough = 64 * 1024;
  std::string body;
  try {
    for (bool more = true; more && !connection_->complete() && body.size() < enough;) {
      for (auto piece = connection_->next_piece(); !piece.empty(); piece = connection_->next_piece()) body += piece;
      more = co_await until(clock::now() + 5s, connection_->receive());
    }
  } catch (const boost::system::system_error&) {
    throw_if_cancelled();  // else the head says enough
  }
  host_->hide_key(body);
  api_error_details details;
  protocol::read_error_body(body, details);
  details.status = head.status;
  details.method = "GET";
  details.path = next_request().path();
  details.request_id = head.request_id;
  if (head.retry_after) details.retry_after_ms = head.retry_after->count();

  auto why = left_because(disconnect_reason::refused);
  why.status = head.status;
  if ((head.status == 401 || head.status == 403) && !key_renewed_ && host_->renew_key()) {
    key_renewed_ = true;
    disconnect();
    why.reason = disconnect_reason::key_rejected;
    if (options_.hooks.disconnected) options_.hooks.disconnected(why);
    co_return;
  }
  if (head.status == 200) {
    lost(why, std::nullopt, "the answer is no event stream but " + protocol::excerpt(head.content_type));
  } else if (passes(head.status, details.code, head.retry_after)) {
    lost(why, head.retry_after, "the server answers " + std::to_string(head.status) + ' ' + details.detail);
  } else {
    drop_paced();
    throw api_error(std::move(details), context());
  }
}

// ----------------------------------------------------------------------------------------------------- disconnecting

void stream_core::disconnect() noexcept {
  connection_.reset();
  parser_.reset();
}

// Before an error that the caller may answer with another call, at once and for ever.
void stream_core::drop_paced() {
  disconnect();
  end_.cut();
  connected_at_ = clock::time_point();
  const auto now = clock::now();
  reconnect_at_ = now + reconnect_.failed(now, 0ms, host_->random01()).value_or(options_.initial_backoff);
}

void stream_core::lost(stream_disconnect why, std::optional<std::chrono::milliseconds> retry_after,
                       const std::string& reason) {
  const auto now = clock::now();
  const auto opened = std::exchange(connected_at_, clock::time_point());
  end_.cut();
  if (const auto asked = parser_.retry()) reconnect_.server_asks(*asked);
  const bool was_open = opened != clock::time_point();
  const auto held_for = was_open ? std::chrono::duration_cast<std::chrono::milliseconds>(now - opened) : 0ms;
  disconnect();
  if (why.code == net::error::closed) throw closed_error(context());
  const auto wait = reconnect_.failed(now, held_for, host_->random01(), retry_after);
  if (wait) why.retry_in = *wait;
  reconnect_at_ = now + why.retry_in;
  if (options_.hooks.disconnected) options_.hooks.disconnected(why);
  if (wait) return;
  const auto code = why.reason == disconnect_reason::refused && why.status != 200 ? make_error_code(errc::unavailable)
                    : why.code                                                    ? why.code
                                                                                  : make_error_code(errc::transport);
  throw stream_failure(code, "gave up reconnecting after " + std::string(to_string(why.reason)) + ": " + reason,
                       cursor(), context());
}

}  // namespace mistral::workflows::session
