// What bulk_run is asked for on its command line.
// Not what follows from it: that is program.hpp.
#pragma once

#include <mistral/workflows/bulk/control.hpp>
#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/bulk/options.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bulk_run {

extern const std::string_view usage;

struct settings {
  settings() = default;

  std::string workflow;
  std::string jobs;   ///< a file of JSONL; "-": standard input
  std::string batch;  ///< at first the name of the file of jobs, without its extension
  std::filesystem::path outcomes;
  std::filesystem::path journal;
  std::string server = "local";  ///< "local", "real" or a URL
  std::string ca_file;
  std::size_t most_in_flight = 100;
  std::size_t most_unacknowledged = 1;
  double starts_per_second = 0;
  std::optional<std::chrono::milliseconds> deadline;
  bool only_start = false;
  mistral::workflows::failure_limit limit;
  mistral::workflows::when_stopping stopping = mistral::workflows::when_stopping::drain;
  mistral::workflows::bulk_begin begin = mistral::workflows::bulk_begin::automatic;
  mistral::workflows::bulk_shard shard;
  std::vector<std::string> quota_codes;
  bool no_wait = false;
  bool help = false;
};

/// Something on the command line or in a file that was given cannot be used; nothing was started.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws usage_error.
settings read_command_line(int count, char** arguments);

}  // namespace bulk_run
