// The types of instants and lengths of time in the model.
// Not their text form: that is read and written in src/protocol/json.
#pragma once

#include <chrono>

namespace mistral::workflows {

/// An instant in UTC, to the microsecond, as the API's date-times have it.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// An instant in UTC, to the nanosecond, where the API counts nanoseconds (1677 to 2262).
using timestamp_ns = std::chrono::sys_time<std::chrono::nanoseconds>;

/// An instant in UTC, to the millisecond, where the API counts milliseconds.
using timestamp_ms = std::chrono::sys_time<std::chrono::milliseconds>;

/// A length of time, ISO 8601 on the wire (`PT4H`); years and months have no fixed length and are not taken.
using duration = std::chrono::microseconds;

}  // namespace mistral::workflows
