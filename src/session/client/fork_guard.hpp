// Which side of a fork() this is: what was made before it, in the parent, is of no use in the child.
// Not the randomness of ids: that comes from the system with each id, on both sides.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <cstdint>

namespace mistral::workflows::session {

/// Made with what must stay in its process. Costs a load and a comparison.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT fork_guard {
 public:
  fork_guard();

  /// Throws invalid_argument in a child of the process that made this.
  void check() const {
    if (generation() != made_in_) refuse();
  }

 private:
  std::uint64_t made_in_;

  static std::uint64_t generation() noexcept;
  [[noreturn]] static void refuse();
};

}  // namespace mistral::workflows::session
