// Memory: what an idle connection and an open stream keep resident.
// Not time: one run says it, as nothing disturbs it.
#include "rounds.hpp"

#include <cstdio>

void bench::compare_memory(const comparison& with, boost::json::object& report) {
  const measured_run idle = run_program(with, {"bench_idle", "--connections", "2000"});
  const measured_run open = run_program(with, {"bench_idle", "--streams", "1000"});
  const double idle_kb = idle.number("idle_kb_per_connection"), stream_kb = open.number("kb_per_open_stream");
  std::printf("\nresident memory                          KB each\n");
  std::printf("  idle pooled TLS connection (%4.0f) %14.1f\n", idle.number("connections"), idle_kb);
  std::printf("  open event stream over TLS (%4.0f) %14.1f\n", open.number("streams"), stream_kb);
  std::fflush(stdout);
  report["idle_kb_per_connection"] = idle_kb;
  report["kb_per_open_stream"] = stream_kb;
}
