// The facts of a batch: jobs that come, are started, end, are handed out.
#include "bulk/batch_core.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::bulk_core {
namespace {

constexpr std::size_t most_ahead = 1'000;  // jobs that are taken from the source before they may start

batch_rules checked_rules(batch_rules rules) {
  rules.most_in_flight = std::max<std::size_t>(1, rules.most_in_flight);
  rules.failures_before_pause = std::max(1, rules.failures_before_pause);
  rules.longest_probe = std::max(rules.longest_probe, rules.probe_after);
  return rules;
}

}  // namespace

batch_core::batch_core(batch_rules rules)
    : rules_(checked_rules(std::move(rules))),
      rate_(rules_.starts_per_second),
      at_once_(rules_.most_in_flight),
      probe_wait_(rules_.probe_after) {}

std::size_t batch_core::in_flight() const noexcept {
  return jobs_.count(job_place::starting) + jobs_.count(job_place::running) +
         jobs_.count(job_place::closing) + jobs_.count(job_place::waiting);
}

// The source.

// Those that returned do not count: were they all of a kind
// that can never be started, another must show that others can.
bool batch_core::may_take() const {
  const std::size_t ahead = std::min(rules_.most_in_flight, most_ahead);
  return !counted_.source_ended && !stops() &&
         jobs_.count(job_place::queued) + jobs_.count(job_place::found) + taking_ < ahead &&
         jobs_.count(job_place::waiting) + taking_ < rules_.most_in_flight;
}

void batch_core::taking() { ++taking_; }

void batch_core::given() {
  if (taking_ > 0) --taking_;
}

void batch_core::arrived(job_id job) {
  given();
  if (jobs_.find(job) != nullptr) return;
  ++counted_.taken;
  batch_job& which = jobs_.add(job, job_place::queued);
  if (stops()) plan_ending(job, which);
}

void batch_core::found_running(job_id job, std::optional<time_point> deadline) {
  given();
  if (jobs_.find(job) != nullptr) return;
  ++counted_.taken;
  batch_job& which = jobs_.add(job, job_place::found);
  which.deadline = deadline;
  if (stops()) plan_ending(job, which);
}

void batch_core::found_ended(job_id job, job_end how) {
  given();
  if (jobs_.find(job) != nullptr) return;
  ++counted_.taken;
  ++counted_.found;
  count_end(how);
  jobs_.add(job, job_place::waiting);
}

void batch_core::found_acknowledged(job_end how) {
  given();
  ++counted_.taken;
  ++counted_.found;
  count_end(how);
}

void batch_core::passed_over() { given(); }

void batch_core::source_ended() {
  given();
  counted_.source_ended = true;
}

void batch_core::source_failed() {
  source_ended();
  stop_because(stop_cause::source, rules_.when_stopping);
}

// Jobs.

void batch_core::started(job_id job, std::optional<time_point> deadline, time_point now) {
  batch_job* which = jobs_.find(job);
  if (which == nullptr || which->place != job_place::starting) return;
  which->deadline = deadline;
  ++which->attempts;
  jobs_.move(job, *which, job_place::running);
  starts_.count(now);
  service_answered(job);
  if (stops()) plan_ending(job, *which);
}

bool batch_core::ended(job_id job, job_end how, time_point now) {
  batch_job* which = jobs_.find(job);
  if (which == nullptr || which->place == job_place::waiting || which->place == job_place::handed)
    return false;
  const bool was_started = how != job_end::refused && how != job_end::not_started && how != job_end::unknown;
  if (which->place == job_place::starting && was_started) started(job, std::nullopt, now);
  if (probe_ == job) probe_told_nothing(job, probe_wait_, now);
  jobs_.move(job, *which, job_place::waiting);
  count_end(how);
  if (how == job_end::not_started || how == job_end::left) return true;
  ends_.count(now);
  ++ended_;
  // A job that this batch ends is no failure of its own.
  if (is_failed(how) && !stops()) ++counted_.failures;
  check_failure_limit();
  return true;
}

void batch_core::count_end(job_end how) {
  ++counted_.done;
  ++counted_.by_end[static_cast<std::size_t>(how)];
}

void batch_core::handed_out(job_id job) {
  batch_job* which = jobs_.find(job);
  if (which == nullptr || which->place != job_place::waiting) return;
  jobs_.move(job, *which, job_place::handed);
  ++counted_.handed_out;
}

void batch_core::acknowledged(job_id job) {
  const batch_job* which = jobs_.find(job);
  if (which != nullptr && which->place == job_place::handed) jobs_.forget(job);
}

// Requests.

void batch_core::accepted(time_point sent, time_point now) {
  rate_.accepted(now);
  at_once_.answered(sent, jobs_.count(job_place::starting), now);
}

// A longer wait is a quota's: the pause after it can be ended by the caller.
void batch_core::throttled(time_point sent, std::optional<duration> retry_after, time_point now) {
  if (retry_after && *retry_after > longest_patience) retry_after.reset();
  rate_.throttled(sent, retry_after, now);
}

void batch_core::overloaded(time_point sent, time_point now) { at_once_.overloaded(sent, now); }

void batch_core::set_most_in_flight(std::size_t jobs) {
  rules_.most_in_flight = std::max<std::size_t>(1, jobs);
  at_once_.set_most(rules_.most_in_flight);
}

void batch_core::set_starts_per_second(double limit, time_point now) { rate_.set_limit(limit, now); }

// How it stands.

int batch_core::attempts(job_id job) const {
  const batch_job* which = jobs_.find(job);
  return which == nullptr ? 0 : which->attempts;
}

std::string batch_core::paused_because() const {
  if (state_ == batch_state::paused_by_caller) return callers_reason_;
  return is_paused(state_) ? trouble_ : std::string();
}

batch_numbers batch_core::numbers(time_point now) const {
  batch_numbers all = counted_;
  all.queued = jobs_.queued();
  all.starting = jobs_.count(job_place::starting);
  all.running = jobs_.count(job_place::running);
  all.waiting = jobs_.count(job_place::waiting);
  all.jobs = counted_.source_ended && taking_ == 0 ? counted_.taken : rules_.jobs;
  all.starts_per_second = starts_.lately(now);
  all.ends_per_second = ends_.lately(now);
  all.mean_starts_per_second = starts_.mean(now);
  all.mean_ends_per_second = ends_.mean(now);
  all.rate_limit = rate_.current();
  all.starts_at_once = at_once_.limit();
  all.throttled = rate_.refusals();
  if (all.jobs && all.ends_per_second > 0 && !is_paused(state_)) {
    const std::uint64_t left = *all.jobs - std::min(*all.jobs, all.done);
    all.remaining = std::chrono::milliseconds(
        static_cast<std::int64_t>(std::min(1e12, 1000 * static_cast<double>(left) / all.ends_per_second)));
  }
  return all;
}

}  // namespace mistral::workflows::bulk_core
