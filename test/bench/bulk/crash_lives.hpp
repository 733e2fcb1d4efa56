// Lives of a controller, one after the other, each ended by
// SIGKILL at a step that is drawn; the last one is let alone.
// Not what a life does (crash_steps.hpp), nor what became of the jobs (crash_bulk.cpp).
#pragma once

#include "crash_steps.hpp"
#include "soak/soak_process.hpp"

#include <array>
#include <cstdint>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace bulk_bench {

struct crash_tally {
  crash_tally() = default;

  int kills = 0;
  std::int64_t repeated = 0;
  std::array<int, crash_steps> at{};
  int last_code = -1;  ///< of the life that came to its end
};

/// The server, which several controllers' lives tell whom to kill.
struct shared_server {
  explicit shared_server(soak::server_process& the_server) : server(the_server) {}
  soak::server_process& server;
  std::mutex turn;  ///< of him who has armed it, until his life is over
};

class controller_lives {
 public:
  /// `command`: the words of bulk_run. `jobs`: how many it has, of which the number of its steps follows.
  controller_lives(shared_server& shared, std::vector<std::string> command, std::string log, int kills,
                   std::uint64_t jobs, std::uint64_t seed);
  /// Blocks until all is over. Throws std::runtime_error where a life hangs.
  crash_tally run();

 private:
  /// How a life ended; the exit code, or nothing when it was killed.
  struct ending {
    ending() = default;
    bool killed = false;
    int code = 0;
    std::string said;
  };
  ending live(long at, int kill_at_start);
  bool one_kill();
  long steps_to_live();
  void note(const ending& ended, bool by_server);

  shared_server& shared_;
  const std::vector<std::string> command_;
  const std::string log_;
  const int kills_;
  const std::uint64_t jobs_;
  std::mt19937_64 random_;
  crash_tally tally_;
};

}  // namespace bulk_bench
