#include "session/stream.hpp"

#include "protocol/error_body.hpp"
#include "protocol/retry.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <limits>

namespace mistral::workflows::session {

namespace asio = boost::asio;
using namespace std::chrono_literals;

stream_connection::~stream_connection() = default;
stream_host::~stream_host() = default;

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
  const auto decision = protocol::decide(protocol::safety::read, outcome, std::chrono::milliseconds::max());
  return decision.step == protocol::next_step::repeat;
}

struct attempt_mark {
  explicit attempt_mark(std::atomic<bool>& under_way) : flag(under_way) { flag = true; }
  attempt_mark(const attempt_mark&) = delete;
  attempt_mark& operator=(const attempt_mark&) = delete;
  ~attempt_mark() { flag = false; }

  std::atomic<bool>& flag;
};

stream_disconnect left_because(disconnect_reason reason) {
  stream_disconnect why;
  why.reason = reason;
  return why;
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

stream_core::~stream_core() = default;

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
    const auto wire = parser_.next();
    if (!wire) break;
    take(*wire);
  }
  if (parser_.problem() == protocol::sse_problem::none) return;
  const std::string reason(protocol::to_string(parser_.problem()));
  drop_paced();
  throw stream_failure(make_error_code(errc::decode), reason + " (stream_options.max_event)", cursor(), context());
}

bool stream_core::take(const protocol::sse_event& wire) {
  stream_item item = hold(wire);
  if (item.error) {
    const auto error = std::move(*item.error);
    drop_held();
    if (is_transient(error)) {
      lost(left_because(disconnect_reason::stream_error), std::nullopt, error.error + ": " + error.reason);
      return false;
    }
    drop_paced();
    throw stream_failure(make_error_code(errc::stream_failed),
                         "the server reports: " + error.error + ": " + error.reason, cursor(), context());
  }
  const auto identity = item.identity();
  if (resume_.is_duplicate(identity)) {
    drop_held();
    if (options_.hooks.duplicate) options_.hooks.duplicate(item.sequence.value_or(0));
    return false;
  }
  event_came();
  reconnect_.progress();
  item_ = std::move(item);
  holding_ = true;
  const auto jump = resume_.jump(item_.identity());
  if (jump && options_.hooks.sequence) {
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
  resume_.handed_over(item_.identity());
  // Else a stream without ids would never end: each connection that is to prove the end begins anew and brings events.
  if (!item_.may_be_repeat) end_.event(item_.own, item_.terminal, item_.run_id, item_.continued_as);
  event_came();
}

void stream_core::event_came() {
  check_left_ = end_.check_interval(options_.status_check, host_->random01());
  drain_left_ = options_.drain_time;
}

// ---------------------------------------------------------------------------------------------------------------- the loop

asio::awaitable<void> stream_core::advance(clock::time_point limit) {
  for (;;) {
    throw_if_cancelled();
    advance_within_buffer();
    if (holding_ || ended_) co_return;
    if (body_ended_) {
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
}

void stream_core::throw_if_cancelled() const {
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
  end_.run_found(found, found.empty() || found == description_.execution_id);
}

void stream_core::follow(std::string execution_id) {
  disconnect();
  description_.execution_id = std::move(execution_id);
  resume_ = protocol::resume_policy(std::string(), description_.resume);
  end_ = protocol::stream_end(rules_of(description_, options_));
  reconnect_at_ = clock::time_point();
  event_came();
}

// -------------------------------------------------------------------------------------------------------------- connecting

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
    bool more = true;
    while (more && body.size() < enough) {
      more = co_await until(clock::now() + 5s, read());
      more = more && !body_ended_;
      body += std::exchange(buffer_, std::string());
    }
  } catch (const boost::system::system_error&) {
    throw_if_cancelled();  // else the head says enough
  }
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
    disconnect();
    throw api_error(std::move(details), context());
  }
}

// --------------------------------------------------------------------------------------------------------------- receiving

asio::awaitable<bool> stream_core::receive(clock::time_point limit) {
  auto wait = idle_left_;
  if (!description_.execution_id.empty()) wait = std::min(wait, end_.draining() ? drain_left_ : check_left_);
  const auto began = clock::now();
  const auto deadline = limit - began < wait ? limit : began + std::chrono::duration_cast<clock::duration>(wait);
  // Also when this coroutine is cancelled: `next_for` in a loop must not hold the clocks.
  struct counter {
    stream_core* core;
    clock::time_point began;
    ~counter() {
      const auto waited = clock::now() - began;
      core->idle_left_ -= waited;
      core->check_left_ -= waited;
      core->drain_left_ -= waited;
    }
  };
  bool came = false;
  try {
    const counter counts{this, began};
    came = co_await until(deadline, read());
  } catch (const boost::system::system_error& e) {
    throw_if_cancelled();
    auto why = left_because(disconnect_reason::cut);
    why.code = e.code();
    lost(why, std::nullopt, e.what());
    co_return true;
  }
  if (!came) time_is_up();
  co_return came || clock::now() < limit;
}

// What was read is with the parser before anything else can be waited for, so that no cancellation loses it.
asio::awaitable<void> stream_core::read() {
  // The parser has read all of it, and ten thousand quiet streams should not hold their buffers.
  constexpr std::size_t worth_keeping = 2048;
  if (buffer_.capacity() > worth_keeping) std::string().swap(buffer_);
  buffer_.clear();
  parser_.feed(buffer_);
  if (co_await connection_->read_some(buffer_) == 0) {
    body_ended_ = true;
  } else {
    parser_.feed(buffer_);
    idle_left_ = options_.idle_limit;
  }
}

void stream_core::body_ended() {
  // An end within an event is not the server's own, whoever closed so nicely.
  const bool cut = parser_.unfinished();
  if (!cut) end_.clean_end();
  lost(left_because(cut ? disconnect_reason::cut : disconnect_reason::clean_end), std::nullopt,
       "the server ended the answer");
}

void stream_core::time_is_up() {
  if (end_.draining() && drain_left_ <= 0ns) {
    end_.silent();
  } else if (idle_left_ <= 0ns) {
    lost(left_because(disconnect_reason::idle), std::nullopt, "nothing came within the idle limit");
  } else if (check_left_ <= 0ns) {
    end_.check_due();
    check_left_ = end_.check_interval(options_.status_check, host_->random01());
  }
}

asio::awaitable<void> stream_core::wait_for_timer_only() {
  // Ended by the limit of `until`, or by the caller.
  asio::steady_timer forever(executor(), clock::time_point::max());
  co_await forever.async_wait(asio::use_awaitable);
}

asio::awaitable<bool> stream_core::until(clock::time_point limit, asio::awaitable<void> step) {
  struct disarm {
    stream_core* core;
    std::shared_ptr<bool> armed;
    ~disarm() {
      *armed = false;
      core->timer_.cancel();
    }
  };
  const auto armed = std::make_shared<bool>(true);
  timed_out_ = false;
  if (limit != clock::time_point::max()) {
    timer_.expires_at(limit);
    auto strike = [this, armed](boost::system::error_code cancelled_timer) {
      if (cancelled_timer || !*armed) return;
      timed_out_ = true;
      interrupt();
    };
    timer_.async_wait(asio::bind_executor(executor(), std::move(strike)));
  }
  bool done = false;
  {
    const disarm at_end{this, armed};
    try {
      co_await std::move(step);
      done = true;
    } catch (const boost::system::system_error& e) {
      if (!timed_out_ || e.code() != asio::error::operation_aborted) throw;
    }
  }
  if (timed_out_) {
    // Else already the next co_await would throw.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await recover();
  }
  co_return done;
}

// ------------------------------------------------------------------------------------------------------------- disconnecting

void stream_core::disconnect() noexcept {
  connection_.reset();
  body_ended_ = false;
  parser_.reset();
  std::string().swap(buffer_);
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
