// HTTP's two notations of a time in headers: the Date format, and Retry-After, which is that or seconds.
// Not the API's own timestamps (json/date_time.hpp).
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace mistral::workflows::protocol {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110's IMF-fixdate; the two obsolete forms are not read).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

/// The wait that a Retry-After header asks for; a date is taken relative to `now`, and the past is no wait. Nothing if it is
/// neither a number of seconds nor a date.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::chrono::milliseconds> parse_retry_after(
    std::string_view text, std::chrono::sys_seconds now);

}  // namespace mistral::workflows::protocol
