// Ids of traces and spans, as OpenTelemetry writes them. Derived
// from what they name, so they are the same after a restart.
#pragma once

#include "testing/engine/store/state.hpp"
#include "testing/engine/store/store.hpp"

#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// 32 hexadecimal digits; one for an execution and all of its descendants.
std::string trace_id_of(const store& from, const run_state& run);
/// 16 hexadecimal digits: of the run's own span, or of something in it.
std::string span_id_of(const run_state& run, std::string_view part = std::string_view());

}  // namespace mistral::workflows::testing
