#include "journal/sqlite/schema.hpp"

#include "bulk/journal_rules.hpp"

#include <string>

namespace mistral::workflows::journal_sqlite {

using bulk_core::journal_failure;

namespace {

// `batch` has one row: what the file is of, and who wrote last.
// Outcomes stand apart, as a job's row is written three times more.
constexpr const char* tables = R"(
CREATE TABLE batch (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  name TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  host TEXT NOT NULL,
  process INTEGER NOT NULL,
  since INTEGER NOT NULL
);
CREATE TABLE generations (
  number INTEGER PRIMARY KEY,
  base INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  workflow TEXT NOT NULL,
  options TEXT NOT NULL,
  source_hash TEXT NOT NULL
);
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  generation INTEGER NOT NULL,
  position INTEGER NOT NULL,
  input_hash TEXT NOT NULL,
  execution_id TEXT NOT NULL,
  stage INTEGER NOT NULL,
  run_id TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  started INTEGER,
  ended INTEGER,
  failed INTEGER NOT NULL,
  UNIQUE (key, generation)
);
CREATE INDEX jobs_by_position ON jobs (position);
CREATE TABLE outcomes (
  job INTEGER PRIMARY KEY REFERENCES jobs (id),
  outcome TEXT NOT NULL
);
)";

}  // namespace

bool is_new(database& file) {
  const std::int64_t application = file.number("PRAGMA application_id");
  const std::int64_t version = file.number("PRAGMA user_version");
  if (application == 0 && version == 0 && file.number("SELECT count(*) FROM sqlite_master") == 0) return true;
  if (application != application_id)
    throw journal_failure(journal_problem::refused, "the file is of another program: its application id is " +
                                                        std::to_string(application) + ", a journal's " +
                                                        std::to_string(application_id));
  if (version != schema_version)
    throw journal_failure(journal_problem::refused, "the journal has version " + std::to_string(version) +
                                                        " of the schema; this library knows version " +
                                                        std::to_string(schema_version));
  return false;
}

void set_durable(database& file) {
  const std::string mode = file.text("PRAGMA journal_mode = WAL");
  if (mode != "wal")
    throw journal_failure(journal_problem::failed, "the file cannot have a write-ahead log (its mode is " +
                                                       mode + "): is it on a local disk?");
  file.run("PRAGMA synchronous = FULL");
  file.run("PRAGMA fullfsync = ON");  // where fsync alone does not reach the disk
}

void create_tables(database& file) {
  file.run(tables);
  file.run("PRAGMA application_id = " + std::to_string(application_id));
  file.run("PRAGMA user_version = " + std::to_string(schema_version));
}

}  // namespace mistral::workflows::journal_sqlite
