// Schedules of an engine that a test drives by hand, and what
// they did, told in minutes since the start of the clock.
// Not HTTP: see http_schedules.cpp.
#pragma once

#include "server/engine/engine_fixture.hpp"

#include <string>
#include <vector>

namespace engine_test {

/// Its input is its result; it takes no time.
wt::workflow_definition echo_workflow();
/// Sleeps 90 s, and ends when it is asked to cancel.
wt::workflow_definition nap_workflow();
/// Fails at once.
wt::workflow_definition broken_workflow();
std::vector<wt::workflow_definition> scheduled_workflows();

/// Creates a schedule from the members of its definition but `input`, which is "in"; answers its id.
std::string schedule(server& on, const std::string& workflow, const std::string& members,
                     const std::string& id = "s");

/// When an instant is: "1" for a minute after the usual start, "1.5" for half a minute later.
std::string minute_of(std::string_view instant);
/// Of the schedule's executions, in the order of their starts: "1" for one that was due and started
/// after a minute, "2>2.5" if it was due earlier than started, then its status: "1 COMPLETED".
strings starts(server& on, const std::string& id = "s");
/// When it is to start next.
strings future(server& on, const std::string& id = "s");

}  // namespace engine_test
