// Jobs out of lines of JSON, one after the other, and the place of what is none.
// Not kept: a line is gone when its job has been handed over.
#pragma once

#include "bulk_settings.hpp"

#include <mistral/workflows/bulk/job.hpp>

#include <cstdint>
#include <fstream>
#include <istream>
#include <optional>
#include <stdexcept>
#include <string>

namespace bulk_run {

/// What a file of jobs is, known before the first of them is started.
struct checked_jobs {
  checked_jobs() = default;

  std::uint64_t count = 0;
  std::string hash;  ///< of all lines
};

/// A signal has come while the next line was awaited: what the lines behind it say is not known.
class reading_interrupted : public std::runtime_error {
 public:
  reading_interrupted() : std::runtime_error("a signal has interrupted the reading of jobs") {}
};

/// A file, or standard input.
class job_file {
 public:
  /// Throws usage_error where it cannot be opened.
  explicit job_file(const std::string& name);

  /// Empty lines are passed over. Throws usage_error "NAME:LINE:COLUMN: why" for what is no job.
  std::optional<mistral::workflows::bulk_job> next();
  /// The line of the job that was handed over last.
  const std::string& line() const { return line_; }

 private:
  std::istream& in();

  std::string name_;
  std::ifstream file_;
  std::uint64_t number_ = 0;
  std::string line_;
};

/// Reads the whole file. Throws usage_error.
checked_jobs check_jobs(const std::string& name);

}  // namespace bulk_run
