// UUIDs: version 7 from a time and random bits, and the check of one that a caller gave.
// No clock and no randomness of its own.
#pragma once

#include <mistral/workflows/export.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// RFC 9562 version 7: 48 bits of Unix milliseconds, then random bits (74 of the 80 given are used).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string make_uuid_v7(std::uint64_t unix_ms,
                                                           const std::array<std::uint8_t, 10>& random);

/// Whether `text` is 8-4-4-4-12 hexadecimal digits.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_uuid(std::string_view text) noexcept;

/// Whether two texts are the same UUID: case does not matter (RFC 9562, 4).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool same_uuid(std::string_view a, std::string_view b) noexcept;

/// Whether two texts are the id of the same run: run ids are UUIDs, and one that is none is itself alone.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool same_run_id(std::string_view a, std::string_view b) noexcept;

}  // namespace mistral::workflows::protocol
