// Which coding the body of an answer is in, as its Content-Encoding says.
// Nothing is decoded: requests ask for none.
#pragma once

#include <mistral/workflows/export.hpp>

#include <string_view>

namespace mistral::workflows::protocol {

/// The first coding that a Content-Encoding header names; "identity" is none. Empty where there is none.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string_view first_coding(std::string_view header);

}  // namespace mistral::workflows::protocol
