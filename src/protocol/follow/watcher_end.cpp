// How the end comes, from stage to stage, and how another run takes it back or goes on elsewhere.
// Not what is read of events and GETs: watcher_events.cpp, watcher_status.cpp.
#include "protocol/follow/watcher.hpp"

#include <algorithm>

namespace mistral::workflows::protocol {

using namespace std::chrono_literals;

namespace {

constexpr auto most_run_time = 10s;  // that a run may take to show
constexpr std::size_t most_past_runs = 16;
constexpr auto second_get_after = 1s;  // a reset begins its run at once

}  // namespace

// --------------------------------------------------------------------------------------------------- stages

void watcher::enter(stage to) {
  if (stage_ == stage::over) outcome_ = wishes::verdict::none;
  if (to < stage::seeking) waited_out_.reset();
  stage_ = to;
  asked_last_ = false;
}

// Event and GET say the same, as far as they name runs.
void watcher::agreed() {
  const bool goes_on_anew =
      rules_.follow_continue_as_new && terminal_.terminal == terminal_kind::continued_as_new;
  const bool is_final =
      terminal_.terminal == terminal_kind::completed || terminal_.terminal == terminal_kind::canceled;
  if (rules_.for_result && goes_on_anew) {
    owe();  // the next run should show
  } else if (rules_.for_result || (is_final && same_known(known_run_, terminal_.run_id))) {
    finish();
  } else {
    enter(stage::settled);
    fresh_ = false;
    undecided_ = 0;
  }
}

void watcher::owe() {
  enter(stage::owed);
  missing_ = duration(0);
  missing_counts_ = rules_.for_result;  // for events, while they can come
  undecided_ = 1;
}

void watcher::waited_out(const watch_moment& at) {
  if (stage_ != stage::seeking) waited_out_ = stage_;
  if (!successor_.empty())
    enter(stage::seeking);
  else if (!next_execution_.empty())
    finish();
  else
    confirm(at);
}

void watcher::confirm(const watch_moment& at) {
  enter(stage::confirm);
  undecided_ = 0;
  ask_due_ = at.waited;
  ask_after_ = leaves_no_event(known_kind_) ? std::max(at.now, answered_at_ + second_get_after) : at.now;
}

void watcher::confirmed() {
  const bool told_as_end =
      rules_.for_result ? known_kind_ == terminal_kind::failed : rules_.missing_event_ends;
  if (waited_out_ != stage::owed || told_as_end)
    finish();
  else
    outcome_ = wishes::verdict::incomplete;
}

void watcher::finish() {
  if (!successor_.empty()) {
    enter(stage::seeking);
    return;
  }
  stage_ = stage::over;
  outcome_ = next_execution_.empty() ? wishes::verdict::end : wishes::verdict::follow;
}

// ------------------------------------------------------------------------------------- the run that goes on

void watcher::goes_on() {
  known_kind_ = terminal_kind::none;
  known_run_.clear();
  enter(stage::running);
  undecided_ = 0;
}

// After that which has ended last.
void watcher::another_runs() {
  remember_past(terminal_.run_id);
  terminal_ = event_facts();
  successor_.clear();
  next_execution_.clear();
  goes_on();
}

bool watcher::is_past(const std::string& run_id) const {
  return std::any_of(past_runs_.begin(), past_runs_.end(),
                     [&](const std::string& past) { return same_known(run_id, past); });
}

// A GET that took long may still name any of them; the oldest are forgotten.
void watcher::remember_past(const std::string& run_id) {
  if (run_id.empty() || is_past(run_id)) return;
  if (past_runs_.size() == most_past_runs) past_runs_.erase(past_runs_.begin());
  past_runs_.push_back(run_id);
}

void watcher::asking_run(const watch_moment& at) {
  count_time(at);
  gets_.take(at.now);
  run_asking_ = run_asked_last_ = true;
  asked_run_ = successor_;
}

// For a run that an event has named. Where nobody answers it may go on all the same, so
// without a word from there this is no end, and a failure once the budget is spent.
bool watcher::looks_on(const run_facts& run, const watch_moment& at) {
  using answer = run_facts::answer;
  if (run.said == answer::unknown) {
    if (!run_unanswered_since_) run_unanswered_since_ = at.now;
    const bool in_vain = at.now - *run_unanswered_since_ >= rules_.budget;
    if (in_vain && stage_ == stage::seeking && outcome_ == wishes::verdict::none) give_up_asking(target::run);
    return true;
  }
  run_unanswered_since_.reset();
  unanswered_since_.reset();
  if (gets_alone()) life();
  if (run.said != answer::missing) return false;
  if (!run_missing_since_) run_missing_since_ = at.now;
  const auto patience = rules_.for_result ? duration(rules_.missing_after) : duration(most_run_time);
  return at.now - *run_missing_since_ < patience;
}

void watcher::run_answered(const run_facts& run, bool same_execution, const watch_moment& at) {
  using answer = run_facts::answer;
  count_time(at);
  run_asking_ = false;
  wait_for_server(run.retry_after, at);
  if (successor_.empty() || successor_ != asked_run_ || stage_ == stage::over) return;
  if (looks_on(run, at)) {
    run_after_ = at.now + ask_backoff(run_asks_++, at.random01);
    return;
  }
  const bool found = run.said == answer::found;
  successor_.clear();
  if (found && same_execution) {
    another_runs();
    ask_due_ = at.waited + interval(at);
    return;
  }
  if (found) next_execution_ = run.execution_id;
  if (stage_ == stage::seeking)
    waited_out(at);
  else if (found && rules_.for_result)
    finish();
}

}  // namespace mistral::workflows::protocol
