// How a file is opened as a journal: its lock, its schema, the
// generation that is written from here on, the owner's epoch.
// Not what is written then: that is store.hpp.
#pragma once

#include "bulk/journal_rules.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/lock_file.hpp"

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/journal/sqlite.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include <sys/types.h>

namespace mistral::workflows::journal_sqlite {

/// A file that is open. What fails throws bulk_core::journal_failure.
class opened_file {
 public:
  opened_file(std::filesystem::path file, const sqlite_journal_options& options,
              const journal_manifest& manifest, journal_begin begin);
  ~opened_file();
  opened_file(const opened_file&) = delete;
  opened_file& operator=(const opened_file&) = delete;

  database& file() noexcept { return file_; }
  const journal_state& state() const noexcept { return state_; }
  /// The first generation whose records count.
  std::uint32_t base() const noexcept { return base_; }
  bool is_report() const noexcept { return report_; }

  /// Within a transaction: fails where another owner has begun.
  void check_owner();
  /// Fails where the file, or its log, is no longer where others would look for it.
  void check_in_place() const;

 private:
  std::filesystem::path path_;
  bool report_;
  std::unique_ptr<lock_file> lock_;  // of who writes; let go after the file
  database file_;
  journal_state state_;
  std::uint32_t base_ = 0;
  ino_t log_ = 0;

  std::optional<bulk_core::journal_generation> latest();
  void read_for_report(const journal_manifest& manifest);
  void take_over(const journal_manifest& manifest, journal_begin begin);
  void write_generation(const bulk_core::journal_generation& begun);
  void write_owner(const std::string& batch);
  void tell(const bulk_core::journal_opening& opening);
};

}  // namespace mistral::workflows::journal_sqlite
