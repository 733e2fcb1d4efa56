// What the body of an error answer says: the API's JSON, or the first part of whatever a proxy sent.
// Not the exception that it becomes (error.hpp).
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// Bytes of a foreign body that errors show.
inline constexpr std::size_t excerpt_size = 512;

/// The first part of a text, at most `excerpt_size` bytes, with control characters as spaces.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string excerpt(std::string_view body);

/// Fills code, detail, validation and body of `details`; never fails.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_error_body(std::string_view body, api_error_details& details);

}  // namespace mistral::workflows::protocol
