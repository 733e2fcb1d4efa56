// What the parts of the comparison share: programs run in
// turn on the client's core, and medians of what came of it.
// Not what is measured: that is each part's own.
#pragma once

#include "child.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

struct comparison {
  comparison() = default;

  std::string folder;  // of the programs
  std::string ca_file;
  std::string port;            // keeps connections
  std::string port_closing;    // one request for each connection, TLS sessions resumed
  std::string port_forgetful;  // the same, without sessions
  std::string stream_path;
  double stream_bytes = 0;  // of one stream's body
  int stream_events = 0;
  int rounds = 5;
  int client_core = 1;
};

// The parts; each prints its table and adds its keys.
void compare_calls(const comparison& with, boost::json::object& report);
void compare_streams(const comparison& with, boost::json::object& report);
void compare_handshakes(const comparison& with, boost::json::object& report);
void compare_memory(const comparison& with, boost::json::object& report);
void compare_json(const comparison& with, boost::json::object& report);

/// The last line of a program's output and what the program cost. Throws where there is no such line.
struct measured_run {
  measured_run() = default;

  boost::json::object report;
  double cpu_seconds = 0;

  /// Throws where the program did not say.
  double number(const std::string& name) const {
    const auto* const value = report.if_contains(name);
    if (!value || !value->is_number())
      throw std::runtime_error("a program's last line has no number " + name);
    return value->to_number<double>();
  }
};

inline measured_run run_program(const comparison& with, std::vector<std::string> command) {
  command.front() = with.folder + "/" + command.front();
  const outcome came = run_on_core(with.client_core, command);
  const std::size_t end = came.output.find_last_not_of('\n');
  const std::size_t line = came.output.find_last_of('\n', end);
  measured_run out;
  out.report = boost::json::parse(came.output.substr(line == std::string::npos ? 0 : line + 1)).as_object();
  out.cpu_seconds = came.cpu_seconds;
  return out;
}

inline double median(std::vector<double> values) {
  if (values.empty()) throw std::runtime_error("nothing was measured");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Of the ratios round by round: what disturbs a round disturbs both.
inline double median_ratio(const std::vector<double>& one, const std::vector<double>& other) {
  if (one.size() != other.size()) throw std::runtime_error("rounds are missing");
  std::vector<double> values;
  for (std::size_t i = 0; i < one.size(); ++i) values.push_back(one[i] / other[i]);
  return median(std::move(values));
}

}  // namespace bench
