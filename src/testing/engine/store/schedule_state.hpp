// What the server remembers of its schedules, and the changes that records of the journal make to it.
// Not what makes them fire: that is scheduler.hpp.
#pragma once

#include "testing/engine/times/overlap.hpp"
#include "testing/engine/times/schedule_times.hpp"

#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::testing {

/// An execution that a schedule started and that has not been seen to end.
struct scheduled_execution {
  scheduled_execution(std::string id, bool is_beside) : execution_id(std::move(id)), beside(is_beside) {}

  std::string execution_id;
  bool beside;  ///< it may run beside others: no later start meets it
};

struct schedule_state {
  schedule_state() = default;

  /// None: no limit.
  std::optional<std::int64_t> remaining() const;
  bool exhausted() const { return remaining() == 0; }
  /// Something runs that a start would meet.
  bool running() const;

  std::string id;
  std::int64_t order = 0;          ///< of creation, growing, never given twice
  schedule_definition definition;  ///< without its id
  std::string workflow_name;
  std::optional<std::string> deployment_name;
  bool paused = false;
  std::optional<std::string> note;
  std::int64_t starts = 0;  ///< made by itself, not by a trigger
  timestamp handled;        ///< what was to start up to this nominal time has been, or never will be
  std::vector<due_start> due;
  std::vector<scheduled_execution> executions;
  std::vector<schedule_recent_execution> recent;  ///< at most `recent_limit`, newest last
  std::shared_ptr<const schedule_times> times;    ///< of `definition`; null if they cannot be known here

  static constexpr std::size_t recent_limit = 10;
};

/// All schedules. The "s" of a record is one change: "id", and what changes:
/// "workflow" (a creation), "removed", "definition", "deployment",
/// "paused", "note", "handled", "due", "started" ("at", "manual", "beside")
/// and "ended" (an execution id).
class schedule_book {
 public:
  /// `started_id`: the execution that the record starts, if it starts one.
  void apply(const boost::json::object& change, const std::string* started_id, clock::time_point at);

  const schedule_state* find(const std::string& id) const;
  const std::map<std::string, schedule_state>& all() const { return all_; }

 private:
  std::map<std::string, schedule_state> all_;
  std::int64_t made_ = 0;
};

boost::json::array to_json(const std::vector<due_start>& due);
std::int64_t to_microseconds(timestamp time);

}  // namespace mistral::workflows::testing
