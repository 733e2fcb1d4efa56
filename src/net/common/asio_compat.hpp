// What differs between the supported versions of Boost.Asio, and the few
// types and tokens that this layer uses everywhere. No logic of its own.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>

namespace mistral::workflows::net {

namespace asio = boost::asio;
using boost::system::error_code;

using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, asio::any_io_executor>;

/// Awaited without a coroutine frame of its own, unlike use_awaitable.
inline constexpr asio::deferred_t plain{};
/// The same, with the error code as a value.
inline constexpr asio::as_tuple_t<asio::deferred_t> no_throw{asio::deferred};

template <typename Executor>
asio::execution_context& context_of(const Executor& executor) {
  return asio::query(executor, asio::execution::context);
}

/// What is below a strand: sockets are not made on one, and a strand must not outlive its context.
inline asio::any_io_executor below_strand(const asio::any_io_executor& executor) {
  if (const auto* strand = executor.target<asio::strand<asio::any_io_executor>>())
    return below_strand(strand->get_inner_executor());
  if (const auto* strand = executor.target<asio::strand<asio::io_context::executor_type>>())
    return strand->get_inner_executor();
  return executor;
}

}  // namespace mistral::workflows::net
