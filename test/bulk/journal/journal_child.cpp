#include "bulk/journal/journal_child.hpp"

#include "bulk/journal/journal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {
namespace {

using wf::journal_begin;
using wf::journal_stage;

constexpr int saying = 3;  // the descriptor

void say(const std::string& text) {
  const std::string line = text + "\n";
  if (::write(saying, line.data(), line.size()) < 0) ::_exit(9);
}

void wait_for_the_parent() {
  char byte{};
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

/// Holds the journal until the parent lets go.
void hold(const std::string& file) {
  const auto journal = wf::open_sqlite_journal(file);
  run(journal->open(manifest(), journal_begin::automatic));
  say("open");
  wait_for_the_parent();
}

/// Takes one job after the other as far as it goes, and says what it was promised.
asio::awaitable<void> work_off(std::shared_ptr<wf::bulk_journal> journal, std::string life,
                               std::uint64_t& next, std::uint64_t last) {
  while (next <= last) {
    const std::uint64_t position = next++;
    const std::string number = std::to_string(position);
    wf::journal_record record = co_await journal->claim(job(position));
    say("claimed " + number);
    if (record.stage == journal_stage::acknowledged) continue;
    if (record.stage == journal_stage::intent) co_await journal->started(record.key, "run", at_second(1), 1);
    if (record.stage < journal_stage::done) {
      co_await journal->done(record.key, life, false, at_second(2));
      say("done " + number);
    }
    std::vector<std::string> keys(1, record.key);
    co_await journal->acknowledge(std::move(keys));
  }
}

void work(const std::string& file, const std::string& life, const std::string& jobs) {
  const auto journal = wf::open_sqlite_journal(file);
  run(journal->open(manifest(), journal_begin::automatic));
  say("open");
  asio::io_context context;
  std::uint64_t next = 1;
  for (int worker = 0; worker != 8; ++worker)
    asio::co_spawn(context, work_off(journal, life, next, std::stoull(jobs)), asio::detached);
  context.run();
  run(journal->finish());
  run(journal->close());
  say("finished");
}

void let_files_grow_to(rlim_t size) {
  struct rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = std::min(size, limit.rlim_max);
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

/// Writes until no file may grow, then goes on.
void fill(const std::string& file) {
  const auto journal = wf::open_sqlite_journal(file);
  run(journal->open(manifest(), journal_begin::automatic));
  let_files_grow_to(400'000);
  std::uint64_t position = 1;
  trouble told;
  while ((told = trouble_of(journal->claim(job(position)))).what.empty()) ++position;
  run(journal->started("job-1", "run", at_second(1), 1));
  const trouble again = trouble_of(journal->claim(job(position)));
  say(std::string(told.problem == again.problem && told.problem == wf::journal_problem::failed ? "full after "
                                                                                               : "? ") +
      std::to_string(position - 1));
  let_files_grow_to(RLIM_INFINITY);
  say(run(journal->claim(job(position))).existed ? "there" : "goes on");
  run(journal->close());
}

/// Opens a journal with no more rights than a user has.
void open_as_user(const std::string& file) {
  if (::geteuid() == 0 && ::seteuid(65534) != 0) return say("cannot be a user");
  const trouble told = trouble_of(wf::open_sqlite_journal(file)->open(manifest(), journal_begin::automatic));
  say((told.problem == wf::journal_problem::failed ? "failed: " : "") + told.what);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

journal_child::journal_child(std::string_view role, const std::filesystem::path& file,
                             const std::vector<std::string>& more) {
  std::vector<std::string> words = {"/proc/self/exe",
                                    "--run_test=journal_child/plays_its_role",
                                    "--log_level=error",
                                    "--report_level=no",
                                    "--",
                                    std::string(role),
                                    file.string()};
  words.insert(words.end(), more.begin(), more.end());
  const std::vector<char*> arguments = pointers(words);
  std::array<int, 2> out{};
  std::array<int, 2> in{};
  BOOST_REQUIRE(::pipe2(out.data(), O_CLOEXEC) == 0);
  BOOST_REQUIRE(::pipe2(in.data(), O_CLOEXEC) == 0);
  // It does not run far ahead of what is read: it is still at work when it is killed.
  BOOST_REQUIRE(::fcntl(out[1], F_SETPIPE_SZ, 4096) > 0);
  id_ = ::fork();
  BOOST_REQUIRE(id_ >= 0);
  if (id_ == 0) {
    // A descriptor that is its own copy would keep its flag and be closed.
    const int copy = ::fcntl(out[1], F_DUPFD, saying + 1);
    ::dup2(in[0], STDIN_FILENO);
    ::dup2(copy, saying);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(in[0]);
  said_ = out[0];
  alive_ = in[1];
}

journal_child::~journal_child() {
  if (id_ > 0) {
    kill();
    ended();
  }
  ::close(said_);
  ::close(alive_);
}

std::optional<std::string> journal_child::line() {
  while (rest_.find('\n') == std::string::npos) {
    std::array<char, 4096> part{};
    const ssize_t size = ::read(said_, part.data(), part.size());
    if (size <= 0) return std::nullopt;
    rest_.append(part.data(), static_cast<std::size_t>(size));
  }
  const std::size_t end = rest_.find('\n');
  std::string out = rest_.substr(0, end);
  rest_.erase(0, end + 1);
  return out;
}

void journal_child::kill() { ::kill(id_, SIGKILL); }

int journal_child::ended() {
  int status = 0;
  BOOST_TEST(::waitpid(id_, &status, 0) == id_);
  id_ = -1;
  return status;
}

}  // namespace test

BOOST_AUTO_TEST_SUITE(journal_child)

// What a child is, not a test: it runs where it is named alone.
BOOST_AUTO_TEST_CASE(plays_its_role, *boost::unit_test::disabled()) {
  const auto& suite = boost::unit_test::framework::master_test_suite();
  const std::vector<std::string> words(suite.argv + 1, suite.argv + suite.argc);
  BOOST_REQUIRE(words.size() >= 2u);
  if (words[0] == "hold") test::hold(words[1]);
  if (words[0] == "work") test::work(words.at(1), words.at(2), words.at(3));
  if (words[0] == "fill") test::fill(words[1]);
  if (words[0] == "user") test::open_as_user(words[1]);
}

BOOST_AUTO_TEST_SUITE_END()
