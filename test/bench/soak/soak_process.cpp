#include "soak_process.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

extern char** environ;

namespace soak {

namespace {

std::string new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "soak-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a folder for the server");
  return name;
}

}  // namespace

server_process::server_process(std::vector<std::string> arguments, std::uint64_t seed, bool keeps_state)
    : arguments_(std::move(arguments)), seed_(seed), keeps_state_(keeps_state), folder_(new_folder()) {
  ::signal(SIGPIPE, SIG_IGN);
  start();
}

server_process::~server_process() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::vector<std::string> server_process::command() const {
  std::vector<std::string> words = arguments_;
  words.insert(words.begin(), {"/proc/self/exe", "--serve"});
  const auto add = [&words](const char* flag, const std::string& value) {
    words.emplace_back(flag);
    words.push_back(value);
  };
  add("--seed", std::to_string(seed_));
  add("--port", std::to_string(port_));
  add("--ca-folder", folder_);
  if (keeps_state_) add("--state", folder_ + "/state");
  return words;
}

void server_process::start() {
  std::array<int, 2> in{}, out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0)
    throw std::runtime_error("no pipe");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<std::string> words = command();
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int failed = ::posix_spawn(&id_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  if (failed != 0) throw std::runtime_error("cannot start the server");
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
  const std::string line = read_line();
  if (!line.starts_with("ready ")) throw std::runtime_error("the server says " + line);
  port_ = static_cast<std::uint16_t>(std::stoi(line.substr(6)));
}

void server_process::kill() noexcept {
  if (id_ > 0) {
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  id_ = 0;
  if (to_) std::fclose(to_);
  if (from_) std::fclose(from_);
  to_ = from_ = nullptr;
}

void server_process::kill_and_restart() {
  kill();
  ++seed_;  // else each life would misbehave in the same way
  start();
}

void server_process::tell(const std::string& command) {
  std::fputs((command + "\n").c_str(), to_);
  std::fflush(to_);
}

boost::json::object server_process::ask(const std::string& command) {
  tell(command);
  return boost::json::parse(read_line()).as_object();
}

std::string server_process::read_line() {
  std::string line;
  for (int c = std::fgetc(from_); c != '\n'; c = std::fgetc(from_)) {
    if (c == EOF) throw std::runtime_error("the server's process has ended");
    line += static_cast<char>(c);
  }
  return line;
}

}  // namespace soak
