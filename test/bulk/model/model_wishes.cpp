// What a batch wishes to be done, which is obeyed and judged, wish by wish.
// Not what happens to the batch: model_run.cpp.
#include "bulk/model/model_run.hpp"

#include <algorithm>
#include <cstddef>

namespace bulk_model {

using enum job_end;

void model_run::obey() {
  for (int i = 0; wrong_ == nullptr; ++i) {
    const auto wish = core_.next(now_);
    if (!wish) break;
    check(i < 1000, "the wishes do not end");
    obey(*wish);
  }
  if (wrong_ != nullptr) return;
  check(!core_.next(now_), "a wish comes after there was none");
  ++counts_.states[static_cast<std::size_t>(core_.state())];
  check_numbers();
  check_wake();
  if (!stopped_) return;
  for (const job& each : jobs_)
    if (each.where == place::running && core_.stops_how() != stop_how::drain)
      check(core_.stops_how() == each.asked_to_end, "a job runs on after the stop, and was not asked to end");
}

void model_run::obey(const batch_wish& wish) {
  using enum batch_wish::kind;
  check(!over_, "a batch that is over wishes something");
  if (wish.what == batch_wish::kind::over) {
    over_ = true;
    for (const place open :
         {place::owed, place::queued, place::starting, place::running, place::closing, place::waiting})
      check(count(open) == 0, "it is over with a job under way");
    check(stopped_ || source_over_, "it is over before its source");
    return;
  }
  job& meant = jobs_[wish.job];
  switch (wish.what) {
    case start:
      return begin(wish.job, wish);
    case take_up:
      check(meant.found && meant.where == place::queued, "a job is taken up that was not found running");
      meant.where = place::running;
      check(count(place::running) + count(place::starting) <= rules_.most_in_flight,
            "more in flight than allowed");
      ++counts_.take_ups;
      return;
    case end:
      check(stopped_ && meant.where == place::running, "a job is ended that does not run, or without a stop");
      meant.asked_to_end = wish.how;
      ++counts_.endings;
      return;
    case batch_wish::kind::overdue:
      check(meant.where == place::running, "a job is overdue that does not run");
      meant.where = place::closing;
      meant.closes_as = job_end::overdue;
      ++counts_.overdue;
      return;
    case leave:
      check(stopped_ && (meant.where == place::running || (meant.found && meant.where == place::queued)),
            "a job is left that does not run, or without a stop");
      meant.where = place::closing;
      meant.closes_as = left;
      ++counts_.left;
      return;
    case give_up:
      check(stopped_ && meant.where == place::queued, "a job is given up that may run, or without a stop");
      meant.where = place::closing;
      meant.closes_as = not_started;
      ++counts_.given_up;
      return;
    case batch_wish::kind::over:
      return;
  }
}

void model_run::begin(std::size_t at, const batch_wish& wish) {
  job& meant = jobs_[at];
  check(meant.where == place::queued, "a job is started that does not wait for it");
  check(!meant.found, "a job is started that ran before");
  check(!stopped_, "a job is started after the stop");
  check(!paused_by_caller_, "a job is started while the caller pauses");
  check(wish.probe == (core_.state() == batch_state::probing), "a start in a pause is no probe");
  meant.where = place::starting;
  meant.probes = wish.probe;
  meant.outrun = false;
  ++counts_.starts;
  counts_.probes += wish.probe ? 1 : 0;
  const std::size_t in_flight = count(place::starting) + count(place::running) + count(place::closing);
  check(in_flight + count(place::waiting) <= rules_.most_in_flight, "more in flight than allowed");
  check(count(place::starting) <= core_.numbers(now_).starts_at_once, "more starts at once than governed");
}

void model_run::check_numbers() {
  const batch_numbers numbers = core_.numbers(now_);
  check(numbers.queued == count(place::queued), "the number of queued jobs is wrong");
  check(numbers.starting == count(place::starting), "the number of starting jobs is wrong");
  check(numbers.running == count(place::running), "the number of running jobs is wrong");
  check(numbers.waiting == count(place::waiting), "the number of waiting outcomes is wrong");
}

/// Nothing that is under way would bring the next start: the clock has to.
void model_run::check_wake() {
  if (stopped_ || paused_by_caller_ || count(place::starting) > 0) return;
  const auto may_start = [](const job& each) { return each.where == place::queued && !each.found; };
  if (std::none_of(jobs_.begin(), jobs_.end(), may_start)) return;
  if (count(place::running) + count(place::closing) + count(place::waiting) >= rules_.most_in_flight) return;
  check(core_.wake().has_value(), "a batch that can start a job does not wake");
}

}  // namespace bulk_model
