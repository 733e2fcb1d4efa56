// Identifiers: random ones for what is written down, derived ones for what must come out the same again.
// Not secret: neither kind is for security.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// A new UUID.
std::string random_uuid();
/// The UUID that belongs to these two; always the same.
std::string derived_uuid(std::string_view seed, std::uint64_t number);
/// The same as a number: any of 64 bits.
std::uint64_t derived_number(std::string_view seed, std::uint64_t number);

}  // namespace mistral::workflows::testing
