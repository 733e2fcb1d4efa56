// HTTP's notations of a time in headers: the Date format, Retry-After, which is that or seconds, and Age.
// Not the API's own timestamps (json/date_time.hpp).
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace mistral::workflows::protocol {

/// "Sun, 06 Nov 1994 08:49:37 GMT", or one of the two older notations of RFC
/// 9110, 5.6.7: "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994".
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::chrono::sys_seconds> parse_http_date(
    std::string_view text);

/// What is asked for beyond that is as long: any clock can add it.
inline constexpr std::chrono::milliseconds longest_retry_after = std::chrono::hours(24 * 365 * 100);

/// The wait that a Retry-After header asks for; a date is taken relative to `now`,
/// and the past is no wait. Nothing if it is neither a number of seconds nor a date.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view text, std::chrono::sys_seconds now);

/// Of a header Age, 2^31 seconds at most (RFC 9111, 1.2.2); what is no number of seconds counts as none.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::chrono::seconds parse_age(std::string_view text);

}  // namespace mistral::workflows::protocol
