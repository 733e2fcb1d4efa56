// Fetching memory into the processor's cache before it is needed.
// A hint and no access: the addresses may be of what is gone, and nothing is read.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>

namespace mistral::workflows::net {

/// From `before` bytes ahead of `from`; nothing where that is null. Numbers, not pointers: nobody says that there is an object.
inline void prefetch(const void* from, std::size_t bytes, std::size_t before = 0) noexcept {
  constexpr std::size_t cache_line = 64;
  if (from == nullptr) return;
  const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(from) - before;
  for (std::size_t at = 0; at < bytes; at += cache_line) __builtin_prefetch(reinterpret_cast<const void*>(begin + at));
}

/// Where a connection keeps what it uses when an answer comes.
struct connection_memory {
  connection_memory() = default;

  const void* connection = nullptr;
  const void* channel = nullptr;
  const void* tls = nullptr;

  MISTRAL_WORKFLOWS_INTERNAL_EXPORT void prefetch() const noexcept;
};

}  // namespace mistral::workflows::net
