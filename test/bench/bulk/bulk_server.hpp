// The server's process of bench_bulk and crash_bulk: the workflow that jobs run, somebody who terminates
// some of them, and others of the same workflow whose events are none of the batch's business.
// Not the jobs (bulk_jobs.hpp).
#pragma once

#include <cstdint>
#include <string>

namespace bulk_bench {

struct server_settings {
  server_settings() = default;

  std::uint16_t port = 0;
  std::string ca_folder;
  int foreign_events = 0;  ///< for each job
};

/// Serves until standard input ends. Says "ready PORT", and answers commands, a line each:
///   counts      {"ids", "started_twice", "requests", "foreign_events", ...}: of the batch; the
///   server's own requests are left out done        {"ID": how often it was started, ...} kill
///   PID N  kills that process when the Nth start from now on has been carried out, before its
///   answer; no answer to the command kills       {"kills": how many of these kills were made}
int serve(const server_settings& wanted);

}  // namespace bulk_bench
