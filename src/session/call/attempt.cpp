#include "session/call/attempt.hpp"

#include "net/channel/channel.hpp"
#include "net/http/spare_memory.hpp"
#include "protocol/http/error_body.hpp"
#include "protocol/http/http_date.hpp"
#include "protocol/http/redact.hpp"
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

void read_head(const net::response_head& head, bool needs_all, attempt_result& out) {
  out.status = head.status();
  out.end.status = head.status();
  const std::string_view type = head.header("content-type");
  if (!is_json(type)) out.content_type = type;
  if (out.ok() && !needs_all) return;
  out.end.json = !type.empty() && out.content_type.empty();
  out.request_id = protocol::excerpt(head.header("x-request-id"));
  out.location = protocol::excerpt(head.header("location"));
  const auto date = protocol::parse_http_date(head.header("date"));
  if (date) out.end.date = *date;
  // Relative to the server's own clock where it tells it.
  if (head.has("retry-after"))
    out.end.retry_after = protocol::parse_retry_after(head.header("retry-after"), date.value_or(wall_clock()));
}

void hide_key(attempt_result& out) {
  if (!out.secret) return;
  for (std::string* const text : {&out.body, &out.request_id, &out.location, &out.content_type})
    protocol::redact(*text, *out.secret);
  if (out.failure) protocol::redact(out.failure->reason, *out.secret);
}

// The head of an error answer says enough, even where its body breaks off.
void forgive_cut_body(attempt_result& out) {
  if (!out.failure || out.status < 300) return;
  out.end.reached = protocol::reach::answered;
  out.end.permanent = false;
  out.failure.reset();
}

void read_code(attempt_result& out) {
  if (out.status < 300) return;
  api_error_details details;
  protocol::read_error_body(out.body, details);
  out.end.code = details.code;
  out.end.json = out.end.json && !details.body.is_null();
}

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

void read_failure(const net::failure& f, const call_control& control, attempt_result& out) {
  attempt_failure failure;
  failure.code = f.code();
  failure.reason = f.reason();
  failure.phase = control.phase();
  out.end.permanent = is_permanent(f.code());
  out.end.reached = control.progress.request_may_have_left ? protocol::reach::sent : protocol::reach::not_sent;
  out.end.stale = control.progress.reused && !control.progress.answer_began && !out.end.permanent;
  out.failure = std::move(failure);
}

void attempt_means::give_back() {
  held.done(well);
  lease = net::lease();
}

void tell(attempt_watch& watch, const attempt_result& result, boost::system::error_code failure) {
  attempt_end end;
  end.status = result.status;
  end.failure = failure;
  end.request_id = result.request_id;
  watch.ended(end);
}

task<void> attempt(const client_handle& handle, std::string& bytes, call_control& control, attempt_means& means,
                   attempt_watch& watch, bool needs_date, attempt_result& out) {
  client_state& state = *handle.state;
  net::lease& lease = means.lease;
  out.secret = means.key.authorization;
  out.end.left_at = std::chrono::steady_clock::now();
  try {
    lease.begin_send(bytes);
    while (const auto wanted = lease.send_step()) {
      co_await until(lease.bytes().async_wait(*wanted, net::plain));
      control.throw_if_over();
    }
    net::spare_memory::give_back(bytes);
    while (const auto wanted = lease.head_step()) co_await until(lease.bytes().async_wait(*wanted, net::plain));
    read_head(lease.head(), needs_date || watch.listened_to(), out);
    if (out.body.empty()) net::spare_memory::take(out.body);
    do {
      while (const auto wanted = lease.body_step(out.body))
        co_await until(lease.bytes().async_wait(*wanted, net::plain));
    } while (!lease.complete());
    out.end.reached = protocol::reach::answered;
  } catch (const net::failure& f) {
    if (f.code() == asio::error::operation_aborted) throw;
    read_failure(f, control, out);
  }
  out.ended_at = std::chrono::steady_clock::now();
  if (!out.ok()) hide_key(out);
  tell(watch, out, out.failure ? out.failure->code : boost::system::error_code());
  if (!lease.reusable()) lease = net::lease();
  forgive_cut_body(out);
  read_code(out);
  if (out.status == 429) state.counters().rate_limited.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace mistral::workflows::session
