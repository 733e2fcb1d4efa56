// How a batch is run: its name, its limits, what failures do, and what it remembers.
// Not the jobs (job.hpp), and not what can be changed while it runs (control.hpp).
#pragma once

#include <mistral/workflows/bulk/completions.hpp>
#include <mistral/workflows/bulk/control.hpp>
#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/bulk/progress.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/object.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

class bulk_journal;

/// What a batch waits for with each job.
enum class bulk_wait {
  result,  ///< for its end
  start,   ///< until its execution has been started: outcome `started`
};

/// Which of the jobs an earlier run of the program has dealt with, and how.
enum class bulk_begin {
  /// With a journal: a new batch begins, an unfinished one is resumed, and a finished one is refused. Without
  /// one: refused, as nothing tells a new batch from an old one.
  automatic,
  /// Nothing was started before. A job that is found to run nevertheless is taken for this batch's own; one
  /// that has ended is started again. With a journal: refused where it has this batch already.
  first_run,
  /// An earlier run was interrupted. With a journal: refused where it has no such batch. Without one the
  /// service is asked: pages of runs since `batch_started_after`, then each job that is not on them; ends
  /// found there are outcomes.
  resume,
  /// All jobs again, although the batch is finished, under ids of their own. With a journal only.
  new_generation,
  /// The jobs that failed (`is_failure`), again and under ids of their own. With a journal only.
  retry_failed,
  /// Nothing is started: the outcomes that the journal has, each once more, in the order of their positions.
  /// The source is not read.
  report,
};

/// When failures (`is_failure`) stop a batch. Those of this run of the program count, not what an earlier one
/// had. Jobs that run then may still end, so a few more than this can fail.
class MISTRAL_WORKFLOWS_EXPORT failure_limit {
 public:
  /// They never do.
  failure_limit();
  /// Stops after `count` of them, 1 or more.
  static failure_limit after(std::uint64_t count);
  /// Stops when more than `per_cent` (0 to 100) of the jobs that have ended are failures, once `at_least`
  /// have ended.
  static failure_limit share(double per_cent, std::uint64_t at_least);

  std::optional<std::uint64_t> count;  ///< as `after`; unset: does not stop it. 1 or more
  std::optional<double> per_cent;      ///< as `share`; unset: does not stop it. 0 to 100
  std::uint64_t at_least = 0;          ///< of `per_cent`
};

/// The options of `bulk::run`. What cannot work is refused there with invalid_argument, before anything is
/// sent. Durations count as 100 years where they are longer.
class MISTRAL_WORKFLOWS_EXPORT bulk_options {
 public:
  bulk_options();
  /// With all else as it is by default.
  explicit bulk_options(std::string batch_name);
  bulk_options(const bulk_options&);
  bulk_options(bulk_options&&) noexcept;
  bulk_options& operator=(const bulk_options&);
  bulk_options& operator=(bulk_options&&) noexcept;
  ~bulk_options();

  /// Its name, not empty. With the key of a job it makes the execution id (`bulk_execution_id`): the same
  /// batch run again, on this machine or another, means the same executions.
  std::string batch;

  /// Jobs that are being started, run, or have an outcome that waits to be taken; 1 or more. So many, but
  /// 1,000 at most, are taken from the source ahead of that.
  std::size_t most_in_flight = 100;
  /// 0 or more; 0: no limit but the one that the server's 429s teach; until then it begins at 250 and rises.
  /// Less than one in 100 years counts as that.
  double starts_per_second = 0;
  bulk_wait wait = bulk_wait::result;  ///< what a job's outcome waits for
  /// Of each job, unless it has its own: from the answer to its start (of one that is found running: from the
  /// start of its execution, but not from before it came from the source, by this machine's clock). The job
  /// then is `overdue`. Longer than 0; unset: none. Of no effect where `wait` is `bulk_wait::start`.
  std::optional<std::chrono::milliseconds> deadline;
  /// What becomes of an overdue job: `cancel` and `terminate` send that once, and its end is not waited for;
  /// `leave` and `drain` leave it alone.
  workflows::when_stopping when_overdue = workflows::when_stopping::leave;

  workflows::failure_limit failure_limit;  ///< by default failures stop nothing
  /// What becomes of running jobs after the limit of failures, after `bulk_control::stop()`, and after a
  /// source that failed or held what it must not.
  workflows::when_stopping when_stopping = workflows::when_stopping::drain;

  /// Whether a batch is new, and what of an old one is done again. Without a journal: `first_run` or
  /// `resume`.
  bulk_begin begin = bulk_begin::automatic;
  /// Of a resume without a journal, required there: pages are read from here on. A time before the first
  /// start.
  std::optional<timestamp> batch_started_after;
  /// Where the batch stands, kept across the end of the program; see journal.hpp. Null: nowhere. The batch
  /// opens it and closes it: it must not be open, and serves no other.
  std::shared_ptr<bulk_journal> journal;
  /// With a journal: outcomes that a crash may bring a second time. 1: each `next()` waits until the outcome
  /// before is written down as acknowledged, a sync of the disk for each; more let the journal write many
  /// together. 1 or more.
  std::size_t most_unacknowledged = 1;
  /// The part of the jobs that this process runs; the others of the source are skipped. Each shard has a
  /// journal of its own.
  bulk_shard shard;
  /// Of the source where it has one (a file's hash, for example): a resume with another is refused by the
  /// journal.
  std::string source_hash;

  /// After so many failures in a row that are not a job's own (401, 403, no network, 5xx, ...) the batch
  /// pauses. Those jobs are tried again. 1 or more.
  int failures_before_pause = 5;
  /// Codes in an error answer that mean that a quota is used up, beside 402 and a 429 with a Retry-After of
  /// over a minute.
  std::vector<std::string> quota_codes;
  /// How long a batch that paused by itself waits before it tries a job, where no Retry-After says; it
  /// doubles up to a minute. Of a quota without a Retry-After a minute is waited. Longer than 0.
  std::chrono::milliseconds probe_after{2'000};

  /// How the ends of jobs are noticed. The first job waits for the head of the stream of ends, 5 s at most:
  /// where that does not come, pages of runs and GETs serve until it does.
  completions_options waiting;

  /// Of the deployment that is to run the executions; unset: the server's choice. The journal refuses a
  /// resume with another.
  std::optional<std::string> deployment_name;
  std::map<std::string, std::string> custom_tracing_attributes;  ///< added to each trace; by default none
  /// For plugins of the workflow, as they are. The journal refuses a resume with others.
  std::optional<boost::json::object> extensions;

  /// A control serves one batch; another that it is given to is refused. Not used by a report.
  bulk_control control;
  /// Called on the batch's strand about every `progress_every` while it is at work, and once at the end, also
  /// where it ends with an error; not of a report. What it throws is dropped. None is called once the
  /// generator was destroyed, also while its `next()` waits: destroying it on another thread waits for a call
  /// that is under way, so a call must not wait for that thread.
  std::function<void(const bulk_progress&)> on_progress;
  std::chrono::milliseconds progress_every{1'000};  ///< longer than 0
};

}  // namespace mistral::workflows
