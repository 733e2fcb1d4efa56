#include "testing/engine/traces/metrics.hpp"

#include <boost/json/array.hpp>

#include <chrono>
#include <cstdint>
#include <map>

namespace mistral::workflows::testing {
namespace {

/// A start and what became of it.
struct outcome {
  outcome() = default;

  const run_state* first = nullptr;
  const run_state* last = nullptr;
  bool retried = false;
};

struct mean {
  mean() = default;

  void add(double value) {
    sum += value;
    ++count;
  }
  double value() const { return count == 0 ? 0.0 : sum / static_cast<double>(count); }

  double sum = 0;
  std::int64_t count = 0;
};

template <class Value>
boost::json::object scalar(Value value) {
  boost::json::object metric;
  metric["value"] = value;
  return metric;
}

std::map<std::string, outcome> outcomes_of(const store& from, const std::string& workflow_name) {
  std::map<std::string, outcome> found;
  for (const auto& run : from.runs()) {
    if (run->identity.workflow_name != workflow_name) continue;
    auto& one = found[run->identity.first_run_id];
    if (!one.first) one.first = run.get();
    one.last = run.get();
    one.retried = one.retried || run->attempt > 1;
  }
  return found;
}

boost::json::object over_time(const std::map<std::int64_t, mean>& by_minute) {
  boost::json::array points;
  for (const auto& [minute, latency] : by_minute) {
    boost::json::array point;
    point.push_back(minute * 60'000);
    point.push_back(latency.value());
    points.push_back(std::move(point));
  }
  boost::json::object metric;
  metric["value"] = std::move(points);
  return metric;
}

}  // namespace

boost::json::object make_metrics(const store& from, const std::string& workflow_name,
                                 const metrics_range& range) {
  std::int64_t count = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t retried = 0;
  mean latency;
  std::map<std::int64_t, mean> by_minute;
  for (const auto& [first_run, one] : outcomes_of(from, workflow_name)) {
    if (range.start_time && one.first->start < *range.start_time) continue;
    if (range.end_time && one.first->start > *range.end_time) continue;
    ++count;
    if (one.retried) ++retried;
    auto status = one.last->status;
    if (status == run_status::completed) ++succeeded;
    if (status == run_status::failed || status == run_status::terminated || status == run_status::timed_out)
      ++failed;
    if (!one.last->end) continue;
    auto took = std::chrono::duration<double, std::milli>(*one.last->end - one.first->start).count();
    latency.add(took);
    by_minute[std::chrono::floor<std::chrono::minutes>(*one.last->end).time_since_epoch().count()].add(took);
  }
  boost::json::object metrics;
  metrics["execution_count"] = scalar(count);
  metrics["success_count"] = scalar(succeeded);
  metrics["error_count"] = scalar(failed);
  metrics["average_latency_ms"] = scalar(latency.value());
  metrics["latency_over_time"] = over_time(by_minute);
  metrics["retry_rate"] =
      scalar(count == 0 ? 0.0 : static_cast<double>(retried) / static_cast<double>(count));
  return metrics;
}

}  // namespace mistral::workflows::testing
