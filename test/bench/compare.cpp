// Holds this library against its peers: the same load by each,
// in turn, on one pinned core, against a server on another.
// Started by compare.sh, which makes the server. Prints tables,
// and one JSON object as its last line; judges nothing.
#include "measure.hpp"
#include "rounds.hpp"

#include <exception>
#include <iostream>

namespace {

struct part {
  const char* name;
  void (*compare)(const bench::comparison&, boost::json::object&);
};

constexpr part parts[] = {{"calls", bench::compare_calls},
                          {"streams", bench::compare_streams},
                          {"handshakes", bench::compare_handshakes},
                          {"memory", bench::compare_memory},
                          {"json", bench::compare_json}};

}  // namespace

int main(int argc, char** argv) try {
  bench::comparison with;
  with.folder = bench::option(argc, argv, "programs", ".");
  with.ca_file = bench::option(argc, argv, "ca", "");
  with.port = bench::option(argc, argv, "port", "");
  with.port_closing = bench::option(argc, argv, "port-closing", "");
  with.port_forgetful = bench::option(argc, argv, "port-forgetful", "");
  with.stream_path = bench::option(argc, argv, "stream-path", "");
  with.stream_bytes = std::stod(bench::option(argc, argv, "stream-bytes", "0"));
  with.stream_events = std::stoi(bench::option(argc, argv, "stream-events", "0"));
  with.rounds = std::stoi(bench::option(argc, argv, "rounds", "5"));
  with.client_core = std::stoi(bench::option(argc, argv, "core", "1"));
  const std::string only = bench::option(argc, argv, "only", "");
  boost::json::object report;
  for (const part& one : parts)
    if (only.empty() || only == one.name) one.compare(with, report);
  std::printf("\n");
  bench::print(report);
  return 0;
} catch (const std::exception& problem) {
  std::cerr << "compare: " << problem.what() << '\n';
  return 1;
}
