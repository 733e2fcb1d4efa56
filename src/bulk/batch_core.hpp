// The rules of one batch: what may be taken, started,
// ended, handed out, and when it pauses, stops and is over.
// Not a clock, a timer or a request: facts and times come in, wishes go out. Not thread-safe.
#pragma once

#include "bulk/batch_facts.hpp"
#include "bulk/batch_jobs.hpp"
#include "bulk/batch_numbers.hpp"
#include "bulk/batch_states.hpp"
#include "bulk/concurrency_governor.hpp"
#include "bulk/rate_governor.hpp"

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace mistral::workflows::bulk_core {

/// Tell it what happens; after each fact, and at wake(), do what next() wishes until it wishes nothing.
///
/// - A job has one outcome: the first ended() counts.
/// - Starting, running, and with an outcome that nobody has taken: together
///   at most `most_in_flight` jobs, but for those that were found ended.
/// - Failures of the batch's kind, or of a quota, cost no attempt: the job
///   stands at the front of the queue again. Only where other starts go well
///   while one job's fails `most_strikes` times, it is that job's fault.
/// - After stop() nothing is started.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT batch_core {
 public:
  static constexpr int most_strikes = 3;

  explicit batch_core(batch_rules rules);

  // The source.

  /// Whether it may be asked for another job. Then: taking(),
  /// and later one of the facts below for what it gave.
  bool may_take() const;
  void taking();
  /// A job to start.
  void arrived(job_id job);
  /// One that was started in an earlier life and has no outcome.
  void found_running(job_id job, std::optional<time_point> deadline);
  /// One whose outcome is to be handed out again.
  void found_ended(job_id job, job_end how);
  /// One whose outcome was acknowledged.
  void found_acknowledged(job_end how);
  /// One that is no business of this batch: of another shard.
  void passed_over();
  /// It has no more.
  void source_ended();
  /// It failed, or gave what it must not: the batch stops as `batch_rules::when_stopping` says.
  void source_failed();

  // Jobs.

  /// The answer to its start: it runs. Not needed where ended() comes first.
  void started(job_id job, std::optional<time_point> deadline, time_point now);
  after_failure start_failed(job_id job, const start_failure& failure, time_point now);
  /// False: it has an outcome, or there is no such job; nothing changes.
  bool ended(job_id job, job_end how, time_point now);
  void handed_out(job_id job);
  void acknowledged(job_id job);

  // Requests, each attempt of one: what the governors learn from. `sent`: when it left.

  void accepted(time_point sent, time_point now);
  void throttled(time_point sent, std::optional<duration> retry_after, time_point now);  ///< 429
  void overloaded(time_point sent, time_point now);  ///< 503 and its like, or no answer

  // The batch.

  /// What no job can do without is gone (the journal, for example):
  /// it pauses, and goes on when a probe's start goes well.
  void trouble(std::string why, time_point now);
  /// It is there again: where nothing else paused the batch, it goes on without a probe.
  void trouble_is_over();
  void pause(std::string why);
  void go_on(time_point now);
  /// From drain over cancel and terminate to leave; never back.
  void stop(stop_how how);
  void set_most_in_flight(std::size_t jobs);
  void set_starts_per_second(double limit, time_point now);
  void set_jobs(std::optional<std::uint64_t> jobs) { rules_.jobs = jobs; }

  // What to do.

  std::optional<batch_wish> next(time_point now);
  /// When next() is to be asked again although nothing happened. As of the last next().
  std::optional<time_point> wake() const noexcept { return wake_; }

  batch_state state() const noexcept { return state_; }
  stop_cause stopped_by() const noexcept { return stopped_by_; }
  stop_how stops_how() const noexcept { return how_; }
  /// Empty unless paused.
  std::string paused_because() const;
  batch_numbers numbers(time_point now) const;
  /// Of a job that is not acknowledged: starts that went well or failed by its own fault.
  int attempts(job_id job) const;

 private:
  batch_rules rules_;
  batch_state state_ = batch_state::running;
  batch_jobs jobs_;
  rate_governor rate_;
  concurrency_governor at_once_;
  batch_numbers counted_;    // of it, what is only counted up
  std::uint64_t ended_ = 0;  // of this life, what the share of failures is taken of
  event_rate starts_;
  event_rate ends_;

  std::size_t taking_ = 0;  // jobs that the source was asked for and has not given
  std::string callers_reason_;
  std::string trouble_;
  int failures_in_a_row_ = 0;
  bool trouble_beside_starts_ = false;  // it paused the batch, and no start has since
  std::uint16_t went_on_ = 0;           // how often the caller wanted that
  std::uint64_t wins_ = 0;              // starts that the service has answered: it lives
  time_point held_until_{};             // no start before, a server that asks for patience
  time_point probe_at_{};
  duration probe_wait_;
  std::optional<job_id> probe_;  // the job whose start is the probe
  stop_how how_ = stop_how::drain;
  stop_cause stopped_by_ = stop_cause::none;
  std::deque<batch_wish> endings_;
  std::optional<time_point> wake_;

  std::size_t in_flight() const noexcept;
  bool room() const noexcept { return in_flight() < rules_.most_in_flight; }
  bool stops() const noexcept { return state_ >= batch_state::stopping; }
  bool nothing_left() const noexcept;
  void given();
  void raise(batch_fact what);
  void count_end(job_end how);

  void service_answered(job_id job);
  after_failure failed_by_batch(job_id job, batch_job& which, const start_failure& failure, time_point now);
  after_failure failed_by_quota(job_id job, batch_job& which, const start_failure& failure, time_point now);
  after_failure failed_in_passing(job_id job, batch_job& which, const start_failure& failure, time_point now);
  after_failure to_close(job_id job, batch_job& which, after_failure how);
  bool is_its_own_fault(batch_job& which) const;
  void pause_by_trouble(time_point now);
  void probe_told_nothing(job_id job, duration wait, time_point now);

  void check_failure_limit();
  void stop_because(stop_cause why, stop_how how);
  void plan_endings();
  void plan_ending(job_id job, batch_job& which);

  std::optional<batch_wish> next_overdue(time_point now);
  std::optional<batch_wish> next_ending();
  std::optional<batch_wish> next_take_up();
  std::optional<batch_wish> next_start(time_point now);
  bool may_start(time_point now);
  void wake_at(time_point when);
};

}  // namespace mistral::workflows::bulk_core
