// What a run has to complain of: the promises that were not kept.
// Not the judging of them.
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <utility>

namespace soak {

/// Threads: any, but `all` when the others have ended.
class complaints {
 public:
  complaints() = default;

  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    all_.insert(std::move(what));
  }
  void add_unless(bool kept, const char* otherwise) {
    if (!kept) add(otherwise);
  }
  /// Each once.
  const std::set<std::string>& all() const { return all_; }

 private:
  std::mutex mutex_;
  std::set<std::string> all_;
};

}  // namespace soak
