// Numbers about the executions of a workflow, computed from what ran.
#pragma once

#include "testing/engine/store/store.hpp"

#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::testing {

/// When an execution must have started to be counted; both inclusive.
struct metrics_range {
  metrics_range() = default;

  std::optional<clock::time_point> start_time;
  std::optional<clock::time_point> end_time;
};

/// WorkflowMetrics. An execution is a start and all runs that went
/// on from it, by continue-as-new or reset. Succeeded: COMPLETED;
/// error: FAILED, TERMINATED and TIMED_OUT; latency, in milliseconds: of all that have
/// ended, also over time, as the mean of each minute in which any ended: [milliseconds
/// since 1970, mean]; retry rate: the part that needed another attempt, 0 to 1.
boost::json::object make_metrics(const store& from, const std::string& workflow_name,
                                 const metrics_range& range);

}  // namespace mistral::workflows::testing
