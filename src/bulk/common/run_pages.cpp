#include "bulk/common/run_pages.hpp"

#include <mistral/workflows/error.hpp>

#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

page_trail::step page_trail::after(const run_page& page) {
  if (!page.next_page_token || page.next_page_token->empty()) return step::last;
  empty_ = page.executions.empty() ? empty_ + 1 : 0;
  if (empty_ > most_empty || !tokens_.insert(*page.next_page_token).second) return step::circle;
  return step::next;
}

run_pages::run_pages(client from, run_list_request request, page_circle circle)
    : client_(std::move(from)), request_(std::move(request)), circle_(circle) {
  if (!request_.page_size) request_.page_size = 1'000;
}

asio::awaitable<std::optional<run_page>> run_pages::next() {
  if (over_) co_return std::nullopt;
  std::optional<run_page> page(co_await client_.runs().list(request_));
  const page_trail::step step = trail_.after(*page);
  over_ = step != page_trail::step::next;
  if (step == page_trail::step::circle && circle_ == page_circle::fails) {
    error_context context("runs.list", 1, server_action::no);
    throw decode_error("/next_page_token", "the pages lead in a circle", 200, *page->next_page_token,
                       std::move(context));
  }
  request_.next_page_token = page->next_page_token;
  co_return page;
}

}  // namespace mistral::workflows::bulk_run
