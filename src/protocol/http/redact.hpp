// Takes a secret out of what a server sent back, so that no error, no hook and no log shows it.
// Not a search for secrets: it knows them.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// Puts "[redacted]" in place of each occurrence of the keys in `authorization`, each in a line of its
/// own ("Bearer KEY"), those that begin with another before it: as it is, as JSON may escape it, or
/// percent-encoded. Keys of less than 8 characters are no secrets, and their letters are everywhere.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void redact(std::string& text, std::string_view authorization);
/// The same in all texts of a document, the names of members among them.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void redact(boost::json::value& document, std::string_view authorization);

/// Bytes of a server's text that errors show.
inline constexpr std::size_t excerpt_size = 512;

/// What may be shown of a text that a server sent: without the keys, its first part of
/// at most `excerpt_size` bytes, as valid UTF-8 and with control characters as spaces.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string excerpt(std::string_view text,
                                                      std::string_view authorization = std::string_view());

}  // namespace mistral::workflows::protocol
