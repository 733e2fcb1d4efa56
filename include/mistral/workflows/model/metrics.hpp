// Numbers about the executions of a workflow.
// Not the operation that asks for them: see metrics.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <variant>
#include <vector>

namespace mistral::workflows {

/// A number as it was sent: `3` is an integer, `3.0` is not.
using number = std::variant<std::int64_t, double>;

/// The number as a double; an integer of more than 53 bits is rounded.
inline double to_double(const number& value) {
  return std::visit([](auto v) { return static_cast<double>(v); }, value);
}

/// One number.
struct MISTRAL_WORKFLOWS_EXPORT scalar_metric {
  scalar_metric() = default;

  number value;  ///< what was counted

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const scalar_metric&, const scalar_metric&);
};

/// What was measured at one time; `[timestamp, value]` on the wire.
struct MISTRAL_WORKFLOWS_EXPORT time_series_point {
  time_series_point() = default;

  std::int64_t timestamp = 0;  ///< as the server counts it
  number value;                ///< what was measured

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const time_series_point&, const time_series_point&);
};

/// Numbers over time.
struct MISTRAL_WORKFLOWS_EXPORT time_series_metric {
  time_series_metric() = default;

  std::vector<time_series_point> value;  ///< in the order of time

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const time_series_metric&, const time_series_metric&);
};

/// How the executions of a workflow went, over the time that was asked for.
struct MISTRAL_WORKFLOWS_EXPORT workflow_metrics {
  workflow_metrics() = default;

  scalar_metric execution_count;         ///< all that began
  scalar_metric success_count;           ///< those that completed
  scalar_metric error_count;             ///< those that failed
  scalar_metric average_latency_ms;      ///< milliseconds
  time_series_metric latency_over_time;  ///< milliseconds, by time
  scalar_metric retry_rate;              ///< as the server counts it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_metrics&, const workflow_metrics&);
};

}  // namespace mistral::workflows
