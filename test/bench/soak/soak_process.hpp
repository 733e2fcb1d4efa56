// The server of a soak as the client's process sees it:
// started, asked, killed, started again on the same state.
// Not what the server does: that is soak_server.hpp, and soak_calls_server.hpp.
#pragma once

#include <boost/json/object.hpp>

#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace soak {

/// Used by one thread at a time. Errors: std::runtime_error when the process ends by itself.
class server_process {
 public:
  /// Runs this program with `arguments` and with --serve, --seed, --port, --ca-folder
  /// and, if its state is to be kept, --state. The folder is gone with this. Returns
  /// when the server takes connections, which it says by a line "ready PORT".
  server_process(std::vector<std::string> arguments, std::uint64_t seed, bool keeps_state);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  std::string url() const { return "https://localhost:" + std::to_string(port_); }
  std::string ca_file() const { return folder_ + "/ca.pem"; }

  void tell(const std::string& command);
  /// The line of JSON that the server answers to this command.
  boost::json::object ask(const std::string& command);
  boost::json::object counts() { return ask("counts"); }
  /// SIGKILL, and the same again on what is left in the state folder.
  void kill_and_restart();

 private:
  std::vector<std::string> arguments_;
  std::uint64_t seed_;
  bool keeps_state_;
  std::string folder_;
  std::uint16_t port_ = 0;
  pid_t id_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;

  std::vector<std::string> command() const;
  void start();
  void kill() noexcept;
  std::string read_line();
};

}  // namespace soak
