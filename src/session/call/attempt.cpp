#include "session/call/attempt.hpp"

#include "net/channel/channel.hpp"
#include "net/common/gate.hpp"
#include "net/http/spare_memory.hpp"
#include "protocol/http/content_coding.hpp"
#include "protocol/http/error_body.hpp"
#include "protocol/http/http_date.hpp"
#include "protocol/http/redact.hpp"
#include "protocol/http/told_headers.hpp"
#include "session/frame/task_wait.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <memory>

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
  if (!is_json(type)) out.content_type = protocol::excerpt(type, out.key());
  out.coding = coding_of(head, out.key());
  if (out.ok() && !needs_all) return;
  out.end.json = !type.empty() && out.content_type.empty();
  out.headers = told_headers(head, out.key());
  out.location = protocol::excerpt(head.header("location"), out.key());
  const auto date = protocol::parse_http_date(head.header("date"));
  if (date) out.end.date = *date;
  if (head.has("age")) out.end.age = protocol::parse_age(head.header("age"));
  // Relative to the server's own clock where it tells it.
  if (head.has("retry-after"))
    out.end.retry_after =
        protocol::parse_retry_after(head.header("retry-after"), date.value_or(wall_clock()));
}

// Of a body, without a wait. They may be a byte each, and come faster than they are taken.
constexpr int pieces_in_a_row = 64;

// On the same thread, however fast the server is.
task<void> let_others_run() {
  const auto turn = std::make_shared<net::gate>();
  turn->open();
  co_await completion_of(turn->async_wait(net::plain));
}

// The connection was used before, and swallows what is sent.
void read_silence(attempt_result& out) {
  out.failure->code = asio::error::timed_out;
  out.failure->reason = "no byte of an answer came on a connection that was used before";
}

// The head of an error answer says enough, even where its body breaks off.
void forgive_cut_body(attempt_result& out) {
  if (!out.failure || out.status < 300) return;
  out.end.reached = protocol::reach::answered;
  out.end.permanent = false;
  out.end.unread = true;
  out.failure.reset();
}

void read_code(attempt_result& out) {
  if (out.status < 300) return;
  api_error_details details;
  protocol::read_error_body(out.body, out.key(), details);
  out.end.code = details.code;
  const bool is_json = !details.body.is_null();
  if (!out.coding.empty() || (out.end.json && !is_json && !out.body.empty())) out.end.unread = true;
  // What broke off proves nothing, even where that much of it can be read.
  out.end.json = out.end.json && is_json && !out.end.unread;
}

}  // namespace

std::string coding_of(const net::response_head& head, std::string_view key) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (!protocol::same_header(head.name(i), "content-encoding")) continue;
    const std::string_view coding = protocol::first_coding(head.value(i));
    if (!coding.empty()) return protocol::excerpt(coding, key);
  }
  return std::string();
}

protocol::header_list told_headers(const net::response_head& head, std::string_view key) {
  protocol::header_list out;
  for (std::size_t i = 0; i < head.size() && out.size() < protocol::most_told_headers; ++i)
    if (protocol::is_told(head.name(i)))
      out.emplace_back(protocol::excerpt(head.name(i), key), protocol::excerpt(head.value(i), key));
  return out;
}

std::string coded_as(const std::string& coding) {
  return "the answer's body is coded as " + coding + ", which was not asked for";
}

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
  out.end.reached =
      control.progress.request_may_have_left ? protocol::reach::sent : protocol::reach::not_sent;
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
  end.headers = &result.headers;
  watch.ended(end);
}

protocol::call_time read_clocks() {
  const auto now = protocol::call_clock::now();
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return protocol::call_time(now, wall - now.time_since_epoch());
}

task<void> attempt(const client_handle& handle, std::string& bytes, call_control& control,
                   attempt_means& means, attempt_watch& watch, bool needs_date, attempt_result& out) {
  client_state& state = *handle.state;
  net::lease& lease = means.lease;
  out.secret = means.key.hidden;
  out.end.left_at = read_clocks();
  try {
    lease.begin_send(bytes);
    while (const auto wanted = lease.send_step()) {
      co_await completion_of(lease.bytes().async_wait(*wanted, net::plain));
      control.throw_if_over();
    }
    net::spare_memory::give_back(bytes);
    if (means.patient_for) state.deadlines().add(*means.patience, out.end.left_at->now + *means.patient_for);
    while (const auto wanted = lease.head_step())
      co_await completion_of(lease.bytes().async_wait(*wanted, net::plain));
    read_head(lease.head(), needs_date || watch.listened_to(), out);
    if (!out.coding.empty()) lease.close();
    if (lease && out.body.empty()) net::spare_memory::take(out.body);
    int at_hand = 0;
    while (lease && !lease.complete()) {
      while (const auto wanted = lease.body_step(out.body)) {
        at_hand = 0;
        co_await completion_of(lease.bytes().async_wait(*wanted, net::plain));
      }
      if (lease.complete()) break;
      control.throw_if_over();
      if (++at_hand % pieces_in_a_row == 0) co_await let_others_run();
    }
    out.end.reached = protocol::reach::answered;
  } catch (const net::failure& f) {
    if (f.code() == asio::error::operation_aborted) throw;
    read_failure(f, control, out);
    if (means.patient_for && means.cut) read_silence(out);
  }
  if (means.patient_for) state.deadlines().remove(*means.patience);
  out.ended_at = read_clocks();
  if (out.failure) protocol::redact(out.failure->reason, out.key());
  tell(watch, out, out.failure ? out.failure->code : boost::system::error_code());
  if (lease && !lease.reusable()) lease = net::lease();
  forgive_cut_body(out);
  read_code(out);
  if (out.status == 429) state.counters().rate_limited.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace mistral::workflows::session
