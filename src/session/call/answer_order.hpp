// Whose answer is probably next: requests are answered mostly in the order in which they were sent. With hundreds in flight, what
// a call works with has left the processor's cache while it waited, and is fetched again while the ones before it are answered.
// Nothing depends on it: a wrong guess costs some memory accesses, and nothing is read through what is kept here.
#pragma once

#include "net/common/cache_hint.hpp"

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>

namespace mistral::workflows::session {

/// Where that lies which is used when the answer comes.
struct answer_memory {
  answer_memory() = default;

  const void* operation = nullptr;  ///< the call, its coroutine frames behind it
  const void* setup = nullptr;      ///< in the frame of the coroutine that awaits the call
  net::connection_memory connection;

  void prefetch() const noexcept;
};

/// Each thread has its own. What was sent on one thread and is answered on another is a wrong guess.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT answer_order {
 public:
  using number = std::uint32_t;

  /// Requests that are kept, and only while many are in flight. Of more than that none is found.
  static constexpr std::size_t most = 1024;

  /// A request went out, on this thread.
  static number sent(const answer_memory& used) noexcept;

  /// The answer to it has come: the memory of one that was sent soon after is fetched.
  static void came(number which) noexcept;

  /// Which one that is; null where none is kept.
  static const answer_memory* soon_after(number which) noexcept;
};

}  // namespace mistral::workflows::session
