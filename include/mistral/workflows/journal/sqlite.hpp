// The journal of a batch in a file of SQLite: for one process at a time, on a local disk. Link mistral::workflows_journal_sqlite.
// Not the interface (bulk/journal.hpp).
#pragma once

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>

namespace mistral::workflows {

struct sqlite_journal_options {
  sqlite_journal_options() = default;

  /// How long a commit waits for another program that has the file locked (the shell `sqlite3`, a backup).
  std::chrono::milliseconds busy_timeout{5000};
  /// Operations that are committed together, at most; the others wait for the next commit. 1 or more.
  std::size_t most_in_commit = 4096;
};

/// A journal that keeps the file (made where there is none; its folder must be there), `<file>-wal` and `<file>-shm` beside it, and
/// `<file>.lock`, which holds the kernel's lock and the holder's process id: a process that was killed leaves nothing locked.
/// What is durable has been synced to the disk. One thread of the journal's own does all reading and writing, from the first `open`
/// to the end of `close`, and commits together what has come in meanwhile; signals are blocked in it. After `close` it stays
/// closed. Not for a network file system, and not to be carried across a fork. Nothing is touched before `open`. Destroying the
/// last handle waits for what is queued.
/// Errors:   invalid_argument - an empty `file`, options out of range
MISTRAL_WORKFLOWS_EXPORT std::shared_ptr<bulk_journal> open_sqlite_journal(
    std::filesystem::path file, const sqlite_journal_options& options = sqlite_journal_options());

}  // namespace mistral::workflows
