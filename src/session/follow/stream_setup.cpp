// What a stream begins with: its place in the sequence, and its options as rules.
// Not what it does then (stream.cpp).
#include "session/follow/stream.hpp"

#include "session/client/option_checks.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::session {

using namespace std::chrono_literals;

stream_connection::~stream_connection() = default;
stream_host::~stream_host() = default;
void stream_host::check_process() const {}
std::string_view stream_host::key() const { return std::string_view(); }
std::string_view stream_host::key_variable() const { return std::string_view(); }
std::chrono::milliseconds stream_host::look_limit() const { return 60s; }

namespace {

protocol::sse_limits parser_limits(const stream_options& options) {
  protocol::sse_limits limits;
  limits.line = limits.event = options.max_event;
  return limits;
}

std::string name_of(const stream_description& description) {
  const protocol::request first = description.request(description.execution_id);  // refuses what cannot be
  return std::string(description.part_of.name.empty() ? first.description().name : description.part_of.name);
}

// Of a stream that watches no execution, cursors are the server's ids as they are.
protocol::stream_cursor begin_of(const stream_description& description, const stream_options& options) {
  if (!description.execution_id.empty()) return protocol::read_cursor(options.from, description.execution_id);
  protocol::stream_cursor out;
  out.server_id = options.from;
  return out;
}

stream_description described(stream_description description, const std::string& execution_id) {
  description.execution_id = execution_id;
  return description;
}

place_ptr place_of(const std::string& execution_id, const protocol::event_facts& end) {
  return execution_id.empty() ? nullptr : std::make_shared<const protocol::stream_place>(execution_id, end);
}

}  // namespace

stream_core::stream_core(std::shared_ptr<stream_host> host, stream_description description,
                         stream_options options)
    : pull_gate(host->executor(), name_of(description)),
      host_(std::move(host)),
      options_(checked(std::move(options))),
      begins_(begin_of(description, options_)),
      description_(described(std::move(description), begins_.execution_id)),
      parser_(parser_limits(options_)),
      resume_(begins_.server_id, description_.resume),
      watcher_(rules(), now()),
      place_(place_of(begins_.execution_id, begins_.end)),
      record_(std::make_shared<protocol::stream_record>(begins_.execution_id, options_.from)),
      timer_(executor()) {
  if (begins_.end.terminal != protocol::terminal_kind::none) watcher_.begin_behind(begins_.end, at_);
}

stream_core::~stream_core() { leave_list(); }

protocol::watch_rules stream_core::rules() const {
  protocol::watch_rules out;
  out.watches_execution = !description_.execution_id.empty();
  out.owes_event = description_.owes_event;
  out.for_result = description_.for_result;
  out.lags_until = description_.lags_until;
  out.follow_continue_as_new = options_.follow_continue_as_new;
  out.missing_event_ends = options_.on_missing_event == missing_event::end;
  out.idle_limit = options_.idle_limit;
  out.status_check = options_.status_check;
  out.drain_time = options_.drain_time;
  out.missing_after = options_.missing_after;
  out.initial_backoff = options_.initial_backoff;
  out.max_backoff = options_.max_backoff;
  out.budget = options_.reconnect_budget;
  out.steady_after = std::min(out.steady_after, options_.idle_limit);
  out.max_attempts = options_.max_attempts;
  return out;
}

}  // namespace mistral::workflows::session
