// The code of an error answer, from what it said.
// Not the codes themselves (error.hpp).
#pragma once

#include <mistral/workflows/error.hpp>

namespace mistral::workflows {

/// By the API's own code where there is one, else by the status.
errc code_of(const api_error_details& details) noexcept;

}  // namespace mistral::workflows
