// What GETs say of those who wait: whose run it is that was found, whether it has ended, and what is asked
// next.
#include "base/longest_time.hpp"
#include "bulk/completions/completion_core.hpp"
#include "bulk/completions/completion_waiter.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace mistral::workflows::bulk_core {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr auto same_instant = 1s;   // a server's times of one instant may differ by so much
constexpr auto second_look = 1s;    // a reset ends a run as TERMINATED and begins the next at once
constexpr auto after_nothing = 2s;  // an answer may lag behind the event that raised the doubt
constexpr std::uint8_t most_misses = 4;
constexpr int most_doublings = 4;
constexpr std::size_t most_past = 16;

bool ends_a_run_only(execution_status status) {
  return is_terminal(status) && status != execution_status::completed && status != execution_status::canceled;
}

execution_status status_in(const execution& state) {
  return state.status ? state.status->value() : execution_status::unknown;
}

std::string run_of(const execution& state) {
  return state.run_id && names_run(*state.run_id) ? *state.run_id : std::string();
}

}  // namespace

void completion_core::answered(const ask& question, get_answer answer, instant now) {
  --asking_;
  if (answer.wait)
    no_ask_before_ = std::max(no_ask_before_, now + std::min(*answer.wait, options_.overdue_after));
  const auto found = waiters_.find(question.who);
  if (found == waiters_.end()) return;
  waiter& w = *found->second;
  w.asking = false;
  switch (answer.said) {
    case get_answer::verdict::found:
      w.misses = 0;
      w.alone = false;
      if (question.what == ask::target::execution)
        of_execution(w, answer.state, now);
      else if (question.what == ask::target::run)
        of_run(w, question.id, answer.state, now);
      else
        of_events(w, answer.next_run, now);
      break;
    case get_answer::verdict::missing:
    case get_answer::verdict::refused:
      not_found(w, question, answer.said, now);
      break;
    case get_answer::verdict::nothing:
      question.what == ask::target::events || w.at == phase::following ? no_successor(w, now) : later(w, now);
      break;
    case get_answer::verdict::failed:
      later(w, now);
      break;
  }
  const auto still = waiters_.find(question.who);
  if (still == waiters_.end()) return;
  // What was told while it was asked may be newer than the answer.
  if (std::exchange(w.again, false)) enter(w, w.at == phase::running ? phase::doubted : w.at, now);
  if (!w.scheduled) enter(w, w.at, std::max(w.due, now));
}

void completion_core::of_execution(waiter& w, execution& state, instant now) {
  saw(state.start_time);
  saw(state.end_time);
  const std::string run = run_of(state);
  if (w.run_id.empty()) {
    const auto slack = w.past.empty() ? same_instant : 0s;
    if (w.is_past(run) || (w.started && state.start_time + slack < *w.started)) return later(w, now);
    adopt(w, state, now);
    return judge(w, state, true, now);
  }
  // Without a name it is known by the time at which it began.
  const bool same = run.empty() ? w.dated && state.start_time == *w.started : run == w.run_id;
  if (same) {
    w.started = state.start_time;
    w.dated = true;
    return judge(w, state, true, now);
  }
  const bool older = w.started && state.start_time < *w.started;
  if (older || w.is_past(run)) return later(w, now);
  const bool successor = w.next_run.empty() && w.sure && ends_a_run_only(w.said) && (!run.empty() || w.dated);
  if (successor || (!run.empty() && run == w.next_run)) {
    adopt(w, state, now);
    return judge(w, state, true, now);
  }
  if (w.at == phase::following) return later(w, now);
  enter(w, phase::naming, now);
}

void completion_core::of_run(waiter& w, const std::string& asked, execution& state, instant now) {
  saw(state.end_time);
  if (asked == w.next_run) {
    adopt(w, state, now);
    return judge(w, state, false, now);
  }
  if (asked != w.run_id) return later(w, now);
  w.started = state.start_time;
  w.dated = true;
  judge(w, state, false, now);
}

void completion_core::of_events(waiter& w, const std::string& next_run, instant now) {
  if (w.said != execution_status::continued_as_new || !names_run(next_run)) return no_successor(w, now);
  continued(w, next_run, now);
}

void completion_core::not_found(waiter& w, const ask& question, get_answer::verdict said, instant now) {
  if (question.what == ask::target::events) return no_successor(w, now);
  if (w.at == phase::following && said == get_answer::verdict::missing)
    return no_successor(w, now);  // it may lag
  if (!w.alone && ++w.misses < most_misses) {
    if (w.at == phase::running) enter(w, phase::doubted, now);
    return later(w, now);
  }
  wait_end out;
  out.who = w.who;
  out.failed = true;
  ended_.push_back(std::move(out));
  drop(w);
}

// The run goes over to one that follows it, or is learned at all.
void completion_core::adopt(waiter& w, const execution& state, instant now) {
  if (!w.run_id.empty()) {
    if (w.past.size() == most_past) w.past.erase(w.past.begin());
    w.past.push_back(w.run_id);
  }
  w.run_id = run_of(state);
  w.started = state.start_time;
  w.dated = true;
  set_next_run(w, std::string());
  if (w.execution_id != state.execution_id && !state.execution_id.empty()) {
    unlink(by_execution_, w.execution_id, w);
    if (!w.asked_for) w.asked_for = std::make_unique<std::string>(w.execution_id);
    w.execution_id = state.execution_id;
    by_execution_.emplace(w.execution_id, &w);
  }
  w.said = execution_status::unknown;
  w.sure = false;
  w.sure_from.reset();
  w.failure.clear();
  w.ended.reset();
  w.continued_since.reset();
  enter(w, phase::doubted, now);
}

// `latest`: no later run was to be seen under its execution id.
void completion_core::judge(waiter& w, execution& state, bool latest, instant now) {
  const execution_status status = status_in(state);
  if (!is_terminal(status)) {
    // Its end, or a later run, has been seen: this answer lags.
    if (w.sure || w.at == phase::naming || w.at == phase::fetching) return later(w, now);
    return goes_on(w, now);
  }
  if (status == execution_status::continued_as_new) return continued(w, std::string(), now);
  if (!ends_a_run_only(status)) return finish(w, status, std::move(state.result), state.end_time);
  w.said = status;
  w.sure = true;
  if (!latest) return enter(w, phase::doubted, now);
  if (status == execution_status::terminated) {
    if (!w.sure_from) w.sure_from = now + second_look;
    if (w.asked < *w.sure_from) return enter(w, phase::doubted, *w.sure_from);
  }
  finish(w, status, nullptr, state.end_time);
}

void completion_core::goes_on(waiter& w, instant now) {
  w.said = execution_status::unknown;
  w.sure = false;
  w.sure_from.reset();
  w.continued_since.reset();
  w.failure.clear();
  const bool told = std::exchange(w.told, false);
  if (told && !std::exchange(w.settled, true)) return enter(w, phase::running, now + after_nothing);
  const int doublings = std::min<int>(w.running_gets, most_doublings);
  if (w.running_gets < most_doublings) ++w.running_gets;
  enter(w, phase::running, now + bounded(options_.overdue_after * (1 << doublings)));
}

void completion_core::continued(waiter& w, std::string next_run, instant now) {
  w.said = execution_status::continued_as_new;
  w.sure = true;
  if (!w.continued_since) w.continued_since = now;
  if (names_run(next_run) && next_run != w.run_id && !w.is_past(next_run)) {
    set_next_run(w, std::move(next_run));
    return enter(w, phase::following, now);
  }
  if (w.at == phase::doubted && w.tries > 0) return w.run_id.empty() ? no_successor(w, now) : later(w, now);
  enter(w, phase::doubted, now);
}

// It was answered that the run that goes on is not there, or nothing names it.
void completion_core::no_successor(waiter& w, instant now) {
  if (!w.continued_since || now - *w.continued_since <= most_following) return later(w, now);
  w.failure = "the run that continues run " + w.run_id + " did not appear";
  finish(w, execution_status::continued_as_new, nullptr, w.ended);
}

// The answer has decided nothing: the same is asked again, more and more seldom.
void completion_core::later(waiter& w, instant now) {
  if (w.at == phase::running) return enter(w, w.at, now + options_.overdue_after);
  const auto first = w.continued_since ? milliseconds(250) : milliseconds(1'000);
  const auto most =
      w.continued_since ? milliseconds(5'000) : std::max(options_.overdue_after, milliseconds(1'000));
  const auto pause = std::min(first * (1 << std::min<int>(w.tries, 10)), most);
  if (w.tries < 250) ++w.tries;
  enter(w, w.at, now + pause);
}

void completion_core::finish(waiter& w, execution_status status, boost::json::value result,
                             std::optional<timestamp> ended) {
  wait_end out;
  out.who = w.who;
  out.end.execution_id = w.asked_for ? *w.asked_for : w.execution_id;
  out.end.run_id = w.run_id;
  out.end.status = status;
  if (status == execution_status::completed) out.end.result = std::move(result);
  const bool has_text = status == execution_status::failed || status == execution_status::continued_as_new;
  if (has_text) out.end.failure = std::move(w.failure);
  out.end.ended = ended;
  out.end.seen_by = w.told ? w.seen_by : completion_source::get;
  switch (out.end.seen_by) {
    case completion_source::event:
      ++stats_.by_event;
      break;
    case completion_source::page:
      ++stats_.by_page;
      break;
    case completion_source::get:
      ++stats_.by_get;
      break;
  }
  ended_.push_back(std::move(out));
  drop(w);
}

}  // namespace mistral::workflows::bulk_core
