// The watcher's connections: pace, budget, permits, and what it wishes.
// What it makes of events: watcher_events.cpp, of GETs:
// watcher_status.cpp, and how the end comes of both: watcher_end.cpp.
#include "protocol/follow/watcher.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::protocol {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr int most_equal_failures = 3;
constexpr auto failure_text_within = 2s;  // a result waits so long for the event that says why

}  // namespace

// -------------------------------------------------------------------------------------------------- permits

double permits::held(time_point now) const {
  if (now <= taken_at_) return left_;
  return std::min(most, left_ + std::chrono::duration<double>(now - taken_at_).count() * a_second_);
}

permits::time_point permits::next(time_point now) const {
  if (held(now) >= 1) return now;
  const auto missing = std::chrono::duration<double>((1 - left_) / a_second_);
  return std::max(now, taken_at_ + std::chrono::ceil<std::chrono::nanoseconds>(missing) + 1ns);
}

void permits::take(time_point now) {
  left_ = std::max(0.0, held(now) - 1);
  taken_at_ = now;
  a_second_ = 1;
}

// ---------------------------------------------------------------------------------------------- connections

watcher::watcher(const watch_rules& rules, const watch_moment& at)
    : rules_(rules), backoff_(rules.initial_backoff, rules.max_backoff) {
  count_time(at);
  was_there_ = rules_.is_there;
  ask_due_ = rules_.for_result ? at.waited : at.waited + interval(at);
}

void watcher::begin_elsewhere(const watch_rules& rules, const watch_moment& at) {
  watcher next(rules, at);
  next.connections_ = connections_;
  next.gets_ = gets_;
  next.no_get_before_ = no_get_before_;
  next.connect_at_ = connect_at_;
  next.server_retry_ = server_retry_;
  next.backoff_ = backoff_;
  next.failures_ = failures_;
  *this = std::move(next);
}

void watcher::connecting(const watch_moment& at) {
  count_time(at);
  connections_.take(at.now);
  link_ = link::connecting;
  fresh_ = true;
}

void watcher::connected(const watch_moment& at) {
  count_time(at);
  link_ = link::open;
  opened_at_ = at.now;
  heard_at_ = quiet_since_ = at.waited;
  moved_here_ = said_here_ = false;
  wrong_types_ = 0;
  if (fresh_ && !rules_.for_result) missing_counts_ = true;
}

void watcher::received(const watch_moment& at) {
  count_time(at);
  heard_at_ = at.waited;
}

void watcher::record(const watch_moment& at) {
  count_time(at);
  if (!known_ended()) life();
}

void watcher::life() noexcept {
  dead_since_.reset();
  dead_failures_ = 0;
  gives_up_ = false;
}

void watcher::release_brake() {
  failures_ = 0;
  backoff_.reset();
  same_error_ = 0;
  connections_.moved();
  gets_.moved();
}

void watcher::left(const watch_moment& at) {
  count_time(at);
  link_ = link::none;
}

void watcher::lost(loss why, const watch_moment& at, std::optional<milliseconds> retry_after,
                   const std::string& text) {
  count_time(at);
  const bool was_open = std::exchange(link_, link::none) == link::open;
  if (stage_ == stage::over) {
    // Where it goes on elsewhere it keeps to that.
    if (outcome_ == wishes::verdict::follow && why != loss::clean_end) failed(at, retry_after);
    return;
  }
  last_loss_ = why;
  if (why != loss::clean_end && !rules_.for_result) missing_counts_ = false;
  if (was_open && !known_ended() && at.now - opened_at_ >= rules_.steady_after) life();
  if (why == loss::clean_end && fresh_ && draining()) {
    waited_out(at);
    return;
  }
  if (why == loss::clean_end && !moved_here_)
    ask_due_ = std::min(ask_due_, at.waited + std::chrono::duration_cast<duration>(at.random01 * 5s));
  failed(at, retry_after);
  if (why == loss::stream_error) {
    same_error_ = text == error_text_ ? same_error_ + 1 : 1;
    error_text_ = text;
    if (same_error_ >= most_equal_failures) outcome_ = wishes::verdict::repeated_error;
  }
  if (why == loss::wrong_type && ++wrong_types_ >= most_equal_failures)
    outcome_ = wishes::verdict::wrong_type;
}

// Sets when to connect again, and sees whether that is still within the budget.
void watcher::failed(const watch_moment& at, std::optional<milliseconds> retry_after) {
  ++dead_failures_;
  if (!dead_since_) dead_since_ = at.now;
  const auto left = std::max(0ms, rules_.budget - std::chrono::ceil<milliseconds>(at.now - *dead_since_));
  auto wait = ++failures_ > 1 ? backoff_.next(at.random01) : 0ms;
  wait = std::max(wait, std::min({server_retry_, rules_.max_backoff, left / 2}));
  if (left > 0ms) wait = std::min(wait, left);  // the last attempt is made when the budget ends
  if (retry_after) wait = std::max(wait, *retry_after);
  // Far enough for any stream, and no overflow.
  connect_at_ = at.now + std::min<milliseconds>(wait, std::chrono::hours(24 * 365 * 100));
  const bool too_many = rules_.max_attempts > 0 && dead_failures_ > rules_.max_attempts;
  const bool too_long = retry_after && *retry_after > left;
  const bool spent = dead_failures_ > 1 && left == 0ms;
  if (stage_ == stage::over || has_read_all()) return;
  if (too_long && rules_.for_result)
    no_stream(at);  // GETs alone: whether anything answers them is theirs to see
  else if (too_many || too_long || spent)
    give_up(at);
}

void watcher::give_up(const watch_moment& at) {
  // The execution may have ended, which would explain the clean end.
  if (last_loss_ == loss::clean_end && !known_ended() && asks_for_end() && !gives_up_) {
    gives_up_ = true;
    ask_due_ = at.waited;
    return;
  }
  if (rules_.for_result && answered_at_ >= *dead_since_) {
    no_stream(at);
    return;
  }
  gives_up_ = false;
  in_vain_ = target::none;
  const bool is_end = known_ended() && !awaits_next_run();
  outcome_ = is_end ? wishes::verdict::incomplete : wishes::verdict::gave_up;
}

void watcher::no_content(const watch_moment& at) {
  if (rules_.for_result) {
    no_stream(at);
    return;
  }
  count_time(at);
  link_ = link::none;
  finish();
}

void watcher::no_stream(const watch_moment& at) {
  count_time(at);
  link_ = link::none;
  no_stream_ = true;
  life();
  ask_due_ = std::min(ask_due_, at.waited + ask_backoff(polls_++, at.random01));
}

void watcher::failure_told(const watch_moment& at) {
  count_time(at);
  if (stage_ == stage::over) return;  // its end is still to be told
  outcome_ = wishes::verdict::none;
  if (waited_out_ == stage::owed) enter(stage::owed);
  life();
  same_error_ = wrong_types_ = 0;
  missing_ = duration(0);
  unanswered_since_.reset();
  run_unanswered_since_.reset();
  in_vain_ = target::none;
}

milliseconds watcher::next_attempt_in(const watch_moment& at) const {
  return std::max(0ms, std::chrono::ceil<milliseconds>(connect_at_ - at.now));
}

// --------------------------------------------------------------------------------------------------- wishes

watcher::duration watcher::missing_limit() const {
  const bool failure_text = rules_.for_result && known_kind_ == terminal_kind::failed;
  return failure_text ? duration(failure_text_within) : duration(rules_.missing_after);
}

bool watcher::wants_connection() const {
  // The server has sent all that it has, and the end was
  // with it: the GET that is due says whether more can come.
  const bool may_be_all = stage_ == stage::said && undecided_ == 0 && last_loss_ == loss::clean_end;
  const bool may_need_none = rules_.for_result && !looked_;
  return link_ == link::none && !no_stream_ && !gives_up_ && !may_be_all && !may_need_none && !has_read_all();
}

wishes watcher::wish(const watch_moment& at) {
  count_time(at);
  if (outcome_ == wishes::verdict::none) meet_times(at);
  wishes out;
  out.outcome = outcome_;
  if (outcome_ != wishes::verdict::none) return out;
  out.read = link_ == link::open;
  look_at_times(out, at);
  if (wants_connection()) out.connect = std::max(connect_at_, connections_.next(at.now));
  const auto in_time = [&](duration due) { return at.now + std::max(duration(0), due - at.waited); };
  if (asks_for_end() && !asking_)
    out.ask = std::max({in_time(ask_due_), ask_after_, no_get_before_, gets_.next(at.now)});
  if (!successor_.empty() && !run_asking_ && stage_ != stage::over)
    out.ask_run = std::max({run_after_, no_get_before_, gets_.next(at.now)});
  // One GET at a time is due, in turns: both may be waiting for the same permit.
  if (out.ask && out.ask_run && *out.ask <= at.now && *out.ask_run <= at.now)
    (run_asked_last_ ? out.ask_run : out.ask).reset();
  return out;
}

// Silence that has lasted long enough.
void watcher::meet_times(const watch_moment& at) {
  if (draining() && link_ == link::open && fresh_ && at.waited - quiet_since_ >= rules_.drain_time)
    waited_out(at);
  if (stage_ == stage::owed && missing_ >= missing_limit()) waited_out(at);
}

void watcher::look_at_times(wishes& out, const watch_moment& at) const {
  // True: the time is there already.
  const auto look_at = [&](duration since, duration limit) {
    const auto time = at.now + std::max(duration(0), limit - (at.waited - since));
    out.look_again = out.look_again ? std::min(*out.look_again, time) : time;
    return time <= at.now;
  };
  if (missing_counts_ && stage_ == stage::owed) look_at(at.waited - missing_, missing_limit());
  if (link_ != link::open) return;
  if (draining() && fresh_) look_at(quiet_since_, rules_.drain_time);
  if (draining() && !fresh_) out.leave = wishes::leaving::checking_end;
  // What is owed may be behind a connection that brings nothing any more.
  if (stage_ == stage::owed && !fresh_ && look_at(quiet_since_, rules_.drain_time))
    out.leave = wishes::leaving::checking_end;
  const bool drains = has_read_all() || (draining() && fresh_);  // its silence is what is waited for, or was
  if (!drains && look_at(heard_at_, rules_.idle_limit)) out.leave = wishes::leaving::idle;
}

}  // namespace mistral::workflows::protocol
