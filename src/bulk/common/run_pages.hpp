// All pages of `runs().list` that fit a request, one after the other.
// Not a generator of rows: a batch reads them by the hundred thousand, and pays for them by the page.
#pragma once

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/runs.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>

namespace mistral::workflows::bulk_run {

/// Whether pages lead to an end. A token that came before is a circle; so are ever new ones that lead from
/// one page without a row to the next.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT page_trail {
 public:
  static constexpr std::size_t most_empty = 1'000;  ///< pages in a row; a filter may leave out whole pages

  enum class step { last, next, circle };
  /// What comes after this page.
  step after(const run_page& page);

 private:
  std::unordered_set<std::string> tokens_;
  std::size_t empty_ = 0;
};

/// A page that leads back to one that was read is an error, or the end of what can be seen.
enum class page_circle { fails, ends };

class run_pages {
 public:
  /// The largest pages, unless the request says otherwise.
  run_pages(client from, run_list_request request, page_circle circle = page_circle::fails);

  /// The next page; none after the last.
  /// Errors: as runs_api::list; decode_error - the pages lead in a circle, where that fails
  boost::asio::awaitable<std::optional<run_page>> next();

 private:
  client client_;
  run_list_request request_;
  page_circle circle_;
  page_trail trail_;
  bool over_ = false;
};

}  // namespace mistral::workflows::bulk_run
