// What happens to a batch: its source, the service, its consumer and its caller, at random.
// Not what the batch wishes to be done: model_wishes.cpp.
#include "bulk/model/model_run.hpp"

#include <algorithm>
#include <chrono>

namespace bulk_model {

using namespace std::chrono_literals;
using enum job_end;

namespace {

constexpr int random_steps = 250;
constexpr int calm_steps = 20'000;

stop_how any_stop(test::random_source& random) { return static_cast<stop_how>(random.below(4)); }

}  // namespace

model_run::model_run(std::uint64_t seed, happenings& counts)
    : random_(seed), counts_(counts), rules_(random_rules(random_)), core_(rules_), jobs_(random_.below(40)) {
  const double bad = random_.chance(0.3) ? 0.3 : 0.02;
  for (job& each : jobs_)
    each.kind =
        random_.chance(bad) ? random_.chance(0.5) ? nature::bad_input : nature::never_starts : nature::good;
}

batch_rules model_run::random_rules(test::random_source& random) {
  batch_rules rules;
  rules.most_in_flight = 1 + random.below(random.chance(0.5) ? 3 : 20);
  if (random.chance(0.3)) rules.starts_per_second = random.between(0.5, 50);
  rules.failures_before_pause = 1 + static_cast<int>(random.below(5));
  rules.when_stopping = any_stop(random);
  if (random.chance(0.2)) rules.stop_after = 1 + random.below(5);
  if (random.chance(0.2)) rules.stop_above = random.between(1, 80);
  rules.at_least = random.below(10);
  return rules;
}

const char* model_run::run() {
  for (int i = 0; i < random_steps && !over_ && wrong_ == nullptr; ++i) step();
  // From here on nothing stands in the way: it must come to its end.
  mood_ = mood::good;
  for (job& each : jobs_)
    if (each.kind == nature::never_starts) each.kind = nature::good;
  if (paused_by_caller_) core_.go_on(now_);
  paused_by_caller_ = false;
  for (int i = 0; i < calm_steps && !over_ && wrong_ == nullptr; ++i) calm_step();
  check(over_, "the batch does not end");
  for (const job& each : jobs_) {
    const bool seen = each.where != place::unseen;
    check(!seen || each.where == place::handed || each.where == place::gone, "a job was left behind");
    check(!seen || each.outcomes == 1, "a job has not one outcome");
  }
  if (over_ && !stopped_)
    for (const job& each : jobs_) check(each.where != place::unseen, "the batch ended before its source");
  ++counts_.stops[static_cast<std::size_t>(core_.stopped_by())];
  return wrong_;
}

void model_run::step() {
  switch (random_.below(14)) {
    case 0:
    case 1:
      feed();
      break;
    case 2:
    case 3:
      give();
      break;
    case 4:
    case 5:
    case 6:
      answer_start();
      break;
    case 7:
    case 8:
      end_running();
      break;
    case 9:
      close();
      break;
    case 10:
    case 11:
      consume();
      break;
    case 12:
      if (random_.chance(0.4)) command();
      break;
    default:
      let_time_pass();
  }
  obey();
}

void model_run::calm_step() {
  feed();
  give();
  answer_start();
  end_running();
  close();
  consume();
  consume();
  let_time_pass();
  obey();
}

std::size_t model_run::count(place where) const {
  return static_cast<std::size_t>(
      std::count_if(jobs_.begin(), jobs_.end(), [where](const job& each) { return each.where == where; }));
}

std::optional<std::size_t> model_run::any(place where) {
  const std::size_t there = count(where);
  if (there == 0) return std::nullopt;
  std::size_t skip = random_.below(there);
  for (std::size_t i = 0; i < jobs_.size(); ++i)
    if (jobs_[i].where == where && skip-- == 0) return i;
  return std::nullopt;
}

// The source.

void model_run::feed() {
  if (source_over_ || end_owed_ > 0 || !core_.may_take()) return;
  check(!stopped_, "a stopped batch asks its source");
  core_.taking();
  if (next_ < jobs_.size())
    jobs_[next_++].where = place::owed;
  else
    end_owed_ = 1;
}

void model_run::give() {
  if (end_owed_ > 0 && random_.chance(0.5)) {
    end_owed_ = 0;
    source_over_ = true;
    return core_.source_ended();
  }
  const std::optional<std::size_t> at = any(place::owed);
  if (!at) return;
  job& given = jobs_[*at];
  const std::uint64_t how = random_.below(20);
  given.found = how < 3;
  if (how == 0) {
    given.where = place::waiting;
    given.outcomes = 1;
    ++counts_.found_ended;
    core_.found_ended(*at, random_.chance(0.5) ? completed : failed);
  } else if (how == 1) {
    given.where = place::queued;
    core_.found_running(*at, random_.chance(0.3) ? std::optional(now_ + 5s) : std::nullopt);
  } else if (how == 2) {
    given.where = place::gone;
    given.outcomes = 1;
    random_.chance(0.5) ? core_.found_acknowledged(completed) : core_.passed_over();
  } else {
    given.where = place::queued;
    core_.arrived(*at);
  }
}

// The service.

void model_run::answer_start() {
  const std::optional<std::size_t> at = any(place::starting);
  if (!at) return;
  lose_patience();
  const job& asked = jobs_[*at];
  const bool hiccup = random_.chance(0.03);
  if (mood_ == mood::down || asked.kind == nature::never_starts || hiccup) return refuse(*at, blame::batch);
  if (mood_ == mood::quota_used_up) return refuse(*at, blame::quota);
  if (mood_ == mood::busy && random_.chance(0.7)) return refuse(*at, blame::passing);
  if (asked.kind == nature::bad_input) return refuse(*at, blame::job);
  answer_well(*at);
}

/// Now and then the caller wants to go on while a probe is under way.
void model_run::lose_patience() {
  if (core_.state() != batch_state::probing || !random_.chance(0.2)) return;
  for (job& each : jobs_) each.outrun = each.where == place::starting;
  core_.go_on(now_);
}

void model_run::answer_well(std::size_t at) {
  core_.accepted(now_ - 20ms, now_);
  job& asked = jobs_[at];
  asked.where = place::running;
  ++asked.attempts;
  if (random_.chance(0.1)) {
    ++counts_.raced;
    outcome(at, completed);
    core_.started(at, std::nullopt, now_);
  } else {
    core_.started(at, random_.chance(0.2) ? std::optional(now_ + 3s) : std::nullopt, now_);
  }
  check(core_.attempts(at) == asked.attempts, "a start was not counted once");
}

void model_run::refuse(std::size_t at, blame whose) {
  job& asked = jobs_[at];
  if (whose == blame::passing) core_.throttled(now_ - 20ms, 1s, now_);
  if (whose == blame::batch) core_.overloaded(now_ - 20ms, now_);
  if (whose == blame::quota && asked.probes && asked.outrun) ++counts_.outrun;
  const auto wait = random_.chance(0.5) ? std::optional<duration>(2s) : std::nullopt;
  const after_failure then = core_.start_failed(at, start_failure(whose, "why", wait), now_);
  if (whose == blame::job) ++asked.attempts;
  switch (then) {
    case after_failure::again:
      check(whose != blame::job, "a job of its own fault is tried again");
      check(!stopped_, "a job is tried again after the stop");
      asked.where = place::queued;
      break;
    case after_failure::refused:
      if (whose != blame::job) {
        check(whose == blame::batch, "a quota is taken for a job's fault");
        ++asked.attempts;
        ++counts_.own_faults;
      }
      asked.where = place::closing;
      asked.closes_as = refused;
      break;
    case after_failure::not_started:
      check(stopped_, "a job is given up although the batch goes on");
      asked.where = place::closing;
      asked.closes_as = random_.chance(0.2) ? unknown : not_started;
      break;
    case after_failure::nothing:
      fail("a failure of a start under way is ignored");
  }
  check(core_.attempts(at) == asked.attempts, "a failure cost an attempt, or its own cost none");
}

void model_run::end_running() {
  const std::optional<std::size_t> at = any(place::running);
  if (!at) return;
  constexpr job_end ends[] = {completed, completed, completed, failed, canceled, terminated, timed_out};
  outcome(*at, ends[random_.below(7)]);
}

// The shell and the consumer.

void model_run::close() {
  const std::optional<std::size_t> at = any(place::closing);
  if (at) outcome(*at, jobs_[*at].closes_as);
}

void model_run::outcome(std::size_t at, job_end how) {
  job& ended = jobs_[at];
  check(core_.ended(at, how, now_), "an outcome was not taken");
  check(!core_.ended(at, failed, now_), "a second outcome was taken");
  ended.where = place::waiting;
  ++ended.outcomes;
  stopped_ = stopped_ || core_.stopped_by() != stop_cause::none;
}

void model_run::consume() {
  if (const auto at = any(place::handed); at && random_.chance(0.5)) {
    core_.acknowledged(*at);
    jobs_[*at].where = place::gone;
  }
  if (const auto at = any(place::waiting)) {
    core_.handed_out(*at);
    jobs_[*at].where = place::handed;
  }
}

void model_run::command() {
  switch (random_.below(12)) {
    case 0:
      core_.pause("by the caller");
      paused_by_caller_ = !stopped_;
      break;
    case 1:
    case 2:
      core_.go_on(now_);
      paused_by_caller_ = false;
      break;
    case 3:
      if (random_.chance(0.3)) {
        core_.stop(any_stop(random_));
        stopped_ = true;
        paused_by_caller_ = false;
      }
      break;
    case 4:
      rules_.most_in_flight = 1 + random_.below(20);
      core_.set_most_in_flight(rules_.most_in_flight);
      break;
    case 5:
      core_.set_starts_per_second(random_.chance(0.5) ? 0 : random_.between(0.5, 50), now_);
      break;
    case 6:
      core_.trouble("the journal is gone", now_);
      if (random_.chance(0.5)) core_.trouble_is_over();
      break;
    case 7:
      if (source_over_ || end_owed_ > 0 || stopped_ || !random_.chance(0.2)) break;
      core_.taking();
      core_.source_failed();
      source_over_ = stopped_ = true;
      paused_by_caller_ = false;
      break;
    default:
      mood_ = static_cast<mood>(random_.below(4));
  }
}

void model_run::let_time_pass() {
  const auto wake = core_.wake();
  if (wake && random_.chance(0.5))
    now_ = std::max(now_, *wake);
  else
    now_ += std::chrono::microseconds(random_.below(3'000'000));
}

}  // namespace bulk_model
