// Idle connections past their limit: not used again, and closed by the next use or by trim().
#include "net/client_support.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <atomic>
#include <chrono>
#include <semaphore>
#include <thread>

using namespace test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(idling)

BOOST_AUTO_TEST_CASE(trim_closes_what_is_past_its_limit_and_no_other) {
  std::counting_semaphore<> closed(0);
  raw_server server([&](peer& client) {
    always(ok())(client);
    closed.release();
  });
  asio::io_context io;
  auto now = std::chrono::steady_clock::now();
  net::pool_options options = server.pool_options();
  options.now = [&] { return now; };
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> {
    net::progress record;
    net::lease first = co_await pool.acquire(net::kind::call, record);
    co_await fetch(pool);
    now += 30s;
    co_await exchange(first);
  });
  BOOST_TEST(pool.stats().idle == 2);
  pool.trim();
  BOOST_TEST(pool.stats().idle == 2);
  now += 25s;
  BOOST_TEST(pool.stats().idle == 2);  // nothing happens by itself
  pool.trim();
  BOOST_TEST(pool.stats().idle == 1);
  closed.acquire();
  now += 30s;
  pool.trim();
  BOOST_TEST(pool.stats().idle == 0);
  closed.acquire();
}

BOOST_AUTO_TEST_CASE(a_client_trims_on_any_thread_and_without_its_context) {
  std::binary_semaphore closed(0);
  std::atomic<bool> said_goodbye{false};
  raw_server server([&](peer& client) {
    client.read_request();
    client.write(answer(200, execution_body(), "Content-Type: application/json\r\n"));
    client.read_request();
    said_goodbye = client.said_goodbye();
    closed.release();
  });
  asio::io_context io;
  wf::client_options options = options_for(server, true);
  options.idle_connection_limit = 1ms;
  const wf::client client(io, options);
  BOOST_TEST(failure_of_get(io, client).type == "");
  std::this_thread::sleep_for(2ms);  // a client has no clock that a test could move
  BOOST_TEST(client.stats().connections_idle == 1u);
  std::thread([&] { client.trim(); }).join();
  BOOST_TEST(client.stats().connections_idle == 0u);
  closed.acquire();
  BOOST_TEST(said_goodbye);
}

BOOST_AUTO_TEST_SUITE_END()
