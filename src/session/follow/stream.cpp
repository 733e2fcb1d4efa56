#include "session/follow/stream.hpp"

#include "protocol/http/redact.hpp"
#include "session/client/option_checks.hpp"
#include "session/frame/call_control.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace mistral::workflows::session {

namespace asio = boost::asio;
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

const stream_core::moment& stream_core::now() {
  at_.now = clock::now();
  at_.waited = waited_ + (waits_since_ ? at_.now - *waits_since_ : 0ns);
  at_.random01 = host_->random01();
  return at_;
}

// --------------------------------------------------------------------------------------------------- events

void stream_core::advance_within_buffer() {
  while (!holding_ && !ended_ && !nothing_belongs_any_more()) {
    if (const auto wire = parser_.next()) {
      take(*wire);
      continue;
    }
    const auto piece = connection_ ? connection_->next_piece() : std::string_view();
    if (piece.empty()) break;
    parser_.feed(piece);
  }
  if (parser_.problem() == protocol::sse_problem::none) return;
  const std::string reason =
      std::string(protocol::to_string(parser_.problem())) + " (stream_options.max_event)";
  lost(protocol::loss::cut, left_because(disconnect_reason::cut, reason));
  unusable(
      std::make_exception_ptr(stream_failure(make_error_code(errc::decode), reason, cursor(), context())));
}

// The next run's events follow on the same connection.
bool stream_core::nothing_belongs_any_more() const noexcept {
  return watcher_.over() && !options_.follow_continue_as_new &&
         watcher_.last_terminal().terminal == protocol::terminal_kind::continued_as_new;
}

void stream_core::take(const protocol::sse_event& wire) {
  hold(wire, item_);
  if (item_.error) {
    error_came();
    return;
  }
  watcher_.record(at_);
  if (resume_.is_duplicate(item_.identity)) {
    drop_held();
    if (options_.hooks.duplicate) options_.hooks.duplicate(item_.identity.sequence.value_or(0));
    return;
  }
  holding_ = true;
  if (!options_.hooks.sequence) return;
  if (const auto jump = resume_.jump(item_.identity)) {
    sequence_step step;
    step.before = jump->before;
    step.now = jump->now;
    step.after_resume = jump->after_resume;
    step.filtered = description_.filtered;
    options_.hooks.sequence(step);
  }
}

void stream_core::error_came() {
  drop_held();
  const std::string said = protocol::excerpt(item_.error->error, host_->key()) + ": " +
                           protocol::excerpt(item_.error->reason, host_->key());
  lost(protocol::loss::stream_error, left_because(disconnect_reason::stream_error, said));
  if (item_.lasting_error)
    unusable(std::make_exception_ptr(stream_failure(make_error_code(errc::stream_failed),
                                                    "the server reports: " + said, cursor(), context())));
}

void stream_core::handed_over() {
  holding_ = false;
  facts_.moves_cursor = resume_.handed_over(item_.identity);
  if (facts_.moves_cursor) last_reads_ = 0;
  facts_.own = item_.own;
  facts_.terminal = item_.terminal;
  facts_.run_id = item_.run_id;
  facts_.continued_as = item_.continued_as;
  watcher_.handed_over(facts_, at_);
  record_->handed_over(place_, resume_.cursor(), watcher_.last_terminal());
}

// ------------------------------------------------------------------------------------------------- the loop

asio::awaitable<void> stream_core::advance(clock::time_point limit) try {
  // Also of a wait that is cancelled: `next_for` in a loop must not hold the clocks.
  struct counter {
    explicit counter(stream_core& of) : core(of) { core.waits_since_ = clock::now(); }
    counter(const counter&) = delete;
    counter& operator=(const counter&) = delete;
    ~counter() { core.waited_ += clock::now() - *std::exchange(core.waits_since_, std::nullopt); }

    stream_core& core;
  };
  const counter counts(*this);
  for (bool has_waited = false;;) {
    throw_if_cancelled();
    now();
    take_answers();
    advance_within_buffer();
    if (holding_ || ended_) co_return;
    if (connection_ && connection_->complete() && !watcher_.over()) {
      body_ended();
      continue;
    }
    const protocol::wishes wished = watcher_.wish(now());
    if (wished.outcome != verdict::none) {
      if (!co_await receive_the_last()) conclude(wished.outcome);
      continue;
    }
    if (begin(wished)) continue;
    if (has_waited && at_.now >= limit) co_return;
    co_await wait(wished, limit);
    has_waited = true;
  }
} catch (const error&) {
  throw;
} catch (const boost::system::system_error&) {
  if (client_closed_) throw_if_cancelled();
  throw;
}

void stream_core::throw_if_cancelled() {
  if (client_closed_) {
    stop_exchanges();
    throw closed_error(context());
  }
  // Closed by another thread, it is cancelled only a moment later.
  if (cancelled() || closed()) throw boost::system::system_error(asio::error::operation_aborted);
}

// All that is due. False: there is nothing but waiting left.
bool stream_core::begin(const protocol::wishes& wished) {
  if (wished.leave != protocol::wishes::leaving::no) {
    leave(wished.leave);
    return true;
  }
  const auto due = [this](const std::optional<clock::time_point>& time) { return time && *time <= at_.now; };
  const bool connects = due(wished.connect), asks = due(wished.ask), finds = due(wished.ask_run);
  if (connects) connect();
  if (asks) ask();
  if (finds) ask_run();
  return connects || asks || finds;
}

}  // namespace mistral::workflows::session
