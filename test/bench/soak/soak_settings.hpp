// What soak_streams and soak_calls are asked for, and what
// their two processes share of the system's settings.
// Not what the run found: that is soak_tally.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace soak {

struct settings {
  settings() = default;

  int streams = 200;
  int events = 2000;    ///< of each stream; with a rate that times `seconds`
  double seconds = 60;  ///< over which the events of a stream are spread
  int callers = 256;    ///< of soak_calls
  double rate = 0;      ///< events per second and stream, without any fault; 0: faults, and `events`
  std::uint64_t seed = 1;

  bool steady() const { return rate > 0; }

  // Of the server's process alone.
  bool serve = false;
  std::string ca_folder;               ///< where the certificate to trust is written to
  std::filesystem::path state_folder;  ///< empty: none
  std::uint16_t port = 0;
};

/// For the server's process: what it needs to know of a soak of streams.
std::vector<std::string> server_arguments(const settings& wanted);

/// Throws std::invalid_argument that says which word was not understood.
settings read_command_line(int count, char** arguments);

/// Lets the process open so many files; throws std::runtime_error where the system forbids it.
void allow_files(int count);
/// Where there are two cores or more: this thread, and those that it starts, run on core `number` alone.
void stay_on_core(int number);

/// User and system time of this process.
double cpu_seconds();
/// The most memory that this process has had resident, in KB.
std::int64_t max_rss_kb();

}  // namespace soak
