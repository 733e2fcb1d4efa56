// Streams, calls and callers that change their mind, all
// on one pool; and connections that look good but are not.
#include "net/common/gate.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(mixed_load)

BOOST_AUTO_TEST_CASE(calls_go_on_while_streams_hold_all_their_places_and_each_is_served_in_the_end) {
  constexpr int calls = 240, streams = 12;
  raw_server server(always(ok()));
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.call_connections = 4;
  options.stream_connections = 4;
  options.connect_limit = 1h;
  net::pool pool(io.get_executor(), options);
  std::atomic<int> calls_ended{0}, answered{0}, streams_ended{0};
  const auto calls_are_done = [&] {
    std::vector<std::shared_ptr<net::gate>> gates;
    for (int i = 0; i < streams; ++i) gates.push_back(std::make_shared<net::gate>());
    return gates;
  }();

  // The streams that come first leave only when every call has ended; those behind them wait that long.
  const auto follow = [&](std::shared_ptr<net::gate> until) -> asio::awaitable<void> {
    net::progress record;
    net::lease lease = co_await pool.acquire(net::kind::stream, record);
    co_await exchange(lease);
    co_await until->async_wait(net::plain);
  };
  for (int i = 0; i < streams; ++i) {
    asio::co_spawn(asio::make_strand(io), follow(calls_are_done[static_cast<std::size_t>(i)]),
                   [&](std::exception_ptr thrown) {
                     if (!thrown) ++streams_ended;
                   });
  }
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
  for (int i = 0; i < calls; ++i) {
    const auto strand = asio::make_strand(io);
    signals.push_back(std::make_unique<asio::cancellation_signal>());
    const auto ended = [&](std::exception_ptr thrown, const std::string& body) {
      if (!thrown && body == "hello") ++answered;
      if (++calls_ended == calls) {
        for (const auto& one : calls_are_done) one->open();
      }
    };
    asio::co_spawn(strand, fetch(pool), asio::bind_cancellation_slot(signals.back()->slot(), ended));
    if (i % 3 == 0)
      asio::post(strand,
                 [signal = signals.back().get()] { signal->emit(asio::cancellation_type::terminal); });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& one : threads) one.join();
  BOOST_TEST(calls_ended == calls);
  BOOST_TEST(answered >= calls - calls / 3);
  BOOST_TEST(streams_ended == streams);
  const auto stats = pool.stats();
  BOOST_TEST(stats.in_use == 0);
  BOOST_TEST(stats.waiting == 0);
  BOOST_TEST(stats.idle <= 4);
}

BOOST_AUTO_TEST_CASE(a_half_closed_connection_is_recognised_and_gets_no_second_request) {
  for (const bool tls : {true, false}) {
    std::promise<void> half_closed;
    std::promise<std::string> came_after_it;
    raw_server server(
        [&](peer& client) {
          client.read_request();
          client.write(ok());
          if (client.number() > 0) return client.wait_for_end();
          client.goodbye();  // this side says no more, and still listens
          half_closed.set_value();
          came_after_it.set_value(client.read_request());
        },
        with_tls(tls));
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    run(io, [&]() -> asio::awaitable<void> {
      co_await fetch(pool);
      half_closed.get_future().wait();
      BOOST_TEST(co_await fetch(pool) == "hello");
    });
    BOOST_TEST(came_after_it.get_future().get() == "");
    BOOST_TEST(pool.stats().stale == 1u);
    BOOST_TEST(server.connections() == 2);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_the_answer_ends_is_closed_and_the_next_waiter_gets_a_new_one) {
  for (const std::string answer : {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
                                   "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"}) {
    raw_server server(always(answer), plain());
    asio::io_context io;
    net::pool_options options = server.pool_options();
    options.call_connections = 1;
    net::pool pool(io.get_executor(), options);
    int answered = 0;
    for (int i = 0; i < 3; ++i) {
      asio::co_spawn(asio::make_strand(io), fetch(pool),
                     [&](std::exception_ptr thrown, const std::string& body) {
                       if (!thrown && body == "hello") ++answered;
                     });
    }
    io.run();
    BOOST_TEST(answered == 3);
    BOOST_TEST(server.connections() == 3);
    BOOST_TEST(pool.stats().idle == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
