// How a batch pauses, probes, goes on and stops: what the failures of starts and its caller lead to.
#include "bulk/batch_core.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::bulk_core {
namespace {

constexpr duration short_patience =
    std::chrono::milliseconds(100);  // of patience, where the server does not say how long

}  // namespace

void batch_core::raise(batch_fact what) {
  state_ = after(state_, what);
  if (state_ != batch_state::probing) probe_.reset();
}

// Whatever it said about the job: it can be reached, and lets this batch in.
void batch_core::service_answered(job_id job) {
  ++wins_;
  failures_in_a_row_ = 0;
  trouble_beside_starts_ = false;
  // A start that left before the pause says nothing about a quota.
  if (state_ == batch_state::paused_by_quota && probe_ != job) return;
  probe_wait_ = rules_.probe_after;
  raise(batch_fact::start_went_well);
}

after_failure batch_core::start_failed(job_id job, const start_failure& failure, time_point now) {
  batch_job* which = jobs_.find(job);
  if (which == nullptr || which->place != job_place::starting) return after_failure::nothing;
  switch (failure.whose) {
    case blame::job:
      ++which->attempts;
      service_answered(job);
      return to_close(job, *which, after_failure::refused);
    case blame::batch:
      return failed_by_batch(job, *which, failure, now);
    case blame::quota:
      return failed_by_quota(job, *which, failure, now);
    case blame::passing:
      break;
  }
  return failed_in_passing(job, *which, failure, now);
}

after_failure batch_core::to_close(job_id job, batch_job& which, after_failure how) {
  jobs_.move(job, which, job_place::closing);
  return how;
}

// Others are started, this one again and again is not.
bool batch_core::is_its_own_fault(batch_job& which) const {
  if (which.strikes == 0 || wins_ > which.wins_seen) ++which.strikes;
  which.wins_seen = wins_;
  return which.strikes >= most_strikes;
}

after_failure batch_core::failed_by_batch(job_id job, batch_job& which, const start_failure& failure,
                                          time_point now) {
  const bool was_probe = probe_ == job;
  if (stops()) return to_close(job, which, after_failure::not_started);
  if (is_its_own_fault(which)) {
    ++which.attempts;
    if (was_probe) probe_told_nothing(job, duration(0), now);
    return to_close(job, which, after_failure::refused);
  }
  jobs_.give_back(job, which);
  ++failures_in_a_row_;
  if (was_probe) probe_wait_ = std::min(probe_wait_ * 2, rules_.longest_probe);
  const bool enough = state_ == batch_state::running && failures_in_a_row_ >= rules_.failures_before_pause;
  if (was_probe || enough) {
    trouble_beside_starts_ = false;
    trouble_ = failure.why;
    pause_by_trouble(now);
  }
  return after_failure::again;
}

void batch_core::pause_by_trouble(time_point now) {
  raise(batch_fact::trouble);
  probe_at_ = now + probe_wait_;
}

after_failure batch_core::failed_by_quota(job_id job, batch_job& which, const start_failure& failure,
                                          time_point now) {
  if (stops()) return to_close(job, which, after_failure::not_started);
  jobs_.give_back(job, which);
  // A start that left before the caller wanted to go on says nothing about a quota that was raised since.
  // As the probe it leaves the batch without one: another has to tell.
  if (which.sent_after != went_on_) {
    if (probe_ == job) probe_told_nothing(job, duration(0), now);
    return after_failure::again;
  }
  const time_point until = now + failure.retry_after.value_or(rules_.longest_probe);
  probe_at_ = state_ == batch_state::paused_by_quota ? std::max(probe_at_, until) : until;
  if (state_ != batch_state::paused_by_caller) trouble_ = failure.why;
  raise(batch_fact::quota_used_up);
  return after_failure::again;
}

after_failure batch_core::failed_in_passing(job_id job, batch_job& which, const start_failure& failure,
                                            time_point now) {
  if (stops()) return to_close(job, which, after_failure::not_started);
  const duration wait = failure.retry_after.value_or(short_patience);
  held_until_ = std::max(held_until_, now + wait);
  if (probe_ == job) probe_told_nothing(job, wait, now);
  jobs_.give_back(job, which);
  return after_failure::again;
}

void batch_core::probe_told_nothing(job_id, duration wait, time_point now) {
  raise(batch_fact::probe_told_nothing);
  probe_at_ = now + wait;
}

// The caller, and limits.

void batch_core::trouble(std::string why, time_point now) {
  if (state_ == batch_state::running && failures_in_a_row_ < rules_.failures_before_pause)
    trouble_beside_starts_ = true;
  if (state_ != batch_state::paused_by_quota) trouble_ = std::move(why);
  failures_in_a_row_ = std::max(failures_in_a_row_, rules_.failures_before_pause);
  if (state_ == batch_state::running || state_ == batch_state::probing) pause_by_trouble(now);
}

void batch_core::trouble_is_over() {
  if (!std::exchange(trouble_beside_starts_, false)) return;
  failures_in_a_row_ = 0;
  if (state_ == batch_state::paused_by_trouble || state_ == batch_state::probing)
    raise(batch_fact::start_went_well);
}

void batch_core::pause(std::string why) {
  raise(batch_fact::pause);
  if (state_ == batch_state::paused_by_caller) callers_reason_ = std::move(why);
}

void batch_core::go_on(time_point now) {
  ++went_on_;
  raise(batch_fact::go_on);
  held_until_ = std::min(held_until_, now);
  // What paused it before may be over or not: one start tells.
  if (state_ == batch_state::running && failures_in_a_row_ >= rules_.failures_before_pause)
    raise(batch_fact::trouble);
  if (is_paused(state_)) probe_at_ = now;
}

void batch_core::check_failure_limit() {
  if (stops()) return;
  const bool too_many = rules_.stop_after && counted_.failures >= *rules_.stop_after;
  const bool too_large =
      rules_.stop_above && ended_ >= rules_.at_least &&
      static_cast<double>(counted_.failures) * 100 > *rules_.stop_above * static_cast<double>(ended_);
  if (too_many || too_large) stop_because(stop_cause::failures, rules_.when_stopping);
}

void batch_core::stop(stop_how how) {
  if (state_ == batch_state::over) return;
  if (!stops()) return stop_because(stop_cause::asked, how);
  if (stop_rank(how) <= stop_rank(how_)) return;
  how_ = how;
  plan_endings();
}

void batch_core::stop_because(stop_cause why, stop_how how) {
  if (stops()) return;
  raise(batch_fact::stop);
  stopped_by_ = why;
  how_ = how;
  plan_endings();
}

void batch_core::plan_endings() {
  for (const job_place place : {job_place::returned, job_place::queued, job_place::found, job_place::running})
    for (const job_id job : jobs_.all(place)) plan_ending(job, *jobs_.find(job));
}

// What becomes of a job now that the batch stops. One whose
// start is under way comes here when that was answered.
void batch_core::plan_ending(job_id job, batch_job& which) {
  using enum batch_wish::kind;
  if (which.place == job_place::queued || which.place == job_place::returned) {
    jobs_.move(job, which, job_place::closing);
    endings_.push_back(batch_wish(give_up, job));
  } else if (how_ == stop_how::leave &&
             (which.place == job_place::found || which.place == job_place::running)) {
    jobs_.move(job, which, job_place::closing);
    endings_.push_back(batch_wish(leave, job));
  } else if (which.place == job_place::running && how_ != stop_how::drain && which.asked_to_end != how_) {
    which.asked_to_end = how_;
    endings_.push_back(batch_wish(end, job));
    endings_.back().how = how_;
  }
}

}  // namespace mistral::workflows::bulk_core
