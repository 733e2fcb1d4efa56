// A model server: executions whose runs end, are retried, reset and continued, as was planned beforehand.
// Not the hub and not the network: it says what is true at an instant, and which events there are.
#pragma once

#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace hub_model {

namespace wf = mistral::workflows;

/// Microseconds since the beginning of a sequence.
using instant = std::int64_t;
constexpr instant ms = 1'000;
constexpr instant second = 1'000 * ms;

class random_source {
 public:
  explicit random_source(std::uint64_t seed) : engine_(seed) {}

  bool chance(double p) { return uniform() < p; }
  double uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(uniform() * static_cast<double>(limit));
  }
  /// Mostly short, at times long: exponential with this mean.
  instant around(instant mean);
  std::uint64_t number() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

/// The server's clock at an instant.
wf::timestamp server_time(instant at);

struct planned_run {
  std::string execution_id;
  std::string run_id;
  instant start = 0;
  instant end = 0;
  wf::execution_status status = wf::execution_status::completed;
  std::int64_t result = 0;
  std::string failure;
  instant visible = 0;   ///< from when lists show that it has ended
  std::string next_run;  ///< of CONTINUED_AS_NEW
  bool older = false;    ///< of an earlier start under the id
};

struct planned_event {
  instant at = 0;
  std::string execution_id;
  std::string run_id;
  wf::execution_status status = wf::execution_status::completed;
  std::string next_run;
  std::string failure;
  bool whole = true;  ///< the result is in it
  std::int64_t result = 0;
};

/// One execution from its start to its end, with what stood under its id before.
struct plan {
  std::string execution_id;
  std::vector<planned_run> runs;      ///< in order of their starts; all but the older ones are of the chain
  std::vector<planned_event> events;  ///< in order
  std::size_t first = 0;              ///< the run that the start began
  instant begun = 0;

  const planned_run& last() const { return runs.back(); }
  /// The latest run under an id; none before the first.
  const planned_run* latest(const std::string& id, instant at) const;
  const planned_run* run(const std::string& run_id, instant at) const;
};

plan make_plan(random_source& random, std::int64_t number, instant begun);

/// A run as a GET shows it.
wf::execution shown(const planned_run& run, instant at);

}  // namespace hub_model
