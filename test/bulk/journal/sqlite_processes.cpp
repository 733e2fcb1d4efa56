// A journal in SQLite between processes: who holds it, and what a kill leaves behind.
#include "bulk/journal/journal_child.hpp"
#include "bulk/journal/journal_fixture.hpp"
#include "bulk/journal_rules.hpp"
#include "forked.hpp"
#include "journal/sqlite/lock_file.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace test;
using wf::journal_begin;
using wf::journal_problem;
using wf::journal_stage;

namespace {

bool is_sound(const std::filesystem::path& file) {
  sqlite3* handle = nullptr;
  std::string said;
  const auto hear = [](void* to, int, char** columns, char**) {
    *static_cast<std::string*>(to) += columns[0];
    return 0;
  };
  sqlite3_open(file.c_str(), &handle);
  sqlite3_exec(handle, "PRAGMA integrity_check", hear, &said, nullptr);
  sqlite3_close(handle);
  return said == "ok";
}

/// What the lives before were promised.
class promises {
 public:
  void hear(const std::string& line, const std::string& life) {
    if (line.starts_with("claimed ")) claimed_.insert(std::stoull(line.substr(8)));
    if (line.starts_with("done ")) outcomes_[std::stoull(line.substr(5))] = life;
  }

  void check(const std::filesystem::path& file, std::uint64_t lives) const {
    const auto journal = wf::open_sqlite_journal(file);
    const auto state = run(journal->open(manifest(), journal_begin::report));
    BOOST_TEST(state.epoch <= lives);
    std::map<std::uint64_t, wf::journal_record> there;
    for (auto& record : all(*journal)) {
      BOOST_TEST(record.outcome.empty() == (record.stage < journal_stage::done));
      there.emplace(record.position, record);
    }
    for (const std::uint64_t position : claimed_) BOOST_TEST(there.contains(position));
    for (const auto& [position, outcome] : outcomes_) BOOST_TEST(there[position].outcome == outcome);
    BOOST_TEST(is_sound(file));
  }

  std::size_t done() const { return outcomes_.size(); }

 private:
  std::set<std::uint64_t> claimed_;
  std::map<std::uint64_t, std::string> outcomes_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_processes)

BOOST_AUTO_TEST_CASE(a_journal_is_in_use_whichever_link_leads_to_it) {
  const sqlite_kind store;
  const auto link = std::filesystem::path(store.file()).concat(".link");
  std::filesystem::create_symlink(store.file(), link);  // the file is made by whoever opens it first
  const auto held = wf::open_sqlite_journal(link);
  run(held->open(manifest(), journal_begin::automatic));
  const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::automatic));
  BOOST_TEST(told.problem == journal_problem::in_use);
}

BOOST_AUTO_TEST_CASE(a_second_process_is_told_who_holds_the_journal_and_has_it_when_that_is_killed) {
  const sqlite_kind store;
  journal_child holder("hold", store.file());
  BOOST_REQUIRE(holder.line().value_or("") == "open");
  for (int i = 0; i != 2; ++i) {
    const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::automatic));
    BOOST_TEST(told.problem == journal_problem::in_use);
    BOOST_TEST(told.says("in use by process " + std::to_string(holder.id()) + ","));
  }
  BOOST_TEST(run(store.journal()->open(manifest(), journal_begin::report)).epoch == 1u);
  holder.kill();
  BOOST_TEST(WIFSIGNALED(holder.ended()));
  const auto state = run(store.journal()->open(manifest(), journal_begin::automatic));
  BOOST_TEST(state.epoch == 2u);
  BOOST_TEST(state.resumed);
}

BOOST_AUTO_TEST_CASE(what_was_promised_is_there_after_kills_at_any_moment) {
  constexpr std::uint64_t jobs = 1500;
  constexpr int kills = 12;
  const auto seed = std::random_device()();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  const sqlite_kind store;
  promises made;
  bool finished = false;
  int killed = 0;
  std::uint64_t lives = 0;
  while (!finished) {
    const std::string life = "\"life " + std::to_string(++lives) + "\"";
    journal_child child("work", store.file(), {life, std::to_string(jobs)});
    const std::uint64_t lines = killed < kills ? 1 + random() % 200 : jobs * 3;
    std::optional<std::string> line;
    for (std::uint64_t i = 0; i != lines && (line = child.line()); ++i) {
      finished = finished || line == "finished";
      made.hear(*line, life);
    }
    if (killed < kills) child.kill();
    while ((line = child.line())) {
      finished = finished || line == "finished";
      made.hear(*line, life);
    }
    if (WIFSIGNALED(child.ended())) ++killed;
    made.check(store.file(), lives);
    BOOST_REQUIRE(lives < 50u);
  }
  BOOST_TEST(killed == kills);
  BOOST_TEST(made.done() > 0u);
  const auto state = run(store.journal()->open(manifest(), journal_begin::report));
  BOOST_TEST(state.finished);
  BOOST_TEST(state.acknowledged == jobs);
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_full_fails_and_what_comes_after_goes_on) {
  const sqlite_kind store;
  journal_child child("fill", store.file());
  const auto full = child.line();
  BOOST_REQUIRE(full.has_value());
  BOOST_TEST(full->starts_with("full after "));
  BOOST_TEST(child.line().value_or("") == "goes on");
  const int status = child.ended();
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  const auto journal = store.journal();
  const auto state = run(journal->open(manifest(), journal_begin::automatic));
  BOOST_TEST(state.intents + state.started == std::stoull(full->substr(11)) + 1);
  // It was said while nothing could be written.
  BOOST_TEST(state.started == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_that_may_only_be_read_fails) {
  const sqlite_kind store;
  run(store.journal()->open(manifest(), journal_begin::automatic));
  std::filesystem::remove(store.file().string() + ".lock");
  std::filesystem::permissions(store.file().parent_path(), std::filesystem::perms::all);
  std::filesystem::permissions(store.file(), std::filesystem::perms(0444));
  journal_child child("user", store.file());
  const auto told = child.line();
  BOOST_REQUIRE(told.has_value());
  BOOST_TEST(told->starts_with("failed: "), *told);
  BOOST_TEST(told->find("readonly") != std::string::npos, *told);
}

BOOST_AUTO_TEST_CASE(a_journal_is_not_carried_across_a_fork) {
  const sqlite_kind store;
  auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  const std::string told = told_by_child([&] {
    std::string out = trouble_of(journal->claim(job(1))).what;
    journal.reset();
    try {
      const wf::journal_sqlite::lock_file lock(store.file().string() + ".lock");
    } catch (const wf::bulk_core::journal_failure& failure) {
      out += failure.reason;
    }
    return out;
  });
  BOOST_TEST(told.find("opened before a fork") != std::string::npos, told);
  BOOST_TEST(told.find("in use by process " + std::to_string(::getpid()) + ",") != std::string::npos, told);
  BOOST_TEST(!run(journal->claim(job(1))).existed);
}

BOOST_AUTO_TEST_SUITE_END()
