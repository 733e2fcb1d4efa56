#include "bulk/common/run_successor.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/events.hpp>

#include <utility>
#include <variant>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

constexpr int most_event_pages = 50;

std::string successor_in(const event_page& page) {
  for (const workflow_event& event : page.events) {
    const auto* const continued = std::get_if<workflow_execution_continued_as_new>(&event.attributes);
    if (continued) return continued->new_execution_run_id;
  }
  return std::string();
}

}  // namespace

asio::awaitable<std::string> successor_of(client from, std::string run_id) {
  event_list_request request;
  request.workflow_run_id = std::move(run_id);
  request.limit = 1'000;
  for (int pages = 0; pages < most_event_pages; ++pages) {
    event_page page = co_await from.events().list(request);
    std::string next = successor_in(page);
    if (!next.empty() || !page.next_cursor) co_return next;
    request.cursor = std::move(page.next_cursor);
  }
  co_return std::string();
}

asio::awaitable<std::string> named_successor(client from, std::string run_id) {
  try {
    co_return co_await successor_of(std::move(from), std::move(run_id));
  } catch (const api_error& why) {
    if (why.status() != 403) throw;
  }
  co_return std::string();
}

}  // namespace mistral::workflows::bulk_run
