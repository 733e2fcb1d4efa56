// What becomes of a journal whose file is not what it should be, or no longer there.
#include "bulk/journal/journal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <sqlite3.h>

using namespace test;
using wf::journal_begin;
using wf::journal_problem;

namespace {

/// What another program does to a file, with the SQLite that all use.
void run_sql(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* handle = nullptr;
  BOOST_REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
  const int result = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  BOOST_TEST(result == SQLITE_OK, sqlite3_errmsg(handle));
  sqlite3_close(handle);
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

trouble opening(const std::filesystem::path& file, journal_begin begin = journal_begin::automatic) {
  return trouble_of(wf::open_sqlite_journal(file)->open(manifest(), begin));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_files)

BOOST_AUTO_TEST_CASE(a_file_of_another_program_is_refused_by_name_and_left_as_it_is) {
  const temporary_folder folder;
  const auto file = folder / "photos.db";
  run_sql(file, "PRAGMA application_id = 77; CREATE TABLE photos (name TEXT)");
  const std::string before = bytes_of(file);
  for (const auto begin : {journal_begin::automatic, journal_begin::new_generation, journal_begin::report}) {
    const auto told = opening(file, begin);
    BOOST_TEST(told.problem == journal_problem::refused);
    BOOST_TEST(told.says("the file is of another program: its application id is 77"));
  }
  BOOST_TEST((bytes_of(file) == before));
  BOOST_TEST(!std::filesystem::exists(folder / "photos.db-wal"));
}

BOOST_AUTO_TEST_CASE(a_file_with_tables_and_without_an_application_id_is_of_another_program) {
  const temporary_folder folder;
  run_sql(folder / "photos.db", "CREATE TABLE photos (name TEXT)");
  BOOST_TEST(opening(folder / "photos.db").says("the file is of another program"));
}

BOOST_AUTO_TEST_CASE(a_newer_schema_is_refused_by_number) {
  const sqlite_kind store;
  run(store.journal()->open(manifest(), journal_begin::automatic));
  run_sql(store.file(), "PRAGMA user_version = 2");
  const auto told = opening(store.file());
  BOOST_TEST(told.problem == journal_problem::refused);
  BOOST_TEST(told.says("the journal has version 2 of the schema; this library knows version 1"));
}

BOOST_AUTO_TEST_CASE(what_is_no_database_is_refused) {
  const temporary_folder folder;
  std::ofstream(folder / "notes.txt") << std::string(5000, 'x');
  const auto told = opening(folder / "notes.txt");
  BOOST_TEST(told.problem == journal_problem::refused);
  BOOST_TEST(told.says("not a database"));
  BOOST_TEST((bytes_of(folder / "notes.txt") == std::string(5000, 'x')));
}

BOOST_AUTO_TEST_CASE(an_empty_file_becomes_a_journal) {
  const temporary_folder folder;
  std::ofstream(folder / "batch.journal").flush();
  BOOST_TEST(opening(folder / "batch.journal").what.empty());
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_fails_by_name) {
  const temporary_folder folder;
  const auto told = opening(folder / "no" / "batch.journal");
  BOOST_TEST(told.problem == journal_problem::failed);
  BOOST_TEST(told.failed_code);
  BOOST_TEST(told.says("no/batch.journal"));
  BOOST_TEST(opening(folder.path()).problem == journal_problem::failed);
}

BOOST_AUTO_TEST_CASE(what_was_only_looked_for_is_not_made) {
  const temporary_folder folder;
  for (const auto begin : {journal_begin::report, journal_begin::retry_failed}) {
    BOOST_TEST(opening(folder / "batch.journal", begin).problem == journal_problem::refused);
    BOOST_TEST(std::filesystem::is_empty(folder.path()));
  }
}

BOOST_AUTO_TEST_CASE(a_name_that_means_something_to_sqlite_is_a_name) {
  const temporary_folder folder;
  for (const char* const name : {":memory:", "file:x?mode=memory"}) {
    BOOST_TEST(opening(folder / name).what.empty());
    BOOST_TEST(std::filesystem::exists(folder / name));
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_removed_fails_what_is_written_next) {
  for (const char* const which : {"", "-wal"}) {
    const sqlite_kind store;
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    run(journal->claim(job(1)));
    BOOST_TEST(std::filesystem::remove(store.file().string() + which));
    for (std::uint64_t position = 2; position != 4; ++position) {
      const auto told = trouble_of(journal->claim(job(position)));
      BOOST_TEST(told.problem == journal_problem::failed);
      BOOST_TEST(told.says("was removed or replaced"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_replaced_is_not_the_journal) {
  const sqlite_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  std::filesystem::rename(store.file(), store.file().string() + ".old");
  std::ofstream(store.file()) << "another";
  BOOST_TEST(trouble_of(journal->claim(job(1))).says("was removed or replaced"));
}

BOOST_AUTO_TEST_CASE(another_programs_lock_is_waited_for_and_then_told) {
  const sqlite_kind store;
  wf::sqlite_journal_options options;
  options.busy_timeout = std::chrono::milliseconds(1);
  const auto journal = wf::open_sqlite_journal(store.file(), options);
  run(journal->open(manifest(), journal_begin::automatic));
  sqlite3* other = nullptr;
  BOOST_REQUIRE(sqlite3_open(store.file().c_str(), &other) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  // Nobody waits for it; it is written once it can be.
  run(journal->acknowledge(std::vector<std::string>(1, "nobody's")));
  const auto told = trouble_of(journal->claim(job(1)));
  BOOST_TEST(told.problem == journal_problem::failed);
  BOOST_TEST(told.says("locked"));
  sqlite3_close(other);
  BOOST_TEST(!run(journal->claim(job(1))).existed);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused_before_anything_is_touched) {
  const temporary_folder folder;
  wf::sqlite_journal_options options;
  options.most_in_commit = 0;
  BOOST_CHECK_THROW(wf::open_sqlite_journal(folder / "a", options), wf::invalid_argument);
  options = wf::sqlite_journal_options();
  options.busy_timeout = std::chrono::hours(1'000'000);
  BOOST_CHECK_THROW(wf::open_sqlite_journal(folder / "a", options), wf::invalid_argument);
  BOOST_CHECK_THROW(wf::open_sqlite_journal(std::filesystem::path()), wf::invalid_argument);
  BOOST_TEST(std::filesystem::is_empty(folder.path()));
}

BOOST_AUTO_TEST_SUITE_END()
