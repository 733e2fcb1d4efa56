#include "session/follow/stream.hpp"

#include "session/frame/call_control.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace mistral::workflows::session {

namespace asio = boost::asio;
using namespace std::chrono_literals;

stream_connection::~stream_connection() = default;
stream_host::~stream_host() = default;
void stream_host::hide_key(std::string&) const {}

namespace {

protocol::sse_limits parser_limits(const stream_options& options) {
  protocol::sse_limits limits;
  limits.line = limits.event = options.max_event;
  return limits;
}

protocol::end_rules rules_of(const stream_description& description, const stream_options& options) {
  protocol::end_rules rules;
  rules.watches_execution = !description.execution_id.empty();
  rules.follow_continue_as_new = options.follow_continue_as_new;
  return rules;
}

protocol::reconnect_limits limits_of(const stream_options& options) {
  protocol::reconnect_limits limits;
  limits.initial_backoff = options.initial_backoff;
  limits.max_backoff = options.max_backoff;
  limits.max_attempts = options.max_attempts;
  limits.budget = options.reconnect_budget;
  limits.steady_after = std::min(limits.steady_after, options.idle_limit);
  return limits;
}

// A duration that can be added to any point in time.
stream_options bounded(stream_options options) {
  constexpr std::chrono::milliseconds century = std::chrono::hours(24 * 365 * 100);
  for (auto* duration : {&options.idle_limit, &options.status_check, &options.drain_time, &options.initial_backoff,
                         &options.max_backoff, &options.reconnect_budget})
    *duration = std::min(*duration, century);
  return options;
}

void check(const stream_options& options) {
  const auto positive = [](std::chrono::milliseconds value, const char* name) {
    if (value <= 0ms) throw invalid_argument(std::string("stream_options.") + name, "must be positive");
  };
  positive(options.idle_limit, "idle_limit");
  positive(options.status_check, "status_check");
  positive(options.drain_time, "drain_time");
  positive(options.initial_backoff, "initial_backoff");
  positive(options.max_backoff, "max_backoff");
  positive(options.reconnect_budget, "reconnect_budget");
  if (options.max_attempts < 0) throw invalid_argument("stream_options.max_attempts", "must not be negative");
  if (options.max_event == 0) throw invalid_argument("stream_options.max_event", "must be positive");
  if (options.from.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos)
    throw invalid_argument("stream_options.from", "holds a line end or NUL, which no cursor has");
}

}  // namespace

stream_core::stream_core(std::shared_ptr<stream_host> host, stream_description description, stream_options options)
    : pull_gate(host->executor(), std::string(description.request(description.execution_id).description().name)),
      host_(std::move(host)),
      description_(std::move(description)),
      options_(bounded(std::move(options))),
      parser_(parser_limits(options_)),
      resume_(options_.from, description_.resume),
      end_(rules_of(description_, options_)),
      reconnect_(limits_of(options_)),
      timer_(executor()) {
  check(options_);
  event_came();
}

stream_core::~stream_core() { leave_list(); }

void stream_core::client_closed() {
  client_closed_ = true;
  auto shared = std::static_pointer_cast<stream_core>(shared_from_this());
  asio::post(executor(), [shared = std::move(shared)] { shared->interrupt(); });
}

void stream_core::release() noexcept {
  disconnect();
  if (holding_) drop_held();
  holding_ = false;
  ended_ = true;
}

error_context stream_core::context() const { return error_context(operation(), attempts_, server_action::no); }

// ---------------------------------------------------------------------------------------------------------------- events

void stream_core::advance_within_buffer() {
  while (!holding_ && !ended_ && !end_.over()) {
    if (const auto wire = parser_.next()) {
      take(*wire);
      continue;
    }
    const auto piece = connection_ ? connection_->next_piece() : std::string_view();
    if (piece.empty()) break;
    parser_.feed(piece);
  }
  if (parser_.problem() == protocol::sse_problem::none) return;
  const std::string reason(protocol::to_string(parser_.problem()));
  drop_paced();
  throw stream_failure(make_error_code(errc::decode), reason + " (stream_options.max_event)", cursor(), context());
}

bool stream_core::take(const protocol::sse_event& wire) {
  hold(wire, item_);
  if (item_.error) {
    const auto error = std::move(*item_.error);
    drop_held();
    if (is_transient(error)) {
      lost(left_because(disconnect_reason::stream_error), std::nullopt, error.error + ": " + error.reason);
      return false;
    }
    drop_paced();
    throw stream_failure(make_error_code(errc::stream_failed),
                         "the server reports: " + error.error + ": " + error.reason, cursor(), context());
  }
  if (resume_.is_duplicate(item_.identity)) {
    drop_held();
    if (options_.hooks.duplicate) options_.hooks.duplicate(item_.identity.sequence.value_or(0));
    return false;
  }
  event_came();
  reconnect_.progress();
  holding_ = true;
  if (!options_.hooks.sequence) return true;
  if (const auto jump = resume_.jump(item_.identity)) {
    sequence_step step;
    step.before = jump->before;
    step.now = jump->now;
    step.after_resume = jump->after_resume;
    step.filtered = description_.filtered;
    options_.hooks.sequence(step);
  }
  return true;
}

void stream_core::handed_over() {
  holding_ = false;
  resume_.handed_over(item_.identity);
  // Else a stream without ids would never end: each connection that is to prove the end begins anew and brings events.
  if (!item_.may_be_repeat) end_.event(item_.own, item_.terminal, item_.run_id, item_.continued_as);
  event_came();
}

// ---------------------------------------------------------------------------------------------------------------- the loop

asio::awaitable<void> stream_core::advance(clock::time_point limit) try {
  for (;;) {
    throw_if_cancelled();
    advance_within_buffer();
    if (holding_ || ended_) co_return;
    if (connection_ && connection_->complete()) {
      body_ended();
      continue;
    }
    if (yield_) co_return;
    bool in_time = true;
    switch (end_.next()) {
      case protocol::stream_step::read:
        in_time = connection_ ? co_await receive(limit) : co_await connect(limit);
        break;
      case protocol::stream_step::reconnect:
        if (connection_) {
          disconnect();
          if (options_.hooks.disconnected) options_.hooks.disconnected(left_because(disconnect_reason::checking_end));
        }
        in_time = co_await connect(limit);
        break;
      case protocol::stream_step::ask:
        co_await ask();
        break;
      case protocol::stream_step::ask_run:
        co_await ask_run();
        break;
      case protocol::stream_step::follow:
        follow(end_.next_execution());
        break;
      case protocol::stream_step::end:
        disconnect();
        ended_ = true;
        break;
    }
    if (!in_time) co_return;
  }
} catch (const error&) {
  throw;
} catch (const boost::system::system_error&) {
  if (client_closed_) throw closed_error(context());
  throw;
}

void stream_core::throw_if_cancelled() const {
  if (client_closed_) throw closed_error(context());
  if (cancelled()) throw boost::system::system_error(asio::error::operation_aborted);
}

asio::awaitable<void> stream_core::ask() {
  const attempt_mark mark(attempting_);
  if (yield_) co_return;
  const auto status = co_await host_->status(description_.execution_id);
  end_.answered(status);
  event_came();
}

asio::awaitable<void> stream_core::ask_run() {
  const attempt_mark mark(attempting_);
  if (yield_) co_return;
  const std::string found = co_await host_->execution_of(end_.continued_as());
  end_.run_found(found, found == description_.execution_id);
}

void stream_core::follow(std::string execution_id) {
  disconnect();
  description_.execution_id = std::move(execution_id);
  resume_ = protocol::resume_policy(std::string(), description_.resume);
  end_ = protocol::stream_end(rules_of(description_, options_));
  reconnect_at_ = clock::time_point();
  event_came();
}

}  // namespace mistral::workflows::session
