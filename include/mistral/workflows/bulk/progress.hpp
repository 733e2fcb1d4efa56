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

enum class bulk_phase {
  preparing,  ///< the journal is opened, pages of earlier runs are read, or nobody has called `next()`
  running,
  paused,    ///< nothing is started; `bulk_progress::paused_because` says why
  stopping,  ///< nothing more is started, what runs is dealt with
  over,
};

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

  bulk_phase phase = bulk_phase::preparing;
  std::string paused_because;  ///< in words; empty unless paused
  bool paused_for_quota = false;

  std::uint64_t taken = 0;     ///< jobs that the source has given, of this shard
  std::uint64_t queued = 0;    ///< of those: not yet being started
  std::uint64_t starting = 0;  ///< a request to start them is under way
  std::uint64_t running = 0;
  std::uint64_t done = 0;             ///< outcomes made, in this run of the program
  std::uint64_t handed_out = 0;       ///< outcomes that `next()` has returned
  std::uint64_t found = 0;            ///< of done: ended in an earlier run of the program
  bool source_ended = false;          ///< `taken` grows no more
  std::optional<std::uint64_t> jobs;  ///< how many there are, where the source knows or has ended

  /// Outcomes by status.
  std::uint64_t count(bulk_status status) const noexcept {
    return by_status[static_cast<std::size_t>(status)];
  }
  std::array<std::uint64_t, 11> by_status{};
  /// Outcomes that are failures (`is_failure`).
  std::uint64_t failures() const noexcept;

  double starts_per_second = 0;       ///< lately: a mean over the last ten seconds or so
  double ends_per_second = 0;         ///< likewise
  double mean_starts_per_second = 0;  ///< since the first start
  double mean_ends_per_second = 0;
  double rate_limit = 0;  ///< starts per second that the batch allows itself now; 0: no limit is known
  std::size_t starts_at_once = 0;  ///< requests to start that may be under way together now
  std::uint64_t throttled = 0;     ///< answers 429, and starts that the client held back because of one

  std::chrono::milliseconds elapsed{0};
  std::optional<std::chrono::milliseconds> remaining;  ///< an estimate, where `jobs` is known and jobs end

  /// Why the last pass over the runs, which finds executions that were started twice, could not be made; else
  /// empty.
  std::string unchecked;
};

}  // namespace mistral::workflows
