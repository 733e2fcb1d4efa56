// The text forms of instants and lengths of time.
// Not a calendar library: UTC in, UTC out.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// `2025-12-17T10:25:07.818693Z` and the like, as RFC 3339 has them: `T` or a space, `Z`,
/// an offset or neither (UTC), any number of digits of fraction (those beyond microseconds
/// are cut), `:60` where it ends a day of UTC (the first second of the next).
/// Nothing for anything else.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<timestamp> parse_timestamp(std::string_view text);
/// The same to the nanosecond; nothing outside 1677 to 2262.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<timestamp_ns> parse_timestamp_ns(std::string_view text);
/// UTC with `Z` and six digits of fraction.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string format_timestamp(timestamp time);

/// ISO 8601: `PT4H`, `P1DT0.5S`, `-PT1M`, `P2W`. Nothing for years and months, which have no fixed length.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<duration> parse_duration(std::string_view text);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string format_duration(duration length);

}  // namespace mistral::workflows::protocol
