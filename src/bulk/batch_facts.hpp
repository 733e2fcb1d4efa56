// The words of a batch: what can happen to it, how jobs end, and what it wishes to be done.
// Not the rules: batch_core.hpp has those.
#pragma once

#include "bulk/blame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_core {

using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::nanoseconds;

/// A job: its position in the source.
using job_id = std::uint64_t;

/// How a job ended, in the order of bulk_status.
enum class job_end : std::uint8_t {
  started,      ///< nothing more was to be waited for
  completed,    ///<
  failed,       ///<
  canceled,     ///<
  terminated,   ///<
  timed_out,    ///<
  overdue,      ///< its deadline passed
  refused,      ///< its start failed by its own fault
  not_started,  ///< the batch ended first
  left,         ///< it runs on without the batch
  unknown,      ///< its start has no answer
};
inline constexpr std::size_t job_ends = 11;

/// A failure counts for the limit of failures.
constexpr bool is_failed(job_end how) noexcept { return how >= job_end::failed && how <= job_end::refused; }

/// What becomes of running jobs when the batch stops, in the order of when_stopping.
enum class stop_how : std::uint8_t { leave, drain, cancel, terminate };

/// A stop only becomes harder, in this order: what was sent is not taken back.
constexpr int stop_rank(stop_how how) noexcept {
  switch (how) {
    case stop_how::drain:
      return 0;
    case stop_how::cancel:
      return 1;
    case stop_how::terminate:
      return 2;
    case stop_how::leave:
      break;
  }
  return 3;
}

/// Why it stops.
enum class stop_cause : std::uint8_t {
  none,
  asked,     ///< stop()
  failures,  ///< the limit of failures
  source,    ///< the source failed, or held what it must not
};

class batch_rules {
 public:
  batch_rules() = default;

  std::size_t most_in_flight = 100;
  double starts_per_second = 0;              ///< 0: no limit
  stop_how when_stopping = stop_how::drain;  ///< of the limit of failures, and of a source that fails
  std::optional<std::uint64_t> stop_after;   ///< failures
  std::optional<double> stop_above;          ///< per cent of those that ended, once `at_least` have
  std::uint64_t at_least = 0;
  int failures_before_pause = 5;
  duration probe_after =
      std::chrono::seconds(2);  ///< of a pause of its own; doubles with each probe that fails, ...
  duration longest_probe =
      std::chrono::seconds(60);       ///< ... up to this. Also a quota's, where no Retry-After says
  std::optional<std::uint64_t> jobs;  ///< how many the source will give, if it is known
};

/// A start that failed.
class start_failure {
 public:
  explicit start_failure(blame fault, std::string text = std::string(),
                         std::optional<duration> asked_to_wait = std::nullopt)
      : whose(fault), why(std::move(text)), retry_after(asked_to_wait) {}

  blame whose;
  std::string why;
  std::optional<duration> retry_after;
};

/// What becomes of a job whose start failed.
enum class after_failure : std::uint8_t {
  again,        ///< it stands in the queue, at the front
  refused,      ///< its outcome is to be made: ended(job, refused)
  not_started,  ///< the batch stops: ended(job, not_started), or unknown where it may run
  nothing,      ///< it has its outcome already
};

/// Something to be done now. Each comes once.
class batch_wish {
 public:
  enum class kind : std::uint8_t {
    start,    ///< send its start; then started(), start_failed() or ended()
    take_up,  ///< it runs since an earlier life of the batch: wait for its end
    end,      ///< cancel or terminate it, as `how` says; its end is waited for as before
    overdue,  ///< its deadline has passed: make the outcome, ended(job, overdue)
    leave,    ///< make the outcome: ended(job, left)
    give_up,  ///< make the outcome: ended(job, not_started)
    over,     ///< of the batch: every job has its outcome, and each was handed out
  };

  batch_wish() = default;
  explicit batch_wish(kind todo, job_id whose = 0) : what(todo), job(whose) {}

  kind what = kind::over;
  job_id job = 0;
  stop_how how = stop_how::drain;  ///< of `end`
  bool probe = false;              ///< of `start`: the one that is to tell whether the trouble is over
};

}  // namespace mistral::workflows::bulk_core
