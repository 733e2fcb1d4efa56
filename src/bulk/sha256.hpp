// SHA-256 of bytes, OpenSSL's.
// Not a choice of ids or shards: identity.cpp and key_set.cpp make those of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mistral::workflows::bulk_core {

using sha256_digest = std::array<std::uint8_t, 32>;

sha256_digest sha256(std::string_view bytes);

/// The first `digits` hexadecimal digits, lower case.
std::string hex_of(const sha256_digest& digest, std::size_t digits = 64);

/// The `bytes` (at most 8) from `first` on, as a big-endian number.
std::uint64_t number_in(const sha256_digest& digest, std::size_t first, std::size_t bytes);

}  // namespace mistral::workflows::bulk_core
