#include "session/call/attempt.hpp"

#include "net/channel/channel.hpp"
#include "net/http/spare_memory.hpp"
#include "protocol/http/error_body.hpp"
#include "protocol/http/http_date.hpp"
#include "protocol/http/redact.hpp"
#include "session/call/attempt_watch.hpp"
#include "session/frame/task_wait.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>

namespace mistral::workflows::session {
namespace asio = boost::asio;

namespace {

// Failures that every further attempt would meet as well.
bool is_permanent(const boost::system::error_code& code) {
  if (code.category() != net::net_category()) return false;
  switch (static_cast<net::error>(code.value())) {
    case net::error::certificate_refused:
    case net::error::tls_failed:
    case net::error::proxy_refused:
    case net::error::malformed:
    case net::error::header_too_large:
    case net::error::body_too_large:
    case net::error::too_many_interim:
    case net::error::closed:
      return true;
    default:
      return false;
  }
}

std::chrono::sys_seconds wall_clock() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

void read_head(const net::response_head& head, bool first_attempt, attempt_result& out) {
  out.status = head.status();
  out.outcome.status = head.status();
  const std::string_view type = head.header("content-type");
  if (!is_json(type)) out.content_type = type;
  if (out.ok() && first_attempt) return;
  out.request_id = protocol::excerpt(head.header("x-request-id"));
  out.location = protocol::excerpt(head.header("location"));
  const auto date = protocol::parse_http_date(head.header("date"));
  if (date) out.date = *date;
  // Relative to the server's own clock where it tells it.
  if (head.has("retry-after"))
    out.outcome.retry_after = protocol::parse_retry_after(head.header("retry-after"), date.value_or(wall_clock()));
}

void read_failure(const net::failure& f, const call_control& control, attempt_result& out) {
  attempt_failure failure;
  failure.code = f.code();
  failure.reason = f.reason();
  failure.phase = control.phase();
  out.outcome.permanent = is_permanent(f.code());
  out.outcome.reached = control.progress.request_may_have_left ? protocol::reach::sent : protocol::reach::not_sent;
  out.outcome.stale = control.progress.reused && !control.progress.answer_began && !out.outcome.permanent;
  out.failure = std::move(failure);
}

void hide_key(attempt_result& out) {
  if (!out.secret) return;
  for (std::string* const text : {&out.body, &out.request_id, &out.location, &out.content_type})
    protocol::redact(*text, *out.secret);
  if (out.failure) protocol::redact(out.failure->reason, *out.secret);
}

attempt_place place_of(const call_control& control, std::chrono::nanoseconds waited_for_turn) {
  attempt_place out;
  out.call = control.operation();
  out.call_number = control.number;
  out.attempt = control.attempts;
  out.waited_for_turn = waited_for_turn;
  return out;
}

attempt_end end_of(const attempt_result& result, boost::system::error_code failure) {
  attempt_end out;
  out.status = result.status;
  out.failure = failure;
  out.request_id = result.request_id;
  return out;
}

bool leaves_doubt(int status) { return status == 408 || status >= 500; }

}  // namespace

bool is_json(std::string_view content_type) {
  constexpr std::string_view usual = "application/json";
  constexpr std::string_view wanted = "json";
  return content_type.empty() || content_type.starts_with(usual) ||
         std::search(content_type.begin(), content_type.end(), wanted.begin(), wanted.end(),
                     [](char a, char b) { return (a | 0x20) == b; }) != content_type.end();
}

void attempt_result::clear() {
  net::spare_memory::give_back(body);
  *this = attempt_result();
}

task<void> attempt(const client_handle& handle, const protocol::request& request, call_control& control,
                   bool fresh_after_doubt, std::chrono::nanoseconds waited_for_turn, attempt_result& out) {
  control.attempt_begins();
  client_state& state = *handle.state;
  versioned_key key;
  if (!state.key().try_current(key)) key = co_await until(state.key().current());
  out.key_generation = key.generation;
  out.secret = std::move(key.authorization);
  attempt_watch watch(handle, request, place_of(control, waited_for_turn), control.progress);
  const std::string_view authorization = out.secret ? std::string_view(*out.secret) : std::string_view();
  std::string bytes;
  net::spare_memory::take(bytes);
  protocol::serialize(request, state.defaults(), authorization, watch.headers(), bytes);
  state.counters().attempts.fetch_add(1, std::memory_order_relaxed);
  try {
    net::lease lease = state.pool().try_acquire(net::kind::call, control.progress);
    if (!lease) lease = co_await until(state.pool().acquire(net::kind::call, control.progress));
    lease.begin_send(bytes);
    while (const auto wanted = lease.send_step()) co_await until(lease.bytes().async_wait(*wanted, net::plain));
    net::spare_memory::give_back(bytes);
    while (const auto wanted = lease.head_step()) co_await until(lease.bytes().async_wait(*wanted, net::plain));
    read_head(lease.head(), control.attempts == 1 && !watch.listened_to(), out);
    if (out.body.empty()) net::spare_memory::take(out.body);
    do {
      while (const auto wanted = lease.body_step(out.body))
        co_await until(lease.bytes().async_wait(*wanted, net::plain));
    } while (!lease.complete());
    out.outcome.reached = protocol::reach::answered;
    if (fresh_after_doubt && leaves_doubt(out.status)) lease.close();
  } catch (const net::failure& f) {
    if (f.code() == asio::error::operation_aborted) {
      watch.ended(end_of(out, f.code()));
      throw;
    }
    read_failure(f, control, out);
  } catch (const boost::system::system_error& e) {
    watch.ended(end_of(out, e.code()));
    throw;
  }
  if (!out.ok()) hide_key(out);
  watch.ended(end_of(out, out.failure ? out.failure->code : boost::system::error_code()));
  // The head of an error answer says enough, even where its body breaks off.
  if (out.failure && out.status >= 300) {
    out.outcome.reached = protocol::reach::answered;
    out.outcome.permanent = false;
    out.failure.reset();
  }
  if (out.status >= 300) {
    api_error_details details;
    protocol::read_error_body(out.body, details);
    out.outcome.code = details.code;
  }
  if (out.status == 429) state.counters().rate_limited.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace mistral::workflows::session
