#include "session/call/attempt_watch.hpp"

#include "protocol/http/told_headers.hpp"
#include "session/client/option_checks.hpp"

namespace mistral::workflows::session {
namespace {

// By the rules for headers of the options; what breaks them is left out.
void add_checked(const call_hooks::header_list& given, protocol::header_list& out, call_counters& counters) {
  for (const auto& header : given) {
    if (!may_set_header(header.first, header.second)) {
      counters.hook_failures.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    protocol::set_header(out, header.first, header.second);
  }
}

}  // namespace

attempt_watch::attempt_watch(const client_handle& handle, const protocol::request& request,
                             const attempt_place& place, net::progress& record)
    : handle_(handle), request_(request), place_(place), record_(record) {
  if (handle_.attempt_hook() == nullptr) return;
  measured_.emplace();
  record_.reached.clock = &measured_->phases;
}

attempt_watch::~attempt_watch() { record_.reached.clock = nullptr; }

void attempt_watch::fill(attempt_info& info) const {
  const std::string_view target = request_.target();
  info.operation = request_.description().name;
  info.call = place_.call;
  info.method = request_.description().method;
  info.path = target.substr(0, target.find('?'));
  info.call_number = place_.call_number;
  info.attempt = place_.attempt;
}

protocol::header_list attempt_watch::headers() const {
  protocol::header_list out;
  if (handle_.settings) out = handle_.settings->headers;
  const auto* const hook = handle_.header_hook();
  if (hook == nullptr) return out;
  call_counters& counters = handle_.state->counters();
  try {
    attempt_info info;
    fill(info);
    add_checked((*hook)(info), out, counters);
  } catch (...) {
    counters.hook_failures.fetch_add(1, std::memory_order_relaxed);
  }
  return out;
}

void attempt_watch::ended(const attempt_end& end) {
  call_counters& counters = handle_.state->counters();
  counters.bytes_sent.fetch_add(record_.bytes_sent, std::memory_order_relaxed);
  counters.bytes_received.fetch_add(record_.bytes_received, std::memory_order_relaxed);
  if (!measured_) return;
  net::phase_clock& phases = measured_->phases;
  phases.stop();
  attempt_report report;
  fill(report);
  report.status = end.status;
  report.failure = end.failure;
  if (end.headers != nullptr) {
    report.headers = *end.headers;
    report.request_id = protocol::request_id_in(*end.headers);
  }
  report.began = measured_->began -
                 std::chrono::duration_cast<std::chrono::system_clock::duration>(place_.waited_for_turn);
  report.duration = std::chrono::steady_clock::now() - measured_->start + place_.waited_for_turn;
  report.times.waiting_for_turn = place_.waited_for_turn;
  report.times.waiting_for_connection = phases.spent(net::phase::waiting_for_connection);
  report.times.resolving = phases.spent(net::phase::resolving);
  report.times.connecting = phases.spent(net::phase::connecting);
  report.times.proxy = phases.spent(net::phase::proxy);
  report.times.tls_handshake = phases.spent(net::phase::tls_handshake);
  report.times.sending = phases.spent(net::phase::sending);
  report.times.waiting_for_answer = phases.spent(net::phase::waiting_for_answer);
  report.times.reading_body = phases.spent(net::phase::reading_body);
  report.bytes_sent = record_.bytes_sent;
  report.bytes_received = record_.bytes_received;
  report.reused = record_.reused;
  try {
    (*handle_.attempt_hook())(report);
  } catch (...) {
    counters.hook_failures.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace mistral::workflows::session
