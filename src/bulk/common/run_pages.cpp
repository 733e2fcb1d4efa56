#include "bulk/common/run_pages.hpp"

#include <mistral/workflows/error.hpp>

#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

run_pages::run_pages(client from, run_list_request request, page_circle circle)
    : client_(std::move(from)), request_(std::move(request)), circle_(circle) {
  if (!request_.page_size) request_.page_size = 1'000;
}

asio::awaitable<std::optional<run_page>> run_pages::next() {
  if (over_) co_return std::nullopt;
  std::optional<run_page> page(co_await client_.runs().list(request_));
  const auto& token = page->next_page_token;
  over_ = !token || token->empty();
  if (!over_ && !tokens_.insert(*token).second) {
    over_ = true;
    if (circle_ == page_circle::ends) co_return page;
    error_context context("runs.list", 1, server_action::no);
    throw decode_error("/next_page_token", "the pages lead in a circle", 200, *token, std::move(context));
  }
  request_.next_page_token = token;
  co_return page;
}

}  // namespace mistral::workflows::bulk_run
