// Lists with their filters, orders and pages: workflows, registrations, runs and events.
// Not cursors of the stream: those are sequences.
#pragma once

#include "testing/engine/common/requests.hpp"
#include "testing/engine/core/engine_core.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// Tokens name the last item of a page, not a number of items, so what is added meanwhile
/// moves nothing. Those of workflows and registrations are names, and any name marks a
/// place; of runs and events, a token that none of these made is refused with 422.
boost::json::object list_workflows(const engine_core& core, const workflow_filter& filter);
boost::json::object list_runs(const engine_core& core, const run_filter& filter);
boost::json::object list_registrations(const engine_core& core, const registration_filter& filter);
boost::json::object list_events(const engine_core& core, const event_filter& filter, int limit,
                                const std::optional<std::string>& cursor);

/// Whatever the case of the letters: how the searches of deployments and schedules match.
bool begins_with(std::string_view text, std::string_view beginning);

/// A number in a token; anything else is refused with 422.
std::int64_t number_in_token(std::string_view token);

}  // namespace mistral::workflows::testing
