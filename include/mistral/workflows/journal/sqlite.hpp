// The journal of a batch in a file of SQLite, on a local disk. Link mistral::workflows_journal_sqlite.
// Not the interface (bulk/journal.hpp), and not for two processes that write at the same time.
#pragma once

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

namespace mistral::workflows {

/// How the file is written. What is out of range is refused by `open_sqlite_journal`.
struct sqlite_journal_options {
  sqlite_journal_options() = default;

  /// How long a commit waits for another program that has the file locked (the shell `sqlite3`, a backup);
  /// then it fails with journal_problem::failed. 0 to 2,147,483,647 ms; 0: not at all.
  std::chrono::milliseconds busy_timeout{5000};
  /// Operations that are committed together, at most; the others wait for the next commit. 1 or more.
  std::size_t most_in_commit = 4096;
};

/// A journal that keeps the file (made where there is none; its folder must be there), `<file>-wal` and
/// `<file>-shm` beside it, and `<file>.lock`, which holds the kernel's lock and the holder's process id: a
/// process that was killed leaves nothing locked. What is durable has been synced to the disk. Nothing is
/// touched before `open`; after `close` it stays closed. Not for a network file system, and not to be carried
/// across a fork.
///
/// Threads:  one of the journal's own does all reading and writing, from the first `open` to the end of
///           `close`, and commits together what has come in meanwhile; signals are blocked in it
/// Lifetime: destroying the last handle waits for what is queued
/// Errors:   invalid_argument - an empty `file`, options out of range
MISTRAL_WORKFLOWS_EXPORT std::shared_ptr<bulk_journal> open_sqlite_journal(
    std::filesystem::path file, const sqlite_journal_options& options = sqlite_journal_options());

}  // namespace mistral::workflows
