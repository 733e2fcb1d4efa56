// Holds this library against its peers: the same load by each, in turn, on one pinned core, against a server on another.
// Started by compare.sh, which makes the server. Prints a table, and one JSON object as its last line; judges nothing.
#include "child.hpp"
#include "measure.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <optional>

namespace json = boost::json;

namespace {

constexpr int client_core = 1;

struct settings {
  settings() = default;
  std::string folder, port, ca_file;
  int rounds = 5;
  std::string seconds = "1.5";
};

struct sample {
  sample() = default;
  double cpu_us = 0;  // of the client, for each request
  double rate = 0;    // requests per second
  double p50_us = 0, p99_us = 0;
  std::optional<double> allocations;
};

using samples = std::vector<sample>;
using measurement = double sample::*;

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double median(const samples& all, measurement what) {
  std::vector<double> values;
  for (const sample& one : all) values.push_back(one.*what);
  return median(std::move(values));
}

// Of the ratios round by round: what disturbs a round disturbs both.
double ratio(const samples& one, const samples& other) {
  std::vector<double> values;
  for (std::size_t i = 0; i < std::min(one.size(), other.size()); ++i)
    values.push_back(one[i].cpu_us / other[i].cpu_us);
  return median(std::move(values));
}

json::object last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of('\n');
  const std::size_t begin = output.find_last_of('\n', end);
  return json::parse(output.substr(begin == std::string::npos ? 0 : begin + 1)).as_object();
}

double number(const json::object& from, const char* name) { return from.at(name).to_number<double>(); }

sample own_program(const std::vector<std::string>& command) {
  const bench::outcome came = bench::run_on_core(client_core, command);
  const json::object report = last_line(came.output);
  sample out;
  out.cpu_us = came.cpu_seconds * 1e6 / number(report, "requests");
  out.rate = number(report, "requests") / number(report, "seconds");
  out.p50_us = number(report, "p50_us");
  out.p99_us = number(report, "p99_us");
  if (report.contains("allocations_per_call")) out.allocations = number(report, "allocations_per_call");
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

sample wrk(const settings& s, int in_flight) {
  // wrk takes whole seconds only.
  const bench::outcome came = bench::run_on_core(
      client_core, {"wrk", "-t1", "-c" + std::to_string(in_flight), "-d2s", "--latency", "-H",
                    "Authorization: Bearer benchmark", "https://localhost:" + s.port + "/v1/workflows/executions/x"});
  const std::string& text = came.output;
  const std::size_t at = text.find(" requests in ");
  if (at == std::string::npos || text.find("Non-2xx") != std::string::npos) throw std::runtime_error("wrk: " + text);
  const std::size_t begin = text.find_last_of(" \n", at - 1) + 1;
  sample out;
  out.cpu_us = came.cpu_seconds * 1e6 / std::stod(text.substr(begin, at - begin));
  out.rate = std::stod(word_after(text, "Requests/sec:"));
  out.p50_us = wrk_time(word_after(text, "50%"));
  out.p99_us = wrk_time(word_after(text, "99%"));
  return out;
}

std::map<std::string, samples> calls(const settings& s, int in_flight) {
  const std::vector<std::string> load = {"--port",    s.port,    "--ca",        s.ca_file,
                                         "--seconds", s.seconds, "--in-flight", std::to_string(in_flight)};
  const auto own = [&](const std::string& program, std::vector<std::string> more) {
    more.insert(more.begin(), s.folder + "/" + program);
    more.insert(more.end(), load.begin(), load.end());
    return own_program(more);
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
  std::printf("\n%d in flight         CPU us/request   requests/s   p50 us   p99 us   CPU, wrk = 1\n", in_flight);
  for (const auto& [name, rows] : all)
    std::printf("  %-18s %14.2f %12.0f %8.0f %8.0f %14.2f\n", name.c_str(), median(rows, &sample::cpu_us),
                median(rows, &sample::rate), median(rows, &sample::p50_us), median(rows, &sample::p99_us),
                ratio(rows, all.at("wrk")));
  std::fflush(stdout);
}

void compare_calls(const settings& s, json::object& report) {
  for (const int in_flight : {1, 64, 512}) {
    const std::map<std::string, samples> all = calls(s, in_flight);
    print_table(in_flight, all);
    const std::string suffix = "_" + std::to_string(in_flight);
    const samples& ours = all.at("library");
    report["cpu_vs_wrk" + suffix] = ratio(ours, all.at("wrk"));
    report["cpu_vs_curl" + suffix] = ratio(ours, all.at("libcurl multi"));
    report["cpu_vs_beast" + suffix] = ratio(ours, all.at("Asio and Beast"));
    report["cpu_vs_wrk_strands" + suffix] = ratio(all.at("library, strands"), all.at("wrk"));
    if (in_flight != 64) continue;
    report["path_overhead"] = ratio(ours, all.at("net layer"));
    report["allocations_per_get"] = ours.front().allocations.value_or(std::nan(""));
  }
}

}  // namespace

int main(int argc, char** argv) {
  settings s;
  s.folder = bench::option(argc, argv, "programs", ".");
  s.port = bench::option(argc, argv, "port", "8443");
  s.ca_file = bench::option(argc, argv, "ca", "");
  s.rounds = std::stoi(bench::option(argc, argv, "rounds", "5"));
  try {
    json::object report;
    compare_calls(s, report);
    bench::print(report);
  } catch (const std::exception& e) {
    std::cerr << "compare: " << e.what() << '\n';
    return 1;
  }
}
