// A run's history as the API shows it: numbered events, with
// a WORKFLOW_TASK_COMPLETED after each thing from outside.
// Not the stream's events, which only a part of the steps have.
#pragma once

#include "testing/engine/store/state.hpp"
#include "testing/engine/store/store.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace mistral::workflows::testing {

/// {"events": [{"event_id", "event_type", "event_time", "attributes"}, ...]}, numbered from 1.
boost::json::value make_history(const store& from, const run_state& run);

/// Calls `each` for every event of the history of a run with these steps with its number,
/// its step, and whether it is the task that the step led to. What the workflow did in
/// answer stands after that task, as its commands: so a reset to a task repeats what it did.
void each_entry(const std::vector<step>& steps,
                const std::function<void(std::int64_t number, std::size_t step, bool is_task)>& each);
/// {"event_type", "event_time", "attributes"} of an event that is no task.
boost::json::object entry_of(const store& from, const step& one);

/// How many steps stand before the reset point `event_id`: the
/// number of a WORKFLOW_TASK_COMPLETED event. Nothing for others.
std::optional<std::size_t> steps_before(const run_state& run, std::int64_t event_id);
/// All numbers that `steps_before` takes.
boost::json::array valid_reset_events(const run_state& run);

}  // namespace mistral::workflows::testing
