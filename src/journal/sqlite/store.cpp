#include "journal/sqlite/store.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>
#include <utility>

namespace mistral::workflows::journal_sqlite {

using bulk_core::journal_failure;

namespace {

std::string select_jobs(std::string_view which) {
  return "SELECT id, key, generation, position, input_hash, execution_id, stage, run_id, attempts, queued, "
         "started, "
         "ended, "
         "failed FROM jobs AS job WHERE " +
         std::string(which);
}

constexpr std::string_view latest_of_key =
    "key = ? AND generation BETWEEN ? AND ? ORDER BY generation DESC LIMIT 1";
// ?1 to ?2: the generations that count; ?3: the position before;
// ?4: the stage, or 0. Of a key only the latest record counts.
constexpr std::string_view in_order =
    "position > ?3 AND generation BETWEEN ?1 AND ?2 AND (?4 = 0 OR stage = ?4) AND (?1 = ?2 OR NOT EXISTS "
    "(SELECT 1 "
    "FROM jobs AS later WHERE later.key = job.key AND later.generation > job.generation "
    "AND later.generation <= ?2)) ORDER BY position";
constexpr std::string_view insert_job =
    "INSERT INTO jobs (key, generation, position, input_hash, execution_id, stage, run_id, attempts, queued, "
    "failed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)";
constexpr std::string_view update_job =
    "UPDATE jobs SET stage = ?2, run_id = ?3, attempts = ?4, started = ?5, ended = ?6, failed = ?7 WHERE id "
    "= ?1";

std::int64_t stored(timestamp at) { return at.time_since_epoch().count(); }

std::optional<std::int64_t> stored(const std::optional<timestamp>& at) {
  return at ? std::optional(stored(*at)) : std::nullopt;
}

timestamp as_time(std::int64_t microseconds) { return timestamp(std::chrono::microseconds(microseconds)); }

std::optional<timestamp> as_time(const std::optional<std::int64_t>& microseconds) {
  return microseconds ? std::optional(as_time(*microseconds)) : std::nullopt;
}

std::int64_t clamped(std::uint64_t value) {
  return static_cast<std::int64_t>(
      std::min(value, static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())));
}

}  // namespace

/// A job's record, and its place in the table. Its outcome is read apart.
struct store::row {
  explicit row(const query& from) : id(from.number(0)) {
    record.key = from.text(1);
    record.generation = static_cast<std::uint32_t>(from.number(2));
    record.position = static_cast<std::uint64_t>(from.number(3));
    record.input_hash = from.text(4);
    record.execution_id = from.text(5);
    record.stage = static_cast<journal_stage>(from.number(6));
    record.run_id = from.text(7);
    record.attempts = static_cast<int>(from.number(8));
    record.queued = as_time(from.number(9));
    record.started = as_time(from.number_if_any(10));
    record.ended = as_time(from.number_if_any(11));
    record.failed = from.number(12) != 0;
  }

  std::int64_t id;
  journal_record record;
};

/// What there is while the file is open.
struct store::opened {
  opened(std::filesystem::path path, const sqlite_journal_options& options, const journal_manifest& manifest,
         journal_begin begin)
      : journal(std::move(path), options, manifest, begin) {}

  std::int64_t base() const { return journal.base(); }
  std::int64_t generation() const { return journal.state().generation; }

  opened_file journal;
  statement find{journal.file(), select_jobs(latest_of_key)};
  statement list{journal.file(), select_jobs(in_order)};
  statement insert{journal.file(), insert_job};
  statement update{journal.file(), update_job};
  statement find_outcome{journal.file(), "SELECT outcome FROM outcomes WHERE job = ?"};
  statement insert_outcome{journal.file(), "INSERT INTO outcomes (job, outcome) VALUES (?, ?)"};
};

store::store(std::filesystem::path file, const sqlite_journal_options& options)
    : file_(std::move(file)), options_(options) {}

store::~store() = default;

journal_state store::open(const journal_manifest& manifest, journal_begin begin) {
  if (opened_) throw journal_failure(journal_problem::refused, "the journal is open already");
  opened_ = std::make_unique<opened>(file_, options_, manifest, begin);
  return opened_->journal.state();
}

void store::close() noexcept { opened_.reset(); }

void store::begin() {
  if (!opened_) throw journal_failure(journal_problem::closed, "the journal is not open");
  opened_file& journal = opened_->journal;
  if (journal.file().in_transaction()) roll_back();
  // Who writes takes the lock at once: one that is asked for after a read may be refused without a wait.
  journal.file().run(journal.is_report() ? "BEGIN" : "BEGIN IMMEDIATE");
  if (!journal.is_report()) journal.check_owner();
}

void store::commit() {
  opened_->journal.file().run("COMMIT");
  if (!opened_->journal.is_report()) opened_->journal.check_in_place();
}

void store::roll_back() noexcept {
  if (!opened_ || !opened_->journal.file().in_transaction()) return;
  try {
    opened_->journal.file().run("ROLLBACK");
  } catch (const journal_failure&) {
    // It is still in a transaction then, and the next `begin` tries again, and says so if it fails.
  }
}

journal_record store::claim(journal_record wanted) {
  bulk_core::check_claim(wanted);
  std::optional<row> latest = find(wanted.key);
  const std::uint32_t generation = opened_->journal.state().generation;
  if (!bulk_core::claims_anew(latest ? std::optional(latest->record) : std::nullopt, generation)) {
    read_outcome(*latest);
    latest->record.existed = true;
    return std::move(latest->record);
  }
  if (opened_->journal.is_report()) bulk_core::throw_report_writes();
  wanted.generation = generation;
  wanted.stage = journal_stage::intent;
  wanted.existed = false;
  insert(wanted);
  return wanted;
}

void store::started(const std::string& key, const std::string& run_id, timestamp at, int attempts) {
  row of = find_to_write(key);
  if (bulk_core::apply_started(of.record, run_id, at, attempts)) update(of);
}

void store::done(const std::string& key, const std::string& outcome, bool failed, timestamp at) {
  row of = find_to_write(key);
  if (!bulk_core::apply_done(of.record, outcome, failed, at)) return;
  update(of);
  query(opened_->insert_outcome, of.id, outcome).run();
}

void store::acknowledge(const std::vector<std::string>& keys) {
  if (opened_->journal.is_report()) return;
  for (const std::string& key : keys) {
    std::optional<row> of = find(key);
    if (of && bulk_core::apply_acknowledged(of->record)) update(*of);
  }
}

std::vector<journal_record> store::records(std::uint64_t after_position, std::size_t limit,
                                           std::optional<journal_stage> only) {
  std::vector<journal_record> out;
  if (limit == 0) return out;
  const std::int64_t stage = only ? static_cast<std::int64_t>(*only) : 0;
  query found(opened_->list, opened_->base(), opened_->generation(), clamped(after_position), stage);
  while (found.next()) {
    row one(found);
    if (out.size() >= limit && one.record.position != out.back().position) break;
    read_outcome(one);
    out.push_back(std::move(one.record));
  }
  return out;
}

void store::finish() {
  if (opened_->journal.is_report()) return;
  statement finished(opened_->journal.file(), "UPDATE generations SET finished = 1 WHERE number = ?");
  query(finished, opened_->generation()).run();
}

std::optional<store::row> store::find(const std::string& key) const {
  query found(opened_->find, key, opened_->base(), opened_->generation());
  return found.next() ? std::optional<row>(found) : std::nullopt;
}

store::row store::find_to_write(const std::string& key) const {
  if (opened_->journal.is_report()) bulk_core::throw_report_writes();
  std::optional<row> found = find(key);
  if (!found) bulk_core::throw_no_intent(key);
  return std::move(*found);
}

void store::insert(const journal_record& claimed) const {
  query(opened_->insert, claimed.key, std::int64_t{claimed.generation}, clamped(claimed.position),
        claimed.input_hash, claimed.execution_id, static_cast<std::int64_t>(claimed.stage), claimed.run_id,
        std::int64_t{claimed.attempts}, stored(claimed.queued))
      .run();
}

void store::update(const row& changed) const {
  const journal_record& record = changed.record;
  query(opened_->update, changed.id, static_cast<std::int64_t>(record.stage), record.run_id,
        std::int64_t{record.attempts}, stored(record.started), stored(record.ended),
        std::int64_t{record.failed})
      .run();
}

void store::read_outcome(row& of) const {
  if (of.record.stage < journal_stage::done) return;
  query found(opened_->find_outcome, of.id);
  if (found.next()) of.record.outcome = found.text(0);
}

}  // namespace mistral::workflows::journal_sqlite
