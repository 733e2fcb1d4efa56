// What the tests of this layer share: one whole exchange, and its failure.
#pragma once

#include "net/pool/pool.hpp"
#include "running.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace test {

namespace asio = boost::asio;
namespace net = mistral::workflows::net;

inline constexpr const char* get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

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
