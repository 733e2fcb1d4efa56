// The operations of a journal, as statements on its file.
// Not when they are committed: that is writer.hpp, which owns this and calls it on one thread.
#pragma once

#include "bulk/journal_rules.hpp"
#include "journal/sqlite/opening.hpp"

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/journal/sqlite.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::journal_sqlite {

/// What fails throws bulk_core::journal_failure. An operation that is `refused` has
/// written nothing; after any other failure the transaction has to be rolled back.
class store {
 public:
  store(std::filesystem::path file, const sqlite_journal_options& options);
  ~store();
  store(const store&) = delete;
  store& operator=(const store&) = delete;

  journal_state open(const journal_manifest& manifest, journal_begin begin);
  /// What is not committed is gone.
  void close() noexcept;

  /// Fails where another owner has begun, or none.
  void begin();
  /// Fails also where the file is gone by now, and with it what was written.
  void commit();
  void roll_back() noexcept;

  // Between `begin` and `commit`.

  journal_record claim(journal_record wanted);
  void started(const std::string& key, const std::string& run_id, timestamp at, int attempts);
  void done(const std::string& key, const std::string& outcome, bool failed, timestamp at);
  void acknowledge(const std::vector<std::string>& keys);
  std::vector<journal_record> records(std::uint64_t after_position, std::size_t limit,
                                      std::optional<journal_stage> only);
  void finish();

 private:
  struct row;
  struct opened;

  std::filesystem::path file_;
  sqlite_journal_options options_;
  std::unique_ptr<opened> opened_;

  std::optional<row> find(const std::string& key) const;
  row find_to_write(const std::string& key) const;
  void insert(const journal_record& claimed) const;
  void update(const row& changed) const;
  void read_outcome(row& of) const;
};

}  // namespace mistral::workflows::journal_sqlite
