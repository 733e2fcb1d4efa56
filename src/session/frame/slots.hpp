// A list whose members come and go in any order, and that can
// be gone through: each member keeps the number of its place.
// Not linked lists: there a member that goes touches its
// neighbours, which in a list of calls nobody has used for long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mistral::workflows::session {

/// `Entry` says by `empty()` whether it stands for nobody, as one that is value-initialised does.
template <class Entry>
class slots {
 public:
  using place = std::uint32_t;
  static constexpr place nowhere = ~place{0};

  place add(Entry entry) {
    if (unused_.empty()) {
      if (entries_.size() == unused_.capacity())
        unused_.reserve(2 * entries_.size() + 8);  // remove() needs no memory
      entries_.push_back(entry);
      return static_cast<place>(entries_.size() - 1);
    }
    const place at = unused_.back();
    unused_.pop_back();
    entries_[at] = entry;
    return at;
  }

  void remove(place at) noexcept {
    entries_[at] = Entry();
    unused_.push_back(at);
  }

  std::size_t count() const noexcept { return entries_.size() - unused_.size(); }

  /// `visit` may remove the member that it is shown.
  template <class Visit>
  void each(Visit visit) {
    for (place at = 0; at < entries_.size(); ++at)
      if (!entries_[at].empty()) visit(at, entries_[at]);
  }

 private:
  std::vector<Entry> entries_;
  std::vector<place> unused_;
};

}  // namespace mistral::workflows::session
