// Schedules as the API's answers show them.
// Not their state: see schedule_state.hpp.
#pragma once

#include "testing/engine/store/schedule_state.hpp"

#include <boost/json/object.hpp>

namespace mistral::workflows::testing {

/// ScheduleDefinitionOutput. `next`: the first start to come, none while there is none.
boost::json::object show_schedule(const schedule_state& schedule, std::optional<planned_start> next);

}  // namespace mistral::workflows::testing
