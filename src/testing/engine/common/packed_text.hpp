// A text in few bytes, for one who has a list of the words that
// it probably contains: to get it back takes the same list.
// Not compression of just any text: what is neither a word, a UUID, a number nor an instant stays as it is.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/clock.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// At most `most_words`; those beyond are not used. Their places
/// must be the same again, and the text of each that was there.
using word_list = std::span<const std::string_view>;
constexpr std::size_t most_words = 120;

/// `near`: instants (and numbers of nanoseconds) not long
/// after it are the shortest; the same on the way back.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string pack(std::string_view text, word_list words,
                                                   clock::time_point near = {});
/// Requires: made by `pack` with these words.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string unpack(std::string_view packed, word_list words,
                                                     clock::time_point near = {});

/// Numbers as `pack` writes them: seven bits a byte, the lowest first.
void put_number(std::string& out, std::uint64_t number);
/// Takes it off the front.
std::uint64_t take_number(std::string_view& from);

}  // namespace mistral::workflows::testing
