// Which side of a fork() this is: what was made before it, in the parent, is of no use in the child.
// Not the randomness of ids: that comes from the system with each id, on both sides.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstdint>

namespace mistral::workflows::net {

/// Made with what must stay in its process. To ask costs a load and a comparison.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT fork_guard {
 public:
  fork_guard();

  /// This is a child of the process that made this, or a child's child.
  bool in_child() const noexcept { return generation() != made_in_; }

 private:
  std::uint64_t made_in_;

  static std::uint64_t generation() noexcept;
};

}  // namespace mistral::workflows::net
