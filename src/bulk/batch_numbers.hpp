// How far a batch is: counters, and rates that cost the same whatever the number of jobs.
// Not the jobs: batch_jobs.hpp.
#pragma once

#include "bulk/batch_facts.hpp"

#include <mistral/workflows/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mistral::workflows::bulk_core {

/// How many a second: now, an exponential mean over about ten seconds, and since the first.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT event_rate {
 public:
  void count(time_point now);
  std::uint64_t total() const noexcept { return total_; }
  /// In the first seconds the mean is over the time since the first.
  double lately(time_point now) const;
  double mean(time_point now) const;

 private:
  std::uint64_t total_ = 0;
  double weight_ = 0;  // of all that was counted, faded to last_
  time_point first_{};
  time_point last_{};
};

/// A snapshot.
class batch_numbers {
 public:
  batch_numbers() = default;

  std::uint64_t taken = 0;   ///< jobs that came, without those that were passed over
  std::size_t queued = 0;    ///< to be started or taken up
  std::size_t starting = 0;  ///< a start is under way
  std::size_t running = 0;
  std::size_t waiting = 0;  ///< outcomes that were not handed out yet
  std::uint64_t done = 0;   ///< outcomes made, `found` included
  std::uint64_t found = 0;  ///< of done: ended in an earlier life of the batch
  std::uint64_t handed_out = 0;
  std::array<std::uint64_t, job_ends> by_end{};  ///< of done, by job_end
  std::uint64_t failures = 0;                    ///< of this life: what the limit of failures counts
  bool source_ended = false;
  std::optional<std::uint64_t> jobs;  ///< of the whole source, where it is known

  double starts_per_second = 0;  ///< lately
  double ends_per_second = 0;    ///< lately
  double mean_starts_per_second = 0;
  double mean_ends_per_second = 0;
  double rate_limit = 0;              ///< 0: none is known
  std::size_t starts_at_once = 0;     ///< what the concurrency governor allows
  std::uint64_t throttled = 0;        ///< 429s
  std::optional<duration> remaining;  ///< an estimate, where `jobs` is known and jobs end
};

}  // namespace mistral::workflows::bulk_core
