// When a journal in SQLite commits, what of it survives a torn
// log, and what its thread does to the program around it.
#include "bulk/journal/journal_fixture.hpp"
#include "journal/sqlite/sqlite_journal.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <signal.h>
#include <unistd.h>

using namespace test;
using wf::journal_begin;
using wf::journal_stage;

namespace {

std::uint64_t commits(const std::shared_ptr<wf::bulk_journal>& journal) {
  return dynamic_cast<const wf::journal_sqlite::sqlite_journal&>(*journal).commits();
}

void claim_at_once(wf::bulk_journal& journal, std::uint64_t first, std::uint64_t count) {
  std::vector<asio::awaitable<wf::journal_record>> claims;
  for (std::uint64_t i = 0; i != count; ++i) claims.push_back(journal.claim(job(first + i)));
  run_all(std::move(claims));
}

/// The file and its log as a crash of the machine may leave them: the log is cut, or a byte of it is another.
class torn_copy {
 public:
  torn_copy(const std::filesystem::path& file, std::string log) {
    std::filesystem::copy_file(file, this->file());
    std::ofstream(this->file().string() + "-wal", std::ios::binary) << log;
  }
  std::filesystem::path file() const { return folder_ / "copy"; }

 private:
  temporary_folder folder_;
};

/// How many jobs are there: 1 to n, or the test fails.
std::uint64_t jobs_in(const std::filesystem::path& file) {
  const auto journal = wf::open_sqlite_journal(file);
  run(journal->open(manifest(), journal_begin::automatic));
  const auto found = all(*journal);
  for (std::size_t i = 0; i != found.size(); ++i) BOOST_TEST(found[i].position == i + 1);
  BOOST_TEST(!run(journal->claim(job(found.size() + 1))).existed);
  return found.size();
}

volatile sig_atomic_t signals_taken = 0;

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_commits)

BOOST_AUTO_TEST_CASE(ten_thousand_claims_at_once_are_a_few_commits) {
  const sqlite_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  claim_at_once(*journal, 1, 10'000);
  BOOST_TEST(all(*journal).size() == 10'000u);
  BOOST_TEST(commits(journal) < 200u);
}

BOOST_AUTO_TEST_CASE(a_commit_holds_no_more_than_it_may) {
  const sqlite_kind store;
  wf::sqlite_journal_options options;
  options.most_in_commit = 3;
  const auto journal = wf::open_sqlite_journal(store.file(), options);
  run(journal->open(manifest(), journal_begin::automatic));
  claim_at_once(*journal, 1, 30);
  BOOST_TEST(commits(journal) >= 10u);
  BOOST_TEST(all(*journal).size() == 30u);
}

BOOST_AUTO_TEST_CASE(one_that_is_refused_does_not_spoil_the_commit_of_others) {
  const sqlite_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  std::vector<asio::awaitable<wf::journal_record>> claims;
  for (const std::uint64_t position : {1, 0, 2, 0, 3}) claims.push_back(journal->claim(job(position)));
  run_all(std::move(claims));
  BOOST_TEST(all(*journal).size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_nobody_waits_for_is_written_by_the_end) {
  const sqlite_kind store;
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    run(journal->claim(job(1)));
    run(journal->started("job-1", "run-1", at_second(0), 1));
  }
  const auto journal = store.journal();
  BOOST_TEST(run(journal->open(manifest(), journal_begin::automatic)).started == 1u);
}

BOOST_AUTO_TEST_CASE(who_waits_is_dropped_with_its_context_and_the_write_is_made) {
  const sqlite_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  for (std::uint64_t position = 1; position != 21; ++position) {
    asio::io_context context;
    asio::co_spawn(context, journal->claim(job(position)), asio::detached);
    context.poll();
  }
  BOOST_TEST(all(*journal).size() == 20u);
}

BOOST_AUTO_TEST_CASE(an_operation_outlives_the_journal) {
  const sqlite_kind store;
  auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  auto claim = journal->claim(job(1));
  journal.reset();
  BOOST_TEST(!run(std::move(claim)).existed);
}

BOOST_AUTO_TEST_CASE(a_torn_log_holds_what_was_committed_before_the_tear) {
  constexpr std::uint64_t jobs = 25;
  const sqlite_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  for (std::uint64_t position = 1; position <= jobs; ++position) run(journal->claim(job(position)));
  std::ifstream in(store.file().string() + "-wal", std::ios::binary);
  const std::string log{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  BOOST_TEST(jobs_in(torn_copy(store.file(), log).file()) == jobs);
  const auto seed = std::random_device()();
  BOOST_TEST_MESSAGE("seed " << seed);
  std::mt19937 random(seed);
  std::uint64_t before = 0;
  for (int cut = 0; cut != 20; ++cut) {
    const std::size_t size = log.size() / 20 * static_cast<std::size_t>(cut) + random() % (log.size() / 20);
    const std::uint64_t there = jobs_in(torn_copy(store.file(), log.substr(0, size)).file());
    BOOST_TEST(there >= before);
    BOOST_TEST(there < jobs);
    before = there;
    std::string other = log;
    other[size] = static_cast<char>(other[size] ^ 0x10);
    BOOST_TEST(jobs_in(torn_copy(store.file(), other).file()) <= jobs);
  }
}

BOOST_AUTO_TEST_CASE(signals_are_left_to_the_threads_of_the_program) {
  const sqlite_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  struct sigaction taking{};
  struct sigaction before{};
  taking.sa_handler = [](int) { signals_taken = signals_taken + 1; };
  ::sigaction(SIGUSR1, &taking, &before);
  sigset_t usr1;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigset_t mask;
  ::pthread_sigmask(SIG_BLOCK, &usr1, &mask);
  ::kill(::getpid(), SIGUSR1);
  run(journal->claim(job(1)));
  sigset_t pending;
  ::sigpending(&pending);
  BOOST_TEST(sigismember(&pending, SIGUSR1) == 1);
  BOOST_TEST(signals_taken == 0);
  int taken = 0;
  ::sigwait(&usr1, &taken);
  ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  ::sigaction(SIGUSR1, &before, nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
