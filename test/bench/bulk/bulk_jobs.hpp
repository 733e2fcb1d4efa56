// The jobs of bench_bulk and crash_bulk, the same for the same seed: how long each runs, and how it ends.
// Not the workflow that they run: that is bulk_server.hpp.
#pragma once

#include <mistral/workflows/bulk/job.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace bulk_bench {

/// Of the execution of a job.
enum class fate { completes, fails, is_terminated };

/// What jobs there are.
struct job_plan {
  job_plan() = default;

  std::uint64_t jobs = 1000;
  std::uint64_t seed = 1;
  std::chrono::milliseconds mean{2000};  ///< of their durations, which are exponential
  double failing = 0.02;
  double terminated = 0.01;        ///< by somebody else
  std::size_t result_size = 1000;  ///< characters

  std::chrono::microseconds duration(std::uint64_t number) const;
  fate fate_of(std::uint64_t number) const;
  /// Jobs are numbered from 0.
  mistral::workflows::bulk_job job(std::uint64_t number) const;
};

std::string key_of(std::uint64_t number);
/// None for what is no key of these jobs.
std::optional<std::uint64_t> number_of(const std::string& key);

}  // namespace bulk_bench
