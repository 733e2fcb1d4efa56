#include "session/follow/stream.hpp"

#include "protocol/http/redact.hpp"

namespace mistral::workflows::session {

namespace asio = boost::asio;

const stream_core::moment& stream_core::now() {
  at_.now = clock::now();
  at_.waited = waited_.at(at_.now);
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
  if (resume_.is_duplicate(item_.identity)) {
    watcher_.record(at_);
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
  item_.facts.moves_cursor = resume_.handed_over(item_.identity);
  if (item_.facts.moves_cursor) last_reads_ = 0;
  watcher_.handed_over(item_.facts, at_);
  record_->handed_over(place_, resume_.cursor(), watcher_.last_terminal());
}

// ------------------------------------------------------------------------------------------------- the loop

asio::awaitable<void> stream_core::advance(clock::time_point limit) try {
  const wait_time::counted counts(waited_);
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
