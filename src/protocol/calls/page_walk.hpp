// Where a walk over the pages of a list stands: the cursor
// to ask with, and whether the server leads in a circle.
// Not the fetching of pages: see api/pages.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace mistral::workflows::protocol {

/// Ends at a page without a next cursor, however full the
/// pages are: a short or empty one may have successors.
///
/// One cursor is kept for comparison and replaced after 1, 2, 4, ... pages
/// (Brent's way of finding a cycle), so that a circle of any length is noticed
/// after about three times its length, and no list of all cursors is needed.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT page_walk {
 public:
  /// `first`: where the walk begins; none: at the first page.
  explicit page_walk(std::optional<std::string> first);

  /// What to ask the next page with; none: nothing, for the first page. Not to be used once the walk is over.
  const std::optional<std::string>& cursor() const noexcept { return cursor_; }

  /// Takes the next cursor of the page that came. Null and empty alike say that it was the last.
  void advance(std::optional<std::string> next);

  /// There is nothing more to ask for.
  bool over() const noexcept { return over_; }
  /// The cursor has been here before: to go on would never end.
  bool circular() const noexcept { return circular_; }

 private:
  std::optional<std::string> cursor_;
  std::optional<std::string> mark_;
  std::size_t since_mark_ = 0;
  std::size_t until_next_mark_ = 1;
  bool over_ = false;
  bool circular_ = false;
};

}  // namespace mistral::workflows::protocol
