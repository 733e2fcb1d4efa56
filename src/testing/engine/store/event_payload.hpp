// The payload of a stream event, as the API sends it: the event itself and what stands around it.
// Not its storage or its order: the sequence is given.
#pragma once

#include "testing/engine/store/record.hpp"

#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>

#include <cstdint>

namespace mistral::workflows::testing {

boost::json::object make_event_payload(const run_identity& run, const new_event& event, std::int64_t sequence,
                                       clock::time_point at);

}  // namespace mistral::workflows::testing
