// What a run did, as spans and events of a trace, made from its history.
// Not how answers show them: see trace_views.hpp.
#pragma once

#include "testing/engine/store/state.hpp"
#include "testing/engine/store/store.hpp"

#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::testing {

/// Over which time an event stretches, and how it went.
struct trace_progress {
  trace_progress() = default;

  std::string status = "RUNNING";  ///< "RUNNING", "COMPLETED", "FAILED"
  clock::time_point start;
  std::optional<clock::time_point> end;
  std::optional<std::string> error;
};

struct trace_event {
  trace_event() = default;

  std::string name;
  std::string id;  ///< of a task or an activity its id; else the number in the history
  clock::time_point at;
  boost::json::object
      attributes;  ///< scalars and arrays; what is an object in the history stands as JSON text
  bool internal = false;
  std::optional<trace_progress> progress;  ///< of tasks and activities
};

struct trace_span {
  trace_span() = default;

  std::string id;
  std::optional<std::string> parent_id;
  std::string name;
  bool of_run = false;  ///< else of an activity or a task
  clock::time_point start;
  std::optional<clock::time_point> end;
  boost::json::object attributes;
  std::vector<trace_event> events;
  std::vector<trace_span> children;
};

/// The events in their order. Merged: those of one id are one event, with all attributes and the last state.
std::vector<trace_event> make_trace_events(const store& from, const run_state& run, bool merge_same_id,
                                           bool include_internal);
/// The run's span, with its tasks, activities and children.
trace_span make_trace_span(const store& from, const run_state& run);

}  // namespace mistral::workflows::testing
