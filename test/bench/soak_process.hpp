// The server of soak_streams as the client's process sees it: started, asked, killed, started again on the same state.
// Not what the server does: that is soak_server.hpp.
#pragma once

#include "soak_settings.hpp"

#include <boost/json/object.hpp>

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace soak {

/// Used by one thread at a time. Errors: std::runtime_error when the process ends by itself.
class server_process {
 public:
  /// Returns when it takes connections. With faults its state is kept in a folder, which is gone with this.
  explicit server_process(const settings& wanted);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  std::string url() const { return "https://localhost:" + std::to_string(wanted_.port); }
  std::string ca_file() const { return wanted_.ca_folder + "/ca.pem"; }

  void tell(const std::string& command);
  boost::json::object counts();
  /// SIGKILL, and the same again on what is left in the state folder.
  void kill_and_restart();

 private:
  settings wanted_;
  pid_t id_ = 0;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;

  void start();
  void kill() noexcept;
  std::string read_line();
};

}  // namespace soak
