// What exchanges work with in turn: buffers, heads and strings, kept by the thread
// that used them last, so that the next one finds them in the cache of its core.
// Not an allocator: who finds nothing here begins with nothing, and lets it grow.
#pragma once

#include "net/http/read_buffer.hpp"
#include "net/http/response_head.hpp"

#include <mistral/workflows/export.hpp>

#include <string>

namespace mistral::workflows::net {

/// Thread-safe: each thread has its own. What is taken on one may be given back on another, or not at all.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT spare_memory {
 public:
  /// `into`, which has no memory of its own, gets that of the last one given back here, if there is one.
  static void take(read_buffer& into) noexcept;
  static void take(response_head& into) noexcept;
  static void take(std::string& into) noexcept;

  /// What was in it is gone.
  static void give_back(read_buffer& used) noexcept;
  static void give_back(response_head& used) noexcept;
  static void give_back(std::string& used) noexcept;
};

}  // namespace mistral::workflows::net
