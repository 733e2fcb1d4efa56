// What close() and abort() of a pool end, and that nobody is left waiting.
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <semaphore>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// What a coroutine of a test ended with, once it has.
struct ending {
  bool came = false;
  boost::system::error_code code;

  auto take() {
    return [this](std::exception_ptr thrown, auto&&...) {
      came = true;
      try {
        if (thrown) std::rethrow_exception(thrown);
      } catch (const boost::system::system_error& problem) {
        code = problem.code();
      }
    };
  }
  bool closed() const { return came && code == net::error::closed; }
};

asio::awaitable<void> turns(int count) {
  for (int i = 0; i < count; ++i) co_await asio::post(asio::use_awaitable);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(closing)

BOOST_AUTO_TEST_CASE(abort_ends_who_waits_for_an_answer_and_who_waits_for_a_turn) {
  for (const bool tls : {true, false}) {
    std::binary_semaphore asked(0);
    raw_server server(
        [&](peer& client) {
          client.read_request();
          asked.release();
          client.wait_for_end();
        },
        with_tls(tls));
    asio::io_context io;
    net::pool_options options = server.pool_options();
    options.call_connections = 1;
    net::pool pool(io.get_executor(), options);
    ending reader, waiter, later;
    run(io, [&]() -> asio::awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      asio::co_spawn(executor, fetch(pool), reader.take());
      while (!asked.try_acquire()) co_await asio::post(asio::use_awaitable);
      asio::co_spawn(executor, fetch(pool), waiter.take());
      while (pool.stats().waiting != 1) co_await asio::post(asio::use_awaitable);
      pool.abort();
      asio::co_spawn(executor, fetch(pool), later.take());
    });
    BOOST_TEST(reader.closed());
    BOOST_TEST(waiter.closed());
    BOOST_TEST(later.closed());
    BOOST_TEST(pool.stats().in_use == 0);
    BOOST_TEST(pool.stats().idle == 0);
  }
}

BOOST_AUTO_TEST_CASE(abort_ends_who_is_resolving_connecting_or_shaking_hands) {
  raw_server silent([](peer& client) { client.wait_for_end(); }, plain());
  asio::io_context io;
  net::pool_options unresolved = silent.pool_options();
  unresolved.resolve = [](std::string, net::resolve_done) {};
  net::pool_options handshake = silent.pool_options();
  handshake.server.tls = true;
  net::pool_options proxied = silent.pool_options();
  proxied.proxy.host = "localhost";
  proxied.proxy.port = silent.port();
  for (const auto& [options, reached] :
       {std::pair(unresolved, net::phase::resolving), std::pair(handshake, net::phase::tls_handshake),
        std::pair(proxied, net::phase::proxy)}) {
    net::pool pool(io.get_executor(), options);
    ending opener;
    net::progress record;
    const auto open = [&]() -> asio::awaitable<void> { co_await pool.acquire(net::kind::stream, record); };
    run(io, [&, stage = reached]() -> asio::awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      asio::co_spawn(executor, open, opener.take());
      while (record.reached != stage) co_await asio::post(asio::use_awaitable);
      co_await turns(10);
      BOOST_TEST(!opener.came);
      pool.abort();
    });
    BOOST_TEST(opener.closed());
    BOOST_TEST(pool.stats().in_use == 0);
  }
}

BOOST_AUTO_TEST_CASE(an_aborted_body_without_a_length_is_not_taken_for_a_whole_one) {
  for (const bool tls : {true, false}) {
    raw_server server(
        [](peer& client) {
          client.read_request();
          client.write("HTTP/1.1 200 OK\r\n\r\nhalf of it");
          client.wait_for_end();
        },
        with_tls(tls));
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    std::string body;
    const auto problem = failure_of([&] {
      run(io, [&]() -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        net::progress record;
        net::lease lease = co_await pool.acquire(net::kind::stream, record);
        co_await lease.send(get);
        co_await lease.read_head();
        while (body.size() < 10) co_await lease.read_some(body);
        asio::post(executor, [&] { pool.abort(); });
        co_await lease.read_body(body);
      });
    });
    BOOST_TEST((problem.code() == net::error::closed), problem.reason());
    BOOST_TEST(body == "half of it");
  }
}

BOOST_AUTO_TEST_CASE(a_lease_that_nobody_waits_on_is_ended_by_abort_as_well) {
  raw_server server(always(ok()));
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  net::progress record;
  const auto problem = failure_of([&] {
    run(io, [&]() -> asio::awaitable<void> {
      net::lease held = co_await pool.acquire(net::kind::call, record);
      pool.close();
      pool.abort();
      pool.abort();
      co_await held.send(get);
    });
  });
  BOOST_TEST((problem.code() == net::error::closed));
  BOOST_TEST(!record.request_may_have_left);
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(abort_while_four_threads_exchange_leaves_nobody_waiting) {
  std::atomic<int> requests{0};
  std::binary_semaphore forty_came(0);
  raw_server server([&](peer& client) {
    while (!client.read_request().empty()) {
      const int number = ++requests;
      if (number == 40) forty_came.release();
      if (number % 7 != 0) client.write(ok());
    }
  });
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.call_connections = 8;
  net::pool pool(io.get_executor(), options);
  std::atomic<int> answered{0}, refused{0}, other{0};
  for (int i = 0; i < 300; ++i) {
    asio::co_spawn(asio::make_strand(io), fetch(pool), [&](std::exception_ptr thrown, const std::string&) {
      try {
        if (thrown) std::rethrow_exception(thrown);
        ++answered;
      } catch (const net::failure& problem) {
        ++(problem.code() == net::error::closed ? refused : other);
      }
    });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
  forty_came.acquire();
  pool.abort();
  for (auto& one : threads) one.join();  // run() returns: nothing is pending any more
  BOOST_TEST(answered + refused == 300);
  BOOST_TEST(other == 0);
  BOOST_TEST(refused > 0);
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().waiting == 0);
}

BOOST_AUTO_TEST_SUITE_END()
