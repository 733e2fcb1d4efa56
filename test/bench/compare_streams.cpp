// Streams: one execution's events from first to last, again and again, by each reader.
// Not how they read: bench_streams does, and bench_curl, which throws the bytes away.
#include "rounds.hpp"

#include <cstdio>
#include <map>

namespace {

struct rates {
  std::vector<double> events;  // per CPU second of the client, round by round
  std::vector<double> bytes;   // of the body
};

std::map<std::string, rates> read_in_turn(const bench::comparison& with) {
  const std::vector<std::string> load = {"--port", with.port, "--ca", with.ca_file, "--seconds", "1"};
  std::map<std::string, rates> out;
  const auto add = [&](const std::string& name, std::vector<std::string> command) {
    command.insert(command.end(), load.begin(), load.end());
    const bench::measured_run came = bench::run_program(with, command);
    const double streams = came.number("requests");
    if (command.front() == "bench_curl" && came.number("bytes") != streams * with.stream_bytes)
      throw std::runtime_error("curl has not read the whole stream");
    out[name].events.push_back(streams * with.stream_events / came.cpu_seconds);
    out[name].bytes.push_back(streams * with.stream_bytes / came.cpu_seconds);
  };
  const std::string events = std::to_string(with.stream_events);
  for (int round = 0; round < 2 * with.rounds; ++round) {
    add("curl to nothing",
        {"bench_curl", "--in-flight", "1", "--discard", "yes", "--path", with.stream_path});
    add("library, raw text", {"bench_streams", "--via", "library-text", "--events", events});
    add("library, typed", {"bench_streams", "--via", "library-typed", "--events", events});
    add("SSE and simdjson", {"bench_streams", "--via", "simdjson", "--events", events});
    add("library, raw text, next()", {"bench_streams", "--via", "next-text", "--events", events});
    add("library, typed, next()", {"bench_streams", "--via", "next-typed", "--events", events});
    add("library, raw text, strands",
        {"bench_streams", "--via", "library-text", "--single-threaded", "no", "--events", events});
  }
  return out;
}

}  // namespace

void bench::compare_streams(const comparison& with, boost::json::object& report) {
  const std::map<std::string, rates> all = read_in_turn(with);
  const rates& curl = all.at("curl to nothing");
  std::printf("\nstream of events of 530 bytes     1000 events/CPU s     MB/CPU s   bytes, curl = 1\n");
  for (const auto& [name, one] : all)
    std::printf("  %-30s %18.0f %12.0f %17.2f\n", name.c_str(), median(one.events) / 1e3,
                median(one.bytes) / 1e6, median_ratio(one.bytes, curl.bytes));
  std::fflush(stdout);
  report["stream_bytes_vs_curl"] = median_ratio(all.at("library, raw text").bytes, curl.bytes);
  report["stream_bytes_vs_curl_next"] = median_ratio(all.at("library, raw text, next()").bytes, curl.bytes);
  report["stream_bytes_vs_curl_strands"] =
      median_ratio(all.at("library, raw text, strands").bytes, curl.bytes);
  report["typed_events_vs_simdjson"] =
      median_ratio(all.at("library, typed").events, all.at("SSE and simdjson").events);
  report["typed_events_vs_simdjson_next"] =
      median_ratio(all.at("library, typed, next()").events, all.at("SSE and simdjson").events);
  report["typed_events_per_cpu_second"] = median(all.at("library, typed").events);
  report["stream_bytes_per_cpu_second"] = median(all.at("library, raw text").bytes);
}
