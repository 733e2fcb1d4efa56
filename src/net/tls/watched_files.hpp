// Files that are read anew when they have changed: what the system says of them tells.
// Not their contents, and no notification: who is about to use them asks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mistral::workflows::net {

class watched_files {
 public:
  /// Those with an empty name are left out.
  explicit watched_files(std::vector<std::string> names);

  /// Since the last time; the first time with any files: true. To be asked before
  /// they are read, so that a change in the middle of that is found by the next time.
  bool changed();

 private:
  struct stamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = -1;  // there is none
    std::int64_t modified = 0;
    std::int64_t altered = 0;

    bool operator==(const stamp&) const = default;
  };
  struct file {
    std::string name;
    stamp seen;
    bool asked = false;
  };

  std::vector<file> files_;

  static stamp stamp_of(const std::string& name);
};

}  // namespace mistral::workflows::net
