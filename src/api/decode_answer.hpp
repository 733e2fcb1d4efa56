// The 2xx answer of a call into the type that the operation returns.
// Not error answers: those never get here.
#pragma once

#include "protocol/json/decode.hpp"
#include "session/call.hpp"

#include <boost/asio/awaitable.hpp>

#include <string_view>
#include <utility>

namespace mistral::workflows::api {

/// No content type at all is JSON too.
bool is_json(std::string_view content_type);

[[noreturn]] void throw_undecodable(session::call_answer answer, protocol::decode_problem problem);

template <class T>
T decode_answer(session::call_answer answer, std::size_t max_depth) {
  if (!is_json(answer.content_type)) throw_undecodable(std::move(answer), {"", "the answer is not JSON"});
  T out{};
  if (auto problem = protocol::decode(std::string_view(answer.body), out, protocol::decode_limits(max_depth)))
    throw_undecodable(std::move(answer), std::move(*problem));
  return out;
}

/// Sends the request and decodes its answer.
template <class T>
boost::asio::awaitable<T> call_for(session::client_handle handle, protocol::request request,
                                   std::optional<std::chrono::milliseconds> deadline = std::nullopt,
                                   std::shared_ptr<session::doubt_resolver> doubt = nullptr) {
  const std::size_t depth = handle.state->options().max_json_depth;
  session::call_answer answer =
      co_await session::call(std::move(handle), std::move(request), deadline, std::move(doubt));
  co_return decode_answer<T>(std::move(answer), depth);
}

/// Sends the request; its answer has no content.
boost::asio::awaitable<void> call_without_content(session::client_handle handle, protocol::request request,
                                                  std::shared_ptr<session::doubt_resolver> doubt = nullptr);

/// Makes the request when it is awaited, so that invalid_argument is thrown there and a call that nobody awaits does nothing.
template <class T, class Make>
boost::asio::awaitable<T> deferred(session::client_handle handle, Make make,
                                   std::optional<std::chrono::milliseconds> deadline = std::nullopt) {
  protocol::request request = make();
  co_return co_await call_for<T>(std::move(handle), std::move(request), deadline);
}

}  // namespace mistral::workflows::api
