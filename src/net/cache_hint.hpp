// Fetching memory into the processor's cache before it is needed.
// A hint and no access: the addresses may be of what is gone, and nothing is read.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>

namespace mistral::workflows::net {

inline void prefetch(const void* from, std::size_t bytes) noexcept {
  constexpr std::size_t cache_line = 64;
  for (std::size_t at = 0; at < bytes; at += cache_line) __builtin_prefetch(static_cast<const char*>(from) + at);
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
