// What documents hold that the parser, or a type of C++, does not take as it stands: integers in the
// notation of fractions, and halves of surrogate pairs. Not what is taken for wrong: the reader says that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// The integer that a JSON number is: 1.0 and 1e3 are integers, as JSON Schema
/// has it, and 1.5 is none. Nothing where it is none, or beyond 64 bits.
std::optional<std::int64_t> whole_number(std::string_view number);

/// The document with U+FFFD in place of each escape that
/// is half of a surrogate pair; empty where there is none.
std::string without_lone_surrogates(std::string_view document);

}  // namespace mistral::workflows::protocol
