// Text that is UTF-8 whatever it was before, and cut between characters.
// Not a conversion from other encodings.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace mistral::workflows {

/// The same text with U+FFFD in place of each part that is no UTF-8
/// (as Unicode advises: one for each maximal part of a character).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string valid_utf8(std::string_view text);

/// The front of a text, at most so many bytes of it. Of UTF-8, no character is cut.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string_view front_of(std::string_view text, std::size_t most) noexcept;

}  // namespace mistral::workflows
