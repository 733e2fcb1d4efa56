// All items of a list operation as one sequence: page after page, by whatever cursor the operation has.
// Not the one-page call, whose request each operation makes itself.
#pragma once

#include "api/decode_answer.hpp"
#include "protocol/calls/page_walk.hpp"

#include <mistral/workflows/async_generator.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows::api {

/// Where an operation has its items and its cursors.
template <class Request, class Page, class Item>
class page_scheme {
 public:
  page_scheme(std::optional<std::string> Request::* cursor_member, std::vector<Item> Page::* items_member,
              std::optional<std::string> Page::* next_member, std::string_view next_member_name)
      : cursor(cursor_member), items(items_member), next(next_member), next_name(next_member_name) {}

  std::optional<std::string> Request::* cursor;
  std::vector<Item> Page::* items;
  std::optional<std::string> Page::* next;
  std::string_view next_name;  ///< in JSON
};

[[noreturn]] void throw_circular(const std::string& operation, std::string_view next_name,
                                 const std::string& cursor);

/// The walk over the pages of one list. A call that fails or is cancelled leaves it where it was.
template <class Request, class Page, class Item, class Make>
class page_source {
 public:
  page_source(session::client_handle handle, Request request, page_scheme<Request, Page, Item> scheme,
              Make make)
      : handle_(std::move(handle)),
        request_(std::move(request)),
        scheme_(scheme),
        make_(std::move(make)),
        walk_(request_.*scheme_.cursor),
        operation_(make_(request_).description().name) {}  // refuses at once what cannot be sent

  const std::string& operation() const noexcept { return operation_; }

  static boost::asio::awaitable<std::optional<Item>> pull(std::shared_ptr<page_source> self) {
    // Reading changes nothing on the server, so that whatever cancellation comes may end it at any time.
    const auto all = [](boost::asio::cancellation_type type) noexcept {
      using enum boost::asio::cancellation_type;
      return type == none ? none : terminal;
    };
    co_await boost::asio::this_coro::reset_cancellation_state(all);
    // However many empty pages come before the next item.
    session::begun_operation part_of;
    part_of.ends = std::chrono::steady_clock::now() + self->handle_.deadline(std::nullopt);
    while (self->taken_ == self->items_.size()) {
      if (self->walk_.over()) co_return std::nullopt;
      if (self->walk_.circular())
        throw_circular(self->operation_, self->scheme_.next_name,
                       self->handle_.state->shown(*self->walk_.cursor()));
      protocol::request ask = self->next_request();
      Page page = co_await call_for<Page>(self->handle_, std::move(ask), std::nullopt, nullptr, part_of);
      self->take(std::move(page));
    }
    co_return std::move(self->items_[self->taken_++]);
  }

 private:
  protocol::request next_request() {
    request_.*scheme_.cursor = walk_.cursor();
    return make_(request_);
  }

  void take(Page page) {
    items_ = std::move(page.*scheme_.items);
    taken_ = 0;
    walk_.advance(std::move(page.*scheme_.next));
  }

  session::client_handle handle_;
  Request request_;
  page_scheme<Request, Page, Item> scheme_;
  Make make_;
  protocol::page_walk walk_;
  std::string operation_;
  std::vector<Item> items_;
  std::size_t taken_ = 0;
};

/// `make(request)`: the request of one page; throws invalid_argument, here already.
template <class Request, class Page, class Item, class Make>
async_generator<Item> all_items(session::client_handle handle, Request request,
                                page_scheme<Request, Page, Item> scheme, Make make) {
  using source = page_source<Request, Page, Item, Make>;
  auto executor = handle.state->operation_executor();
  auto walk = std::make_shared<source>(std::move(handle), std::move(request), scheme, std::move(make));
  std::string operation = walk->operation();
  auto pull = [walk = std::move(walk)] { return source::pull(walk); };
  return async_generator<Item>(std::move(executor), std::move(operation), std::move(pull));
}

}  // namespace mistral::workflows::api
