#include "testing/engine/schedules/schedule_views.hpp"

#include "testing/engine/common/json_text.hpp"

#include "protocol/json/encode.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

constexpr std::int64_t future_limit = 10;

}  // namespace

boost::json::object show_schedule(const schedule_state& schedule, std::optional<planned_start> next) {
  mistral::workflows::schedule shown;
  static_cast<schedule_definition&>(shown) = schedule.definition;
  // The answer counts down what the request set.
  shown.max_executions.reset();
  shown.remaining_executions = schedule.remaining();
  shown.schedule_id = schedule.id;
  shown.workflow_name = schedule.workflow_name;
  shown.deployment_name = schedule.deployment_name;
  shown.paused = schedule.paused;
  shown.note = schedule.note;
  shown.recent_executions = schedule.recent;
  const auto count = std::min(future_limit, schedule.remaining().value_or(future_limit));
  for (; next && static_cast<std::int64_t>(shown.future_executions.size()) < count;
       next = schedule.times->next(next->nominal)) {
    schedule_future_execution start;
    start.scheduled_at = next->due;
    shown.future_executions.push_back(start);
  }
  return from_text(protocol::encode(shown, protocol::nulls::write)).as_object();
}

}  // namespace mistral::workflows::testing
