// What a batch wishes to be done now, in order of urgency.
#include "bulk/batch_core.hpp"

#include <algorithm>

namespace mistral::workflows::bulk_core {

std::optional<batch_wish> batch_core::next(time_point now) {
  wake_.reset();
  if (state_ == batch_state::over) return std::nullopt;
  if (const auto wish = next_overdue(now)) return wish;
  if (const auto wish = next_ending()) return wish;
  if (const auto wish = next_take_up()) return wish;
  if (const auto wish = next_start(now)) return wish;
  if (!nothing_left()) return std::nullopt;
  raise(batch_fact::nothing_left);
  return batch_wish(batch_wish::kind::over);
}

void batch_core::wake_at(time_point when) {
  if (!wake_ || when < *wake_) wake_ = when;
}

bool batch_core::nothing_left() const noexcept {
  return (counted_.source_ended || stops()) && taking_ == 0 && jobs_.queued() == 0 && in_flight() == 0;
}

std::optional<batch_wish> batch_core::next_overdue(time_point now) {
  const std::optional<job_id> late = jobs_.overdue(now);
  if (late) {
    jobs_.move(*late, *jobs_.find(*late), job_place::closing);
    return batch_wish(batch_wish::kind::overdue, *late);
  }
  if (const auto next = jobs_.first_deadline()) wake_at(*next);
  return std::nullopt;
}

std::optional<batch_wish> batch_core::next_ending() {
  while (!endings_.empty()) {
    const batch_wish wish = endings_.front();
    endings_.pop_front();
    const batch_job* which = jobs_.find(wish.job);
    // It may have ended meanwhile, or be asked for something stronger now.
    const bool wanted =
        which != nullptr && (wish.what == batch_wish::kind::end
                                 ? which->place == job_place::running && which->asked_to_end == wish.how
                                 : which->place == job_place::closing);
    if (wanted) return wish;
  }
  return std::nullopt;
}

std::optional<batch_wish> batch_core::next_take_up() {
  if (jobs_.count(job_place::found) == 0 || !room()) return std::nullopt;
  const std::optional<job_id> job = jobs_.take_next_found();
  if (!job) return std::nullopt;
  batch_job& which = *jobs_.find(*job);
  jobs_.move(*job, which, job_place::running);
  if (stops()) plan_ending(*job, which);
  return batch_wish(batch_wish::kind::take_up, *job);
}

std::optional<batch_wish> batch_core::next_start(time_point now) {
  const bool probe = state_ == batch_state::paused_by_trouble || state_ == batch_state::paused_by_quota;
  if ((state_ != batch_state::running && !probe) || jobs_.startable() == 0 || !room()) return std::nullopt;
  if (probe && now < probe_at_) {
    wake_at(probe_at_);
    return std::nullopt;
  }
  if (!may_start(now)) return std::nullopt;
  const std::optional<job_id> job = jobs_.take_next_to_start();
  if (!job) return std::nullopt;
  batch_job& which = *jobs_.find(*job);
  jobs_.move(*job, which, job_place::starting);
  which.sent_after = went_on_;
  batch_wish wish(batch_wish::kind::start, *job);
  wish.probe = probe;
  if (probe) {
    raise(batch_fact::probe_sent);
    probe_ = *job;
  }
  return wish;
}

bool batch_core::may_start(time_point now) {
  if (jobs_.count(job_place::starting) >= at_once_.limit()) return false;
  if (now < held_until_) {
    wake_at(held_until_);
    return false;
  }
  const std::optional<duration> wait = rate_.take(now);
  if (wait) wake_at(now + *wait);
  return !wait;
}

}  // namespace mistral::workflows::bulk_core
