// An idle connection is checked when it is taken, by whom and when.
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <future>

using namespace test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(staleness)

BOOST_AUTO_TEST_CASE(an_idle_connection_that_the_server_closed_is_noticed_on_taking) {
  for (const bool tls : {true, false}) {
    for (const bool goodbye : {true, false}) {
      std::promise<void> closed;
      raw_server server(
          [&](peer& client) {
            client.read_request();
            client.write(ok());
            if (client.number() > 0) return;
            goodbye ? client.goodbye() : client.cut();
            closed.set_value();
            client.wait_for_end();
          },
          with_tls(tls));
      asio::io_context io;
      net::pool pool(io.get_executor(), server.pool_options());
      run(io, [&]() -> asio::awaitable<void> {
        co_await fetch(pool);
        closed.get_future().wait();
        co_await fetch(pool);
      });
      BOOST_TEST(pool.stats().opened == 2u);
      BOOST_TEST(pool.stats().stale == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_idle_connection_is_checked_however_soon_it_is_taken) {
  std::promise<void> closed;
  raw_server server(
      [&](peer& client) {
        client.read_request();
        client.write(ok());
        client.cut();
        closed.set_value();
      },
      plain());
  asio::io_context io;
  net::pool_options settings = server.pool_options();
  settings.now = [at = std::chrono::steady_clock::now()] { return at; };
  net::pool pool(io.get_executor(), settings);
  net::progress record;
  run(io, [&]() -> asio::awaitable<void> { co_await fetch(pool); });
  closed.get_future().wait();
  BOOST_TEST(!pool.try_acquire(net::kind::call, record));
  BOOST_TEST(pool.stats().stale == 1u);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_with_bytes_nobody_asked_for_is_not_used) {
  for (const bool tls : {true, false}) {
    std::promise<void> sent;
    raw_server server(
        [&](peer& client) {
          client.read_request();
          client.write(ok());
          if (client.number() == 0) {
            client.write("HTTP/1.1 408 Request Timeout\r\n\r\n");
            sent.set_value();
          }
          client.wait_for_end();
        },
        with_tls(tls));
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    run(io, [&]() -> asio::awaitable<void> {
      co_await fetch(pool);
      sent.get_future().wait();
      BOOST_TEST(co_await fetch(pool) == "hello");
    });
    BOOST_TEST(pool.stats().opened == 2u);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_not_reused_beyond_what_its_server_says) {
  raw_server server(always("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=99\r\nContent-Length: 2\r\n\r\nhi"),
                    plain());
  asio::io_context io;
  auto at = std::chrono::steady_clock::now();
  net::pool_options settings = server.pool_options();
  settings.now = [&at] { return at; };
  net::pool pool(io.get_executor(), settings);
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    at += 400ms;
    co_await fetch(pool);
    BOOST_TEST(pool.stats().opened == 1u);
    at += 600ms;
    co_await fetch(pool);
    BOOST_TEST(pool.stats().opened == 2u);
  });
}

BOOST_AUTO_TEST_CASE(a_lease_on_which_nothing_was_sent_makes_no_connection_younger) {
  raw_server server(always("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=99\r\nContent-Length: 2\r\n\r\nhi"),
                    plain());
  asio::io_context io;
  auto at = std::chrono::steady_clock::now();
  net::pool_options settings = server.pool_options();
  settings.now = [&at] { return at; };
  net::pool pool(io.get_executor(), settings);
  net::progress record;
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    at += 400ms;
    {
      const net::lease unused = pool.try_acquire(net::kind::call, record);
    }
    BOOST_TEST(pool.stats().idle == 1);
    at += 100ms;
    co_await fetch(pool);
    BOOST_TEST(pool.stats().opened == 2u);
  });
}

BOOST_AUTO_TEST_SUITE_END()
