// How far a batch is, as numbers of one moment.
// Not the outcomes: those come from the batch itself.
#pragma once

#include <mistral/workflows/bulk/outcome.hpp>
#include <mistral/workflows/export.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows {

/// What a batch is at.
enum class bulk_phase {
  preparing,  ///< the journal is opened, pages of earlier runs are read, or nobody has called `next()`
  running,    ///< jobs are taken, started and waited for
  paused,     ///< nothing is started; `bulk_progress::paused_because` says why
  stopping,   ///< nothing more is started, what runs is dealt with
  /// The batch has ended, or its generator is gone and its io_context has run since: the numbers are those of
  /// that moment.
  over,
};

/// The enumerator's name; "?" for any other number.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(bulk_phase phase) noexcept;

/// A snapshot. Making one takes the same time whatever the number of jobs.
class MISTRAL_WORKFLOWS_EXPORT bulk_progress {
 public:
  bulk_progress();
  bulk_progress(const bulk_progress&);
  bulk_progress(bulk_progress&&) noexcept;
  bulk_progress& operator=(const bulk_progress&);
  bulk_progress& operator=(bulk_progress&&) noexcept;
  ~bulk_progress();

  bulk_phase phase = bulk_phase::preparing;  ///< before anything is known of the batch: preparing
  std::string paused_because;                ///< in words; empty unless paused
  bool paused_for_quota = false;             ///< the pause waits for a quota (402, `quota_codes`, a long 429)

  std::uint64_t taken = 0;            ///< jobs that the source has given, of this shard
  std::uint64_t queued = 0;           ///< of those: not yet being started
  std::uint64_t starting = 0;         ///< a request to start them is under way
  std::uint64_t running = 0;          ///< started, and waited for
  std::uint64_t done = 0;             ///< jobs with an outcome, `found` ones with them
  std::uint64_t handed_out = 0;       ///< outcomes that `next()` has returned
  std::uint64_t found = 0;            ///< of done: had ended when this run of the program took them
  bool source_ended = false;          ///< `taken` grows no more
  std::optional<std::uint64_t> jobs;  ///< how many there are, where the source knows or has ended

  /// Outcomes by status, of `done`. Requires: an enumerator
  std::uint64_t count(bulk_status status) const noexcept {
    return by_status[static_cast<std::size_t>(status)];
  }
  std::array<std::uint64_t, 11> by_status{};  ///< the same, in the order of bulk_status
  /// Of `done`, those that are failures (`is_failure`).
  std::uint64_t failures() const noexcept;

  double starts_per_second = 0;       ///< lately: a mean over the last ten seconds or so
  double ends_per_second = 0;         ///< likewise
  double mean_starts_per_second = 0;  ///< since the first start
  double mean_ends_per_second = 0;    ///< since the first end
  double rate_limit = 0;  ///< starts per second that the batch allows itself now; 0: no limit is known
  std::size_t starts_at_once = 0;  ///< requests to start that may be under way together now
  /// Answers 429 since the batch began, as of its last start; also those to others who use the client.
  std::uint64_t throttled = 0;

  std::chrono::milliseconds elapsed{0};  ///< since the first `next()`
  /// An estimate: jobs without an outcome by `ends_per_second`. Unset where `jobs` is not known, none has
  /// ended lately, or the batch is paused.
  std::optional<std::chrono::milliseconds> remaining;

  /// Why the last pass over the runs, which finds executions that were started twice, could not be made, or
  /// that fewer executions were listed than had been started; else empty.
  std::string unchecked;
};

}  // namespace mistral::workflows
