#include "journal/sqlite/opening.hpp"

#include "journal/sqlite/schema.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mistral::workflows::journal_sqlite {

using bulk_core::generation_kind;
using bulk_core::journal_failure;
using bulk_core::journal_generation;
using bulk_core::journal_opening;
using bulk_core::opening_of;

namespace {

constexpr int most_links = 40;  // as Linux follows

std::filesystem::path beside(std::filesystem::path file, const char* suffix) { return file += suffix; }

// What cannot be without a file is refused before one is made.
std::filesystem::path checked(std::filesystem::path file, const journal_manifest& manifest,
                              journal_begin begin) {
  // One lock, whichever link leads to it, also to a file that is still to be made.
  file = std::filesystem::absolute(file);
  for (int links = 0; links < most_links && std::filesystem::is_symlink(file); ++links)
    file = file.parent_path() / std::filesystem::read_symlink(file);
  file = std::filesystem::weakly_canonical(file);
  if (!std::filesystem::exists(file)) opening_of(std::nullopt, manifest, begin);
  return file;
}

std::unique_ptr<lock_file> locked(const std::filesystem::path& file, bool report) {
  return report ? nullptr : std::make_unique<lock_file>(beside(file, ".lock"));
}

/// 0 where there is none.
ino_t inode_of(const std::filesystem::path& file) noexcept {
  struct stat status{};
  return ::stat(file.c_str(), &status) == 0 ? status.st_ino : 0;
}

// SQLite syncs the folder for its log; the file's own name has to last too.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && (::fsync(descriptor) == 0 || errno == EINVAL);
  const int reason = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced)
    throw journal_failure(journal_problem::failed,
                          "syncing " + folder.string() + ": " + std::strerror(reason));
}

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::int64_t now_in_microseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

opened_file::opened_file(std::filesystem::path file, const sqlite_journal_options& options,
                         const journal_manifest& manifest, journal_begin begin)
    : path_(checked(std::move(file), manifest, begin)),
      report_(begin == journal_begin::report),
      lock_(locked(path_, report_)),
      file_(path_, report_ ? database::access::existing : database::access::create) {
  file_.set_busy_timeout(static_cast<int>(options.busy_timeout.count()));
  if (report_)
    read_for_report(manifest);
  else
    take_over(manifest, begin);
}

opened_file::~opened_file() = default;

void opened_file::read_for_report(const journal_manifest& manifest) {
  if (is_new(file_)) opening_of(std::nullopt, manifest, journal_begin::report);
  file_.run("PRAGMA query_only = ON");
  file_.run("BEGIN");
  tell(opening_of(latest(), manifest, journal_begin::report));
  state_.epoch = static_cast<std::uint64_t>(file_.number("SELECT epoch FROM batch"));
  file_.run("COMMIT");
}

void opened_file::take_over(const journal_manifest& manifest, journal_begin begin) {
  const bool fresh = is_new(file_);
  set_durable(file_);
  file_.run("BEGIN IMMEDIATE");
  if (fresh) create_tables(file_);
  const journal_opening opening = opening_of(fresh ? std::nullopt : latest(), manifest, begin);
  if (!opening.resumed) write_generation(opening.generation);
  write_owner(manifest.batch);
  tell(opening);
  file_.run("COMMIT");
  if (fresh) sync_folder(path_.parent_path());
  log_ = inode_of(beside(path_, "-wal"));
}

std::optional<journal_generation> opened_file::latest() {
  statement asked(
      file_,
      "SELECT number, base, kind, finished, workflow, options, source_hash, name FROM generations, batch "
      "ORDER BY number DESC LIMIT 1");
  query found(asked);
  if (!found.next()) return std::nullopt;
  journal_generation out;
  out.number = static_cast<std::uint32_t>(found.number(0));
  out.base = static_cast<std::uint32_t>(found.number(1));
  out.kind = static_cast<generation_kind>(found.number(2));
  out.finished = found.number(3) != 0;
  out.manifest.workflow = found.text(4);
  out.manifest.options = found.text(5);
  out.manifest.source_hash = found.text(6);
  out.manifest.batch = found.text(7);
  return out;
}

void opened_file::write_generation(const journal_generation& begun) {
  statement insert(file_,
                   "INSERT INTO generations (number, base, kind, finished, workflow, options, source_hash) "
                   "VALUES (?, ?, ?, 0, ?, ?, ?)");
  query(insert, std::int64_t{begun.number}, std::int64_t{begun.base}, static_cast<std::int64_t>(begun.kind),
        begun.manifest.workflow, begun.manifest.options, begun.manifest.source_hash)
      .run();
}

void opened_file::write_owner(const std::string& batch) {
  state_.epoch = static_cast<std::uint64_t>(file_.number("SELECT max(epoch) FROM batch")) + 1;
  statement insert(
      file_,
      "INSERT OR REPLACE INTO batch (only, name, epoch, host, process, since) VALUES (1, ?, ?, ?, ?, ?)");
  const std::string host = host_name();
  query(insert, batch, static_cast<std::int64_t>(state_.epoch), host, std::int64_t{::getpid()},
        now_in_microseconds())
      .run();
}

// Of a key that a later generation took up again, only the latest record counts.
void opened_file::tell(const journal_opening& opening) {
  base_ = opening.generation.base;
  state_.generation = opening.generation.number;
  state_.resumed = opening.resumed;
  state_.finished = opening.generation.finished;
  state_.manifest = opening.generation.manifest;
  statement counted(
      file_,
      "SELECT stage, failed, count(*) FROM jobs AS job WHERE generation BETWEEN ?1 AND ?2 AND (?1 = ?2 "
      "OR NOT EXISTS (SELECT 1 FROM jobs AS later WHERE later.key = job.key AND later.generation > "
      "job.generation AND later.generation <= ?2)) GROUP BY stage, failed");
  query row(counted, std::int64_t{base_}, std::int64_t{state_.generation});
  while (row.next())
    bulk_core::count(state_, static_cast<journal_stage>(row.number(0)), row.number(1) != 0,
                     static_cast<std::uint64_t>(row.number(2)));
}

void opened_file::check_owner() {
  statement asked(file_, "SELECT epoch, process, host FROM batch");
  query owner(asked);
  if (!owner.next()) throw journal_failure(journal_problem::failed, "the journal has lost its first row");
  if (static_cast<std::uint64_t>(owner.number(0)) == state_.epoch) return;
  throw journal_failure(journal_problem::taken_over,
                        "taken over by process " + std::to_string(owner.number(1)) + " on " + owner.text(2));
}

void opened_file::check_in_place() const {
  if (file_.moved())
    throw journal_failure(journal_problem::failed, path_.string() + " was removed or replaced");
  if (log_ != 0 && inode_of(beside(path_, "-wal")) != log_)
    throw journal_failure(journal_problem::failed, path_.string() + "-wal was removed or replaced");
}

}  // namespace mistral::workflows::journal_sqlite
