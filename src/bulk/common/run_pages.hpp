// All pages of `runs().list` that fit a request, one after the other.
// Not a generator of rows: a batch reads them by the
// hundred thousand, and a page at a time is what they cost.
#pragma once

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/runs.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <unordered_set>

namespace mistral::workflows::bulk_run {

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
  std::unordered_set<std::string> tokens_;
  bool over_ = false;
};

}  // namespace mistral::workflows::bulk_run
