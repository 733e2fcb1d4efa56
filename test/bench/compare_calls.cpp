// Calls: the same request by each peer, 1, 64 and 512 in flight.
// Not how they make it: bench_calls, bench_curl and wrk do.
#include "rounds.hpp"

#include <cstdio>
#include <map>
#include <optional>

namespace {

struct sample {
  sample() = default;
  double cpu_us = 0;  // of the client, for each request
  double rate = 0;    // requests per second
  double p50_us = 0, p99_us = 0;
  std::optional<double> allocations;
};

using samples = std::vector<sample>;
using measurement = double sample::*;

double median(const samples& all, measurement what) {
  std::vector<double> values;
  for (const sample& one : all) values.push_back(one.*what);
  return bench::median(std::move(values));
}

double ratio(const samples& one, const samples& other) {
  std::vector<double> ours, theirs;
  for (const sample& each : one) ours.push_back(each.cpu_us);
  for (const sample& each : other) theirs.push_back(each.cpu_us);
  return bench::median_ratio(ours, theirs);
}

sample own_program(const bench::comparison& with, const std::vector<std::string>& command) {
  const bench::measured_run came = bench::run_program(with, command);
  sample out;
  out.cpu_us = came.cpu_seconds * 1e6 / came.number("requests");
  out.rate = came.number("requests") / came.number("seconds");
  out.p50_us = came.number("p50_us");
  out.p99_us = came.number("p99_us");
  if (came.report.contains("allocations_per_call")) out.allocations = came.number("allocations_per_call");
  return out;
}

// "1.25ms" in microseconds.
double wrk_time(const std::string& text) {
  std::size_t used = 0;
  const double value = std::stod(text, &used);
  const std::string unit = text.substr(used);
  return unit == "us" ? value : unit == "ms" ? value * 1e3 : value * 1e6;
}

std::string word_after(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) throw std::runtime_error("wrk did not print \"" + mark + "\"");
  const std::size_t begin = text.find_first_not_of(' ', at + mark.size());
  return text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

// As long for each, and long enough that the connections'
// handshakes are a small part of it; wrk takes whole seconds only.
std::string seconds_at(int in_flight) { return in_flight > 64 ? "4" : "2"; }

sample wrk(const bench::comparison& s, int in_flight) {
  const bench::outcome came = bench::run_on_core(
      s.client_core,
      {"wrk", "-t1", "-c" + std::to_string(in_flight), "-d" + seconds_at(in_flight) + "s", "--latency", "-H",
       "Authorization: Bearer benchmark", "https://localhost:" + s.port + "/v1/workflows/executions/x"});
  const std::string& text = came.output;
  const std::size_t at = text.find(" requests in ");
  if (at == std::string::npos || text.find("Non-2xx") != std::string::npos)
    throw std::runtime_error("wrk: " + text);
  const std::size_t begin = text.find_last_of(" \n", at - 1) + 1;
  sample out;
  out.cpu_us = came.cpu_seconds * 1e6 / std::stod(text.substr(begin, at - begin));
  out.rate = std::stod(word_after(text, "Requests/sec:"));
  out.p50_us = wrk_time(word_after(text, " 50%"));
  out.p99_us = wrk_time(word_after(text, " 99%"));
  return out;
}

std::map<std::string, samples> calls(const bench::comparison& s, int in_flight) {
  const std::vector<std::string> load = {"--port",      s.port,
                                         "--ca",        s.ca_file,
                                         "--seconds",   seconds_at(in_flight),
                                         "--in-flight", std::to_string(in_flight)};
  const auto own = [&](const std::string& program, std::vector<std::string> more) {
    more.insert(more.begin(), program);
    more.insert(more.end(), load.begin(), load.end());
    return own_program(s, more);
  };
  std::map<std::string, samples> out;
  for (int round = 0; round < s.rounds; ++round) {
    out["wrk"].push_back(wrk(s, in_flight));
    out["library"].push_back(own("bench_calls", {"--via", "library"}));
    out["net layer"].push_back(own("bench_calls", {"--via", "net"}));
    out["library, strands"].push_back(own("bench_calls", {"--via", "library", "--single-threaded", "no"}));
    out["Asio and Beast"].push_back(own("bench_calls", {"--via", "beast"}));
    out["libcurl multi"].push_back(own("bench_curl", {}));
  }
  return out;
}

void print_table(int in_flight, const std::map<std::string, samples>& all) {
  std::printf("\n%d in flight         CPU us/request   requests/s   p50 us   p99 us   CPU, wrk = 1\n",
              in_flight);
  for (const auto& [name, rows] : all)
    std::printf("  %-18s %14.2f %12.0f %8.0f %8.0f %14.2f\n", name.c_str(), median(rows, &sample::cpu_us),
                median(rows, &sample::rate), median(rows, &sample::p50_us), median(rows, &sample::p99_us),
                ratio(rows, all.at("wrk")));
  std::fflush(stdout);
}

}  // namespace

void bench::compare_calls(const comparison& with, boost::json::object& report) {
  for (const int in_flight : {1, 64, 512}) {
    const std::map<std::string, samples> all = calls(with, in_flight);
    print_table(in_flight, all);
    const std::string suffix = "_" + std::to_string(in_flight);
    const samples& ours = all.at("library");
    report["cpu_vs_wrk" + suffix] = ratio(ours, all.at("wrk"));
    report["cpu_vs_curl" + suffix] = ratio(ours, all.at("libcurl multi"));
    report["cpu_vs_beast" + suffix] = ratio(ours, all.at("Asio and Beast"));
    report["cpu_vs_wrk_strands" + suffix] = ratio(all.at("library, strands"), all.at("wrk"));
    if (in_flight != 64) continue;
    report["path_overhead"] = ratio(ours, all.at("net layer"));
    std::vector<double> allocations;
    for (const sample& one : ours) {
      if (!one.allocations)
        throw std::runtime_error("no round had the 11,000 calls among which allocations are counted");
      allocations.push_back(*one.allocations);
    }
    report["allocations_per_get"] = median(std::move(allocations));
    std::printf("  allocations for each call of the library: %.2f\n",
                report["allocations_per_get"].as_double());
  }
}
