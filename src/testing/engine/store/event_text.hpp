// What stored events and the steps of finished runs are kept as: their text without what the run says anyway.
// Not their meaning: every text comes back byte for byte.
#pragma once

#include "testing/engine/store/state.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// The text of something that belongs to the run, packed. Requires
/// for what is to be said of its end: the run knows that end.
std::string pack_of(const run_state& run, std::string_view text);
std::string unpack_of(const run_state& run, std::string_view packed);

/// The whole SSE payload.
std::string payload_of(const stored_event& event);

/// A run's work as one text, and back. What matters only while
/// it goes on (its children, the next attempt) is not kept.
std::string pack_work(const run_state& run, const run_work& work);
run_work unpack_work(const run_state& run, std::string_view packed);

}  // namespace mistral::workflows::testing
