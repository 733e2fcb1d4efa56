// Takes a secret out of a text that a server sent back, so that no error and no log shows it.
// Not a search for secrets: it knows the one.
#pragma once

#include <mistral/workflows/export.hpp>

#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// Puts "[redacted]" in place of each occurrence of the key in `authorization` ("Bearer KEY"), also where JSON escapes its
/// slashes. Keys of less than 8 characters are no secrets, and their letters are everywhere.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void redact(std::string& text, std::string_view authorization);

}  // namespace mistral::workflows::protocol
