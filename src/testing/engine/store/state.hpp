// What the server remembers: runs with their steps, executions with their runs, events with their sequence.
// Not what runs: coroutines, timers and waiting callers are in workflow_run.hpp and engine_core.hpp.
#pragma once

#include "testing/engine/store/record.hpp"

#include <mistral/workflows/testing/clock.hpp>

#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::testing {

enum class run_status : std::uint8_t {
  running,
  completed,
  failed,
  canceled,
  terminated,
  continued_as_new,
  timed_out,
  retrying_after_error
};

/// "RUNNING", ...
std::string_view to_text(run_status status);
run_status run_status_from(std::string_view text);
bool is_over(run_status status);

constexpr std::int64_t no_event = 0;

/// One thing that happened to a run or that it did.
struct step {
  step() = default;

  record_kind kind = record_kind::start;
  clock::time_point at;
  std::int64_t event = no_event;  ///< the sequence of the event that came with it
  std::string data;               ///< the record's own members as JSON text; empty: none
};

/// What a run has done and has before it.
struct run_work {
  run_work() = default;

  std::vector<step> steps;
  std::size_t attempt_begin = 0;    ///< where the steps of the present attempt begin
  std::deque<std::string> backlog;  ///< signals and updates that a reset or continue-as-new left to hand over
  std::vector<std::string> children;          ///< run ids of those it started, in this attempt
  std::optional<clock::time_point> retry_at;  ///< while retrying_after_error
  std::map<std::string, std::string> search_keys;
};

/// One run. Values are kept as JSON text: a server holds many more runs than it looks into.
/// Once it is over and nobody works on it any more, what it did is packed (event_text.hpp).
struct run_state {
  run_state();
  ~run_state();
  run_state(const run_state&) = delete;
  run_state& operator=(const run_state&) = delete;

  bool over() const { return is_over(status); }

  /// To be changed; what was packed is unpacked for good.
  run_work& work();
  /// To be looked at, as long as the run is not changed; a copy where it is packed.
  std::shared_ptr<const run_work> look() const;
  /// Requires: over. No reference into `work` is used any more.
  void pack();

  run_identity identity;
  std::size_t order = 0;  ///< among all runs, 0-based
  run_status status = run_status::running;
  bool outlives_parent = true;
  bool cancel_requested = false;
  int attempt = 1;
  shared_text input;
  shared_text result;  ///< "null" at first
  shared_text failure;
  clock::time_point start;
  std::optional<clock::time_point> end;
  shared_text tracing;  ///< attributes for the trace, as JSON text; empty: none
  shared_text id_seed;

 private:
  std::unique_ptr<run_work> work_;  // null: packed
  shared_text packed_;
};

/// An id and all that ran under it.
struct execution_state {
  execution_state() = default;

  run_state& latest() const { return *runs.back(); }

  shared_text id;
  boost::container::small_vector<run_state*, 1> runs;  ///< in the order in which they were made; never empty
  boost::container::small_vector<std::int64_t, 2>
      events;  ///< sequences of its own events and its descendants', growing
  /// Sequences of its own log lines, growing.
  const std::vector<std::int64_t>& logs() const;
  void add_log(std::int64_t sequence);

 private:
  std::unique_ptr<std::vector<std::int64_t>> logs_;  // null: none
};

/// A line of a log.
struct stored_log {
  stored_log() = default;

  std::int64_t sequence = 0;  ///< among all lines, 1-based
  clock::time_point at;
  const run_state* run = nullptr;  ///< null: of no run, but of a deployment
  std::string deployment;          ///< its name, if so
  std::string
      data;  ///< {"severity", "message", "attributes"} and, of an activity, {"activity", "task"}, of a worker
             ///< {"worker"}, as JSON text
};

/// Its sequence is its place.
struct stored_event {
  stored_event() = default;

  shared_text type;
  const run_state* run = nullptr;
  shared_text packed;  ///< its payload, see event_text.hpp
};

}  // namespace mistral::workflows::testing
