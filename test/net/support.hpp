// What the tests of this layer share: running a coroutine to its end, and one whole exchange.
#pragma once

#include "net/pool/pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <string>
#include <utility>

namespace test {

namespace asio = boost::asio;
namespace net = mistral::workflows::net;

inline constexpr const char* get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Runs `body` on a strand of `io` until nothing is left to do, and throws what it threw.
template <typename Body>
void run(asio::io_context& io, Body body) {
  std::exception_ptr problem;
  bool ended = false;
  asio::co_spawn(asio::make_strand(io), std::move(body), [&](std::exception_ptr thrown) {
    problem = thrown;
    ended = true;
  });
  io.restart();
  io.run();
  if (problem) std::rethrow_exception(problem);
  BOOST_TEST(ended);
}

/// One exchange on a lease; the body of the answer.
inline asio::awaitable<std::string> exchange(net::lease& lease) {
  co_await lease.send(get);
  co_await lease.read_head();
  std::string body;
  co_await lease.read_body(body);
  co_return body;
}

inline asio::awaitable<std::string> fetch(net::pool& pool) {
  net::progress record;
  net::lease lease = co_await pool.acquire(net::kind::call, record);
  std::string body = co_await exchange(lease);
  co_return body;
}

/// The failure that `attempt` ends with.
template <typename Attempt>
net::failure failure_of(Attempt attempt) {
  try {
    attempt();
  } catch (const net::failure& problem) {
    return problem;
  }
  BOOST_FAIL("no failure came");
  return net::failure({}, "");
}

}  // namespace test
