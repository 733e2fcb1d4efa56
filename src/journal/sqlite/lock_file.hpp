// Who holds a journal: the kernel's lock on a file beside it,
// which goes with the process that took it, however that ends.
// Not SQLite's own locks, which last as long as a transaction.
#pragma once

#include <mistral/workflows/export.hpp>

#include <filesystem>

#include <sys/types.h>

namespace mistral::workflows::journal_sqlite {

/// One holder among all processes, and one in this process, for as long as this lives.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT lock_file {
 public:
  /// Makes the file where there is none. Throws bulk_core::journal_failure,
  /// which names the holder's process where it is in use.
  explicit lock_file(const std::filesystem::path& file);
  ~lock_file();
  lock_file(const lock_file&) = delete;
  lock_file& operator=(const lock_file&) = delete;

 private:
  int descriptor_ = -1;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace mistral::workflows::journal_sqlite
