// What the body of an error answer says: the API's JSON, or the first part of whatever a proxy sent.
// Not the exception that it becomes (error.hpp).
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <string_view>

namespace mistral::workflows::protocol {

/// Fills code, detail, validation and body of `details`, all
/// of them without the key in `authorization`; never fails.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_error_body(std::string_view body, std::string_view authorization,
                                                       api_error_details& details);

}  // namespace mistral::workflows::protocol
