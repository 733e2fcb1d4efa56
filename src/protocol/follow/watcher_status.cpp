// What the watcher makes of GETs of the execution, and
// when the next is due. Not of events: watcher_events.cpp.
#include "protocol/follow/watcher.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mistral::workflows::protocol {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr auto most_absent_time = 10s;  // of what has only just begun

}  // namespace

void watcher::asking(const watch_moment& at) {
  count_time(at);
  gets_.take(at.now);
  asking_ = true;
  asked_last_ = stage_ == stage::confirm;
  run_asked_last_ = false;
}

void watcher::answered(const status_facts& status, const watch_moment& at) {
  using answer = status_facts::answer;
  count_time(at);
  asking_ = false;
  if (stage_ == stage::over) return;
  const bool lagged = lags(status, at);
  looked_ = looked_ || !lagged;
  const bool understood =
      status.said == answer::running || status.said == answer::ended || status.said == answer::missing;
  if (understood) {
    answered_at_ = at.now;
    unanswered_since_.reset();
    if (gets_alone()) life();
  }
  if (lagged) {
    ++undecided_;
  } else if (status.said == answer::running) {
    still_running(status);
  } else if (status.said == answer::ended) {
    was_there_ = true;
    has_ended(status, at);
  } else if (status.said == answer::missing) {
    not_found(status, at);
  } else {
    not_understood(status, at);
  }
  if (std::exchange(gives_up_, false) && !known_ended()) {
    if (rules_.for_result && understood)
      no_stream(at);
    else
      outcome_ = wishes::verdict::gave_up;
  }
  ask_again(at);
  wait_for_server(status.retry_after, at);
}

// Of what is known to have begun, and which no GET has shown yet.
bool watcher::lags(const status_facts& status, const watch_moment& at) const {
  using answer = status_facts::answer;
  const bool absent = status.said == answer::missing || status.said == answer::page;
  return absent && rules_.for_result && !was_there_ && at.now < rules_.lags_until;
}

void watcher::not_found(const status_facts& status, const watch_moment& at) {
  if (!missing_since_) missing_since_ = at.now;
  if (!was_there_ && rules_.for_result) outcome_ = wishes::verdict::status_refused;
  if (at.now - *missing_since_ >= most_absent_time) was_there_ = true;
  was_there_ ? has_ended(status, at) : void(++undecided_);
}

void watcher::not_understood(const status_facts& status, const watch_moment& at) {
  using answer = status_facts::answer;
  // What stands in front of the service may say 404 for a while: no reason to give up what has been seen.
  const bool refused = status.said == answer::refused || (status.said == answer::page && !was_there_);
  if (refused && rules_.for_result) outcome_ = wishes::verdict::status_refused;
  // Told as a failure, or an end for who wants it so. Not where the next run may be on, unseen.
  const bool missed = asked_last_ && waited_out_ == stage::owed && !awaits_next_run();
  missed ? confirmed() : unanswered(at);
}

// Where nothing but GETs can decide, these alone can spend the budget, whatever else a connection brings.
void watcher::unanswered(const watch_moment& at) {
  ++undecided_;
  const bool decide = gets_alone() || stage_ == stage::said || stage_ == stage::confirm;
  if (!decide) return;
  if (!unanswered_since_) unanswered_since_ = at.now;
  const bool in_vain = at.now - *unanswered_since_ >= rules_.budget;
  if (in_vain && outcome_ == wishes::verdict::none) give_up_asking(target::execution);
}

void watcher::give_up_asking(target what) {
  outcome_ = wishes::verdict::gave_up;
  in_vain_ = what;
}

void watcher::still_running(const status_facts& status) {
  was_there_ = true;
  missing_since_.reset();
  const bool explains = link_ == link::open || last_loss_ == loss::clean_end || last_loss_ == loss::idle;
  if (explains) life();
  if (is_successor(status.run_id)) another_runs();
  // Retried under its own id.
  std::erase_if(past_runs_, [&](const std::string& past) { return same_known(status.run_id, past); });
  if (stage_ == stage::said) {
    ++undecided_;  // the status lags behind the event, or another run is on
    known_kind_ = terminal_kind::none;
    return;
  }
  goes_on();
}

// Runs end once: where they are not named, another end is another run's.
bool watcher::is_another(const status_facts& status, const std::string& run_id, terminal_kind end) {
  return differ(status.run_id, run_id) || (!same_known(status.run_id, run_id) && status.kind != end);
}

// Also where it is not to be found any more: it has expired, and stays ended as it was.
void watcher::has_ended(const status_facts& status, const watch_moment& at) {
  const bool absent = status.said == status_facts::answer::missing;
  if (is_successor(status.run_id)) another_runs();
  const bool agrees = absent ? stage_ == stage::said && !rules_.for_result
                             : terminal_.terminal != terminal_kind::none &&
                                   !is_another(status, terminal_.run_id, terminal_.terminal);
  const bool is_news = !known_ended() || (!absent && is_another(status, known_run_, known_kind_));
  if (is_past(status.run_id) || (!is_news && !asked_last_)) {
    ++undecided_;
  } else if (!is_news) {
    confirmed();
  } else {
    if (!absent || !agrees) {
      known_kind_ = status.kind;
      known_run_ = status.run_id;
    }
    agrees ? agreed() : evidence(at);
  }
}

// A GET says that a run has ended whose event was not handed over.
void watcher::evidence(const watch_moment& at) {
  waited_out_.reset();
  fresh_ = false;
  quiet_since_ = at.waited;
  undecided_ = 0;
  dead_failures_ = 0;
  const bool has_text = known_kind_ == terminal_kind::failed || known_kind_ == terminal_kind::none;
  const bool owes =
      rules_.for_result ? awaits_next_run() || has_text : !leaves_no_event(known_kind_) && rules_.owes_event;
  if (owes)
    owe();
  else if (!rules_.for_result)
    enter(stage::silent);
  else if (leaves_no_event(known_kind_))
    confirm(at);
  else
    finish();
}

// While something is to be decided sooner than the status is asked for otherwise.
void watcher::ask_again(const watch_moment& at) {
  const auto wait = undecided_ > 0 ? duration(ask_backoff(undecided_ - 1, at.random01)) : interval(at);
  if (stage_ != stage::confirm)
    ask_due_ = at.waited + (no_stream_ ? duration(ask_backoff(polls_++, at.random01)) : wait);
  else if (undecided_ > 0)
    ask_after_ = std::max(ask_after_, at.now + wait);
}

// Whatever makes the next GET due. No longer than the status goes unasked otherwise.
void watcher::wait_for_server(std::optional<milliseconds> retry_after, const watch_moment& at) {
  if (!retry_after) return;
  no_get_before_ = std::max(no_get_before_, at.now + std::min(*retry_after, rules_.status_check));
}

watcher::duration watcher::interval(const watch_moment& at) const {
  return std::chrono::duration_cast<duration>(rules_.status_check * (0.5 + 0.5 * at.random01));
}

milliseconds watcher::ask_backoff(int times, double random01) const {
  const auto ceiling = std::min<milliseconds>(rules_.status_check, 250ms * (1 << std::min(times, 16)));
  return std::max(1ms,
                  milliseconds(std::llround(static_cast<double>(ceiling.count()) * (0.5 + 0.5 * random01))));
}

}  // namespace mistral::workflows::protocol
