#include "testing/engine/common/ids.hpp"

#include <cstdio>
#include <random>

namespace mistral::workflows::testing {
namespace {

/// `version`: 4 for random bits, 8 for bits of our own making.
std::string format_uuid(std::uint64_t high, std::uint64_t low, unsigned version) {
  high = (high & ~0xF000ULL) | (std::uint64_t{version} << 12);
  low = (low & 0x3FFFFFFFFFFFFFFFULL) | 0x8000000000000000ULL;
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xFFFF), static_cast<unsigned>(high & 0xFFFF),
                static_cast<unsigned>(low >> 48), static_cast<unsigned long long>(low & 0xFFFFFFFFFFFFULL));
  return text;
}

/// FNV-1a, then the finisher of splitmix64, so that near inputs come out far apart.
std::uint64_t hash(std::string_view text, std::uint64_t number) {
  std::uint64_t value = 0xCBF29CE484222325ULL ^ (number * 0x9E3779B97F4A7C15ULL);
  for (char byte : text) value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
  return value ^ value >> 31;
}

}  // namespace

std::string random_uuid() {
  thread_local std::mt19937_64 source = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device(), device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return format_uuid(source(), source(), 4);
}

std::string derived_uuid(std::string_view seed, std::uint64_t number) {
  return format_uuid(hash(seed, 2 * number), hash(seed, 2 * number + 1), 8);
}

std::uint64_t derived_number(std::string_view seed, std::uint64_t number) { return hash(seed, number); }

}  // namespace mistral::workflows::testing
