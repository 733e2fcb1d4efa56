// Has the processor load memory that is needed soon.
// Changes nothing but time: it is for what lay unused while a call waited, and has left the caches where many calls wait.
#pragma once

#include <cstddef>

namespace mistral::workflows::net {

inline void prefetch(const void* begin, std::size_t size) noexcept {
  constexpr std::size_t cache_line = 64;
  const char* const bytes = static_cast<const char*>(begin);
  for (std::size_t at = 0; at < size; at += cache_line) __builtin_prefetch(bytes + at, 1);
}

}  // namespace mistral::workflows::net
