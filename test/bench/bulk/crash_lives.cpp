#include "crash_lives.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

extern char** environ;

namespace bulk_bench {

namespace {

constexpr int report_descriptor = 3;
constexpr std::chrono::seconds longest_life(120);
// A job's way: an intent, a POST, an answer, an outcome, an acknowledgement,
// before and after each, less the one that is the server's.
constexpr double steps_a_job = crash_steps - 1;

struct child {
  child() = default;
  pid_t id = 0;
  int report = -1;
};

child spawn(std::vector<std::string> words, const std::string& log) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0644);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], report_descriptor);
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  child made;
  const int failed = ::posix_spawn(&made.id, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  made.report = ends[0];
  if (failed != 0) throw std::runtime_error("cannot start a controller");
  return made;
}

/// All that it says until its end, which closes the pipe.
std::string listen(const child& from) {
  std::string said;
  const auto limit = std::chrono::steady_clock::now() + longest_life;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(limit - std::chrono::steady_clock::now());
    pollfd waited{from.report, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&waited, 1, static_cast<int>(left.count())) == 0) {
      ::kill(from.id, SIGKILL);
      ::waitpid(from.id, nullptr, 0);
      ::close(from.report);
      throw std::runtime_error("a controller hangs");
    }
    char block[256];
    const ssize_t got = ::read(from.report, block, sizeof block);
    if (got == 0) return said;
    if (got > 0) said.append(block, static_cast<std::size_t>(got));
  }
}

}  // namespace

controller_lives::controller_lives(shared_server& shared, std::vector<std::string> command, std::string log,
                                   int kills, std::uint64_t jobs, std::uint64_t seed)
    : shared_(shared),
      command_(std::move(command)),
      log_(std::move(log)),
      kills_(kills),
      jobs_(jobs),
      random_(seed) {}

crash_tally controller_lives::run() {
  while (tally_.kills < kills_ && one_kill()) {
  }
  if (tally_.last_code < 0) note(live(0, 0), false);
  return tally_;
}

/// So few that there still are jobs for the last life: on average nine tenths
/// of a life's share, and less of few lives, whose mean is less certain.
long controller_lives::steps_to_live() {
  const double share = steps_a_job * static_cast<double>(jobs_) / std::max(1, kills_);
  const auto most = std::max<long>(2, static_cast<long>((kills_ < 50 ? 1.2 : 1.8) * share));
  return std::uniform_int_distribution<long>(1, most)(random_);
}

bool controller_lives::one_kill() {
  // The server kills at every tenth: after a POST.
  const bool by_server = std::uniform_int_distribution<int>(1, static_cast<int>(crash_steps))(random_) == 1;
  const long steps = steps_to_live();
  if (!by_server) {
    note(live(steps, 0), false);
    return tally_.last_code < 0;
  }
  const std::lock_guard turn(shared_.turn);
  note(live(0, static_cast<int>(1 + steps / static_cast<long>(steps_a_job))), true);
  return tally_.last_code < 0;
}

controller_lives::ending controller_lives::live(long at, int kill_at_start) {
  std::vector<std::string> words{"/proc/self/exe", "--control", std::to_string(at)};
  words.insert(words.end(), command_.begin(), command_.end());
  const child process = spawn(std::move(words), log_);
  if (kill_at_start > 0)
    shared_.server.tell("kill " + std::to_string(process.id) + ' ' + std::to_string(kill_at_start));
  ending made;
  made.said = listen(process);
  if (kill_at_start > 0) shared_.server.tell("kill 0 0");
  int status = 0;
  ::waitpid(process.id, &status, 0);
  ::close(process.report);
  made.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
  made.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return made;
}

void controller_lives::note(const ending& ended, bool by_server) {
  tally_.repeated += std::count(ended.said.begin(), ended.said.end(), 'r');
  if (!ended.killed) {
    tally_.last_code = ended.code;
    return;
  }
  ++tally_.kills;
  std::size_t step = static_cast<std::size_t>(crash_step::post_after);
  if (!by_server && !ended.said.empty()) step = static_cast<std::size_t>(ended.said.back() - '0');
  if (step < crash_steps) ++tally_.at[step];
}

}  // namespace bulk_bench
