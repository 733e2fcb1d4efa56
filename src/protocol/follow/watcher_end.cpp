// What the watcher makes of terminal events and of what GETs say, up to the end. Connections and pace: watcher.cpp.
#include "protocol/follow/watcher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mistral::workflows::protocol {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr int most_run_asks = 6;
constexpr std::size_t most_past_runs = 16;
constexpr auto most_run_time = 10s;
constexpr auto second_get_after = 1s;     // a reset begins its run at once
constexpr auto failure_text_within = 2s;  // a result waits so long for the event that says why

bool differ(const std::string& one_run, const std::string& other_run) {
  return !one_run.empty() && !other_run.empty() && one_run != other_run;
}
bool same_known(const std::string& one_run, const std::string& other_run) {
  return !one_run.empty() && one_run == other_run;
}
bool leaves_no_event(terminal_kind kind) {
  return kind == terminal_kind::terminated || kind == terminal_kind::timed_out;
}
// Runs end once: where they are not named, another end is another run's.
bool is_another(const status_facts& status, const std::string& run_id, terminal_kind end) {
  return differ(status.run_id, run_id) || (!same_known(status.run_id, run_id) && status.kind != end);
}
bool is_final(terminal_kind kind) { return kind == terminal_kind::completed || kind == terminal_kind::canceled; }

}  // namespace

void watcher::begin_behind(const event_facts& last, const watch_moment& at) {
  count_time(at);
  was_running_ = true;
  said(last, at);
}

// ---------------------------------------------------------------------------------------------------------------- events

void watcher::handed_over(const event_facts& event, const watch_moment& at) {
  count_time(at);
  if (event.moves_cursor) {
    release_brake();
    life();
    moved_here_ = true;
    missing_ = duration(0);
    quiet_since_ = at.waited;
    drained_ = false;
    if (stage_ == stage::running) ask_due_ = at.waited + interval(at);
    if (stage_ == stage::confirm && !rules_.for_result) {
      enter(drained_from_);
      fresh_ = link_ == link::open;
    }
  }
  if (event.own && rules_.watches_execution) own_event(event, at);
}

void watcher::own_event(const event_facts& event, const watch_moment& at) {
  was_running_ = true;
  // The run that goes on is here, so it is under the stream's own execution.
  if (same_known(event.run_id, successor_)) {
    successor_.clear();
    another_runs(event, at);
  }
  const bool ended = event.terminal != terminal_kind::none;
  switch (stage_) {
    case stage::running:
      if (!ended && event.moves_cursor && !same_known(event.run_id, terminal_.run_id)) terminal_ = event_facts();
      if (ended && !is_past(event.run_id)) said(event, at);
      break;
    case stage::said:
    case stage::settled:
    case stage::confirm:
      if (!event.moves_cursor && !said_here_) break;  // each connection brings it again, and nothing tells
      if (ended)
        said(event, at);
      else if (differ(event.run_id, terminal_.run_id))
        another_runs(event, at);  // without run ids, GETs tell a straggler from a retry
      break;
    case stage::owed:
      if (!ended || (!event.moves_cursor && !is_known_end(event))) break;
      if (!differ(event.run_id, known_run_)) {
        const bool decided = same_known(event.run_id, known_run_) && (is_final(event.terminal) || known_is_result());
        said(event, at);
        if (decided) finish();
      } else {
        said(event, at);
      }
      break;
    case stage::silent:
      if (!ended || (!event.moves_cursor && !is_known_end(event))) break;
      said(event, at);
      break;
    case stage::over:
      // Behind the event that was the end, while what had arrived was handed over.
      if (!event.moves_cursor) break;
      if (differ(event.run_id, terminal_.run_id)) {
        outcome_ = wishes::verdict::none;
        another_runs(event, at);
        if (ended) said(event, at);
      } else if (ended && terminal_.terminal == terminal_kind::none) {
        outcome_ = wishes::verdict::none;  // GETs alone had told of the end
        said(event, at);
      }
      break;
  }
}

bool watcher::is_past(const std::string& run_id) const {
  return !run_id.empty() && std::find(past_runs_.begin(), past_runs_.end(), run_id) != past_runs_.end();
}

// A GET that took long may still name any of them; the oldest are forgotten.
void watcher::remember_past(std::string run_id) {
  if (run_id.empty() || is_past(run_id)) return;
  if (past_runs_.size() == most_past_runs) past_runs_.erase(past_runs_.begin());
  past_runs_.push_back(std::move(run_id));
}

bool watcher::is_known_end(const event_facts& event) const {
  return event.terminal == known_kind_ && !differ(event.run_id, known_run_);
}

void watcher::another_runs(const event_facts& event, const watch_moment& at) {
  const duration due = ask_due_;
  goes_on(terminal_.run_id, at);
  terminal_ = event_facts();
  if (!event.moves_cursor) ask_due_ = due;
}

// For a result it is enough that a GET says so.
bool watcher::known_is_result() const noexcept { return rules_.for_result && known_kind_ == terminal_kind::failed; }

void watcher::said(const event_facts& event, const watch_moment& at) {
  if (differ(event.run_id, terminal_.run_id)) remember_past(terminal_.run_id);
  terminal_ = event;
  enter(stage::said);
  asked_in_ = stage::running;  // a GET under way was asked before
  said_here_ = link_ == link::open;
  undecided_ = 0;
  successor_.clear();
  next_execution_.clear();
  ask_due_ = at.waited;
  if (event.terminal != terminal_kind::continued_as_new) return;
  if (!rules_.follow_continue_as_new) {
    if (!rules_.for_result) finish();
    return;
  }
  successor_ = event.continued_as;
  run_after_ = at.now;
  run_asks_ = 0;
  run_asked_at_.reset();
}

void watcher::goes_on(std::string past_run, const watch_moment& at) {
  remember_past(std::move(past_run));
  known_kind_ = terminal_kind::none;
  known_run_.clear();
  enter(stage::running);
  undecided_ = 0;
  ask_due_ = at.waited + interval(at);
}

void watcher::enter(stage to) {
  stage_ = to;
  drained_ = false;
  missing_counts_ = false;
  missing_ = duration(0);
}

// ------------------------------------------------------------------------------------------------------------------ GETs

void watcher::asking(const watch_moment& at) {
  count_time(at);
  gets_.take(at.now);
  asking_ = true;
  run_asked_last_ = false;
  asked_in_ = stage_;
}

void watcher::answered(const status_facts& status, const watch_moment& at) {
  count_time(at);
  asking_ = false;
  looked_ = true;
  if (stage_ == stage::over) return;
  const bool understood = status.said != status_facts::answer::unknown && status.said != status_facts::answer::refused;
  if (understood) answered_at_ = at.now;
  switch (status.said) {
    case status_facts::answer::refused:
      if (rules_.for_result) outcome_ = wishes::verdict::status_refused;
      [[fallthrough]];
    case status_facts::answer::unknown:
      ++undecided_;
      break;
    case status_facts::answer::missing:
      is_missing(at);
      break;
    case status_facts::answer::running:
      still_running(status, at);
      break;
    case status_facts::answer::ended:
      has_ended(status, at);
      break;
  }
  if (std::exchange(gives_up_, false) && !known_ended() && stage_ != stage::over) {
    if (rules_.for_result && understood)
      no_stream(at);
    else
      outcome_ = wishes::verdict::gave_up;
  }
  ask_again(at);
}

// Proven not to be there: expired, if it was there before.
void watcher::is_missing(const watch_moment& at) {
  if (!was_running_ && rules_.for_result) outcome_ = wishes::verdict::status_refused;
  if (!missing_since_) missing_since_ = at.now;
  if (at.now - *missing_since_ >= most_run_time) was_running_ = true;
  if (was_running_ && (stage_ == stage::running || (stage_ == stage::said && rules_.for_result))) {
    evidence(terminal_kind::none, std::string(), at);
  } else if (was_running_ && stage_ == stage::said) {
    settle();
  } else if (stage_ == stage::confirm && asked_in_ == stage::confirm) {
    finish();
  } else {
    ++undecided_;
  }
}

void watcher::still_running(const status_facts& status, const watch_moment& at) {
  was_running_ = true;
  missing_since_.reset();
  const bool explains = link_ == link::open || last_loss_ == loss::clean_end || last_loss_ == loss::idle;
  if (explains) life();
  see_successor(status, at);
  std::erase(past_runs_, status.run_id);  // retried under its own id
  if (stage_ == stage::running) {
    undecided_ = 0;
  } else if (stage_ == stage::said) {
    ++undecided_;  // the status lags behind the event, or another run is on
    known_kind_ = terminal_kind::none;
    missing_ = duration(0);
  } else {
    const bool past_is_known = differ(status.run_id, known_run_);
    goes_on(past_is_known ? known_run_ : std::string(), at);
  }
}

// The run that goes on is under the stream's own execution.
void watcher::see_successor(const status_facts& status, const watch_moment& at) {
  if (!same_known(status.run_id, successor_)) return;
  successor_.clear();
  goes_on(terminal_.run_id, at);
  terminal_ = event_facts();
}

void watcher::has_ended(const status_facts& status, const watch_moment& at) {
  const bool known_run = !status.run_id.empty();
  see_successor(status, at);
  const bool reads_events = stage_ == stage::running || stage_ == stage::said;
  if (reads_events && is_past(status.run_id) && status.run_id != terminal_.run_id) {
    ++undecided_;  // the status lags behind the run that goes on
    return;
  }
  const bool another = is_another(status, known_run_, known_kind_);
  known_kind_ = status.kind;
  if (another) missing_ = duration(0);
  switch (stage_) {
    case stage::running:
      evidence(status.kind, status.run_id, at);
      break;
    case stage::said:
      if (!is_another(status, terminal_.run_id, terminal_.terminal))
        same_run_ended(status);
      else if (asked_in_ == stage::said)
        evidence(status.kind, status.run_id, at);
      break;
    case stage::owed:
      if (another)
        evidence(status.kind, status.run_id, at);
      else
        ++undecided_;
      break;
    case stage::silent:
    case stage::settled:
      if (another) evidence(status.kind, status.run_id, at);
      break;
    case stage::confirm:
      if (another)
        evidence(status.kind, status.run_id, at);
      else if (asked_in_ == stage::confirm)
        finish();
      break;
    case stage::over:
      break;
  }
  if (known_run) known_run_ = status.run_id;
}

// Event and GET agree, as far as they name runs.
void watcher::same_run_ended(const status_facts& status) {
  const bool goes_on_anew = rules_.follow_continue_as_new && terminal_.terminal == terminal_kind::continued_as_new;
  if (rules_.for_result && goes_on_anew) {
    ++undecided_;
    missing_counts_ = true;  // the next run should show
    return;
  }
  if (rules_.for_result || (is_final(terminal_.terminal) && same_known(status.run_id, terminal_.run_id))) {
    finish();
    return;
  }
  settle();
}

void watcher::settle() {
  enter(stage::settled);
  fresh_ = false;
  undecided_ = 0;
}

// A GET says that a run has ended whose event was not handed over.
void watcher::evidence(terminal_kind kind, const std::string& run_id, const watch_moment& at) {
  known_kind_ = kind;
  known_run_ = run_id;
  const bool was_said = kind != terminal_kind::none && kind == terminal_.terminal;
  if (stage_ != stage::said && was_said && !differ(run_id, terminal_.run_id)) {
    said(event_facts(terminal_), at);  // its event was handed over before
    return;
  }
  fresh_ = false;
  quiet_since_ = at.waited;
  undecided_ = terminal_.terminal == terminal_kind::none ? 0 : 1;  // the status may lag behind the event of a later end
  dead_failures_ = 0;
  if (rules_.for_result) {
    const bool waits = kind == terminal_kind::failed || kind == terminal_kind::none ||
                       (kind == terminal_kind::continued_as_new && rules_.follow_continue_as_new);
    if (leaves_no_event(kind)) {
      drained_from_ = stage::silent;
      confirm(at);
    } else if (waits) {
      enter(stage::owed);
      missing_counts_ = true;
      undecided_ = 1;
    } else {
      finish();
    }
    return;
  }
  const bool nothing_comes = leaves_no_event(kind) || !rules_.owes_event;
  enter(nothing_comes ? stage::silent : stage::owed);
}

void watcher::drained(const watch_moment& at) {
  if (!successor_.empty()) {
    drained_ = true;
  } else if (!next_execution_.empty()) {
    finish();
  } else {
    drained_from_ = stage_;
    confirm(at);
  }
}

void watcher::confirm(const watch_moment& at) {
  const bool may_be_reset = leaves_no_event(known_kind_);
  enter(stage::confirm);
  ask_due_ = at.waited;
  ask_after_ = may_be_reset ? std::max(at.now, *answered_at_ + second_get_after) : at.now;
}

void watcher::finish() {
  if (!successor_.empty() && rules_.follow_continue_as_new) {
    stage_ = stage::settled;
    drained_ = true;
    return;
  }
  stage_ = stage::over;
  outcome_ = next_execution_.empty() ? wishes::verdict::end : wishes::verdict::follow;
}

bool watcher::misses_event() const {
  return stage_ == stage::owed ||
         (stage_ == stage::said && rules_.for_result && known_kind_ == terminal_kind::continued_as_new);
}

watcher::duration watcher::missing_limit() const {
  const bool failure_text = rules_.for_result && known_kind_ == terminal_kind::failed;
  return failure_text ? duration(failure_text_within) : duration(rules_.missing_after);
}

void watcher::missing_is_over() {
  const bool done = rules_.for_result ? known_kind_ == terminal_kind::failed : rules_.missing_event_ends;
  if (done)
    finish();
  else
    outcome_ = wishes::verdict::incomplete;
}

// While something is to be decided sooner than the status is asked for otherwise.
void watcher::ask_again(const watch_moment& at) {
  if (stage_ == stage::over) return;
  if (stage_ == stage::confirm) {
    if (undecided_ > 0) ask_after_ = std::max(ask_after_, at.now + ask_backoff(undecided_ - 1, at.random01));
    return;
  }
  if (stage_ == stage::said && undecided_ == 0) return;  // due already
  if (no_stream_) {
    ask_due_ = at.waited + ask_backoff(polls_++, at.random01);
    return;
  }
  ask_due_ = at.waited + (undecided_ > 0 ? duration(ask_backoff(undecided_ - 1, at.random01)) : interval(at));
}

watcher::duration watcher::interval(const watch_moment& at) const {
  return std::chrono::duration_cast<duration>(rules_.status_check * (0.5 + 0.5 * at.random01));
}

milliseconds watcher::ask_backoff(int times, double random01) const {
  const auto ceiling = std::min<milliseconds>(rules_.status_check, 250ms * (1 << std::min(times, 16)));
  return std::max(1ms, milliseconds(std::llround(static_cast<double>(ceiling.count()) * (0.5 + 0.5 * random01))));
}

// ------------------------------------------------------------------------------------------------------ the run that goes on

void watcher::asking_run(const watch_moment& at) {
  count_time(at);
  gets_.take(at.now);
  run_asking_ = true;
  asked_run_ = successor_;
  run_asked_last_ = true;
  if (!run_asked_at_) run_asked_at_ = at.now;
}

void watcher::run_answered(const run_facts& run, bool same_execution, const watch_moment& at) {
  count_time(at);
  run_asking_ = false;
  if (successor_.empty() || successor_ != asked_run_ || stage_ == stage::over) return;
  const bool patience =
      run.said == run_facts::answer::missing ? at.now - *run_asked_at_ < most_run_time : run_asks_ + 1 < most_run_asks;
  const bool found = run.said == run_facts::answer::found;
  if (!found && run.said != run_facts::answer::impossible && patience) {
    run_after_ = at.now + ask_backoff(run_asks_++, at.random01);
    return;
  }
  successor_.clear();
  if (found && same_execution) {
    goes_on(terminal_.run_id, at);
    terminal_ = event_facts();
    return;
  }
  if (found) next_execution_ = run.execution_id;
  if (drained_) {
    drained_ = false;
    drained(at);
  } else if (found && rules_.for_result) {
    finish();
  }
}

}  // namespace mistral::workflows::protocol
