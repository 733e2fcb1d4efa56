// The file of outcomes: lines of JSON, each outcome once, also across runs of the program that were killed.
// Not the journal: lines that a power cut took are made again by --report.
#pragma once

#include <mistral/workflows/bulk/outcome.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>

namespace bulk_run {

/// Throws usage_error where the file cannot be used, std::system_error where it cannot be written any more.
class outcome_file {
 public:
  /// Reads what is there; a last line that was not written to its end is cut off.
  explicit outcome_file(const std::filesystem::path& name);
  ~outcome_file();
  outcome_file(const outcome_file&) = delete;
  outcome_file& operator=(const outcome_file&) = delete;

  /// False: it is there already. The line is with the system when
  /// this returns, so that the end of the process does not take it.
  bool add(const mistral::workflows::bulk_outcome& outcome);
  /// Onto the disk.
  void sync();

  /// Of the jobs in the file, by their last lines; those whose executions the service has forgotten among
  /// them.
  std::uint64_t failures() const { return failures_; }

 private:
  bool note(const mistral::workflows::bulk_outcome& outcome);
  std::uint64_t read(const std::string& text, const std::string& name);

  int file_ = -1;
  std::unordered_map<std::string, bool> forgotten_;  // by execution id
  std::unordered_map<std::string, bool> failed_;     // by key
  std::uint64_t failures_ = 0;
};

}  // namespace bulk_run
