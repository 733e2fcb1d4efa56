// Handshakes: a server that closes after each answer, so that
// each request costs a connection; with and without sessions.
// Not the pool's choice of sessions: that is what is counted.
#include "rounds.hpp"

#include <cstdio>
#include <map>

namespace {

constexpr int in_flight = 16;

struct reconnects {
  std::vector<double> per_cpu_second;
  double made = 0, resumed = 0;  // those that had a connection before them
};

bench::measured_run reconnect(const bench::comparison& with, std::vector<std::string> command,
                              const std::string& port) {
  const std::vector<std::string> load = {"--port",    port, "--ca",        with.ca_file,
                                         "--seconds", "1",  "--in-flight", std::to_string(in_flight)};
  command.insert(command.end(), load.begin(), load.end());
  return bench::run_program(with, command);
}

void add_library(const bench::comparison& with, const std::string& port, reconnects& out) {
  const bench::measured_run came = reconnect(with, {"bench_calls", "--via", "library"}, port);
  const double handshakes = came.number("handshakes");
  if (handshakes < came.number("requests")) throw std::runtime_error("connections were used again");
  out.per_cpu_second.push_back(handshakes / came.cpu_seconds);
  out.made += handshakes - in_flight;
  out.resumed += came.number("resumed");
}

void add_curl(const bench::comparison& with, const std::string& port, reconnects& out) {
  const bench::measured_run came = reconnect(with, {"bench_curl"}, port);
  out.per_cpu_second.push_back(came.number("requests") / came.cpu_seconds);
}

}  // namespace

void bench::compare_handshakes(const comparison& with, boost::json::object& report) {
  reconnects ours, ours_full, curl, curl_full;
  for (int round = 0; round < with.rounds; ++round) {
    add_library(with, with.port_closing, ours);
    add_curl(with, with.port_closing, curl);
    add_library(with, with.port_forgetful, ours_full);
    add_curl(with, with.port_forgetful, curl_full);
  }
  if (ours_full.resumed != 0) throw std::runtime_error("a server without sessions resumed one");
  std::printf(
      "\na connection for each call     resumed/CPU s      full/CPU s   CPU, libcurl = 1 (resumed, full)\n");
  const double resumed = median_ratio(curl.per_cpu_second, ours.per_cpu_second);
  const double full = median_ratio(curl_full.per_cpu_second, ours_full.per_cpu_second);
  std::printf("  %-24s %17.0f %15.0f %18.2f %.2f\n", "library", median(ours.per_cpu_second),
              median(ours_full.per_cpu_second), resumed, full);
  std::printf("  %-24s %17.0f %15.0f\n", "libcurl multi", median(curl.per_cpu_second),
              median(curl_full.per_cpu_second));
  std::printf("  reconnects: %.0f, resumed: %.0f\n", ours.made, ours.resumed);
  std::fflush(stdout);
  report["resumed_share"] = ours.resumed / ours.made;
  report["handshakes_resumed_per_cpu_second"] = median(ours.per_cpu_second);
  report["handshakes_full_per_cpu_second"] = median(ours_full.per_cpu_second);
  report["resumed_handshake_cpu_vs_curl"] = resumed;
  report["full_handshake_cpu_vs_curl"] = full;
}
