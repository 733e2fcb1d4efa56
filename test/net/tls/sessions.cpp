// TLS connections one after the other: used again, or with the session of one before.
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <functional>
#include <future>
#include <semaphore>

using namespace test;

namespace {

/// Opens `count` connections one after the other, with one exchange on each.
net::pool_stats reconnect(raw_server& server, int count, const std::function<void()>& after_each = [] {}) {
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> {
    for (int i = 0; i < count; ++i) {
      BOOST_TEST(co_await fetch(pool) == "hello");
      after_each();
    }
  });
  return pool.stats();
}

raw_server::script one_exchange_each() {
  return [](peer& client) {
    client.read_request();
    client.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
    client.wait_for_end();
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls_sessions)

BOOST_AUTO_TEST_CASE(an_exchange_goes_through_and_the_connection_is_used_again) {
  raw_server server(always(ok()));
  const auto stats = reconnect(server, 3);
  BOOST_TEST(stats.opened == 1u);
  BOOST_TEST(stats.reused == 2u);
  BOOST_TEST(stats.handshakes == 1u);
  BOOST_TEST(stats.idle == 1);
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(new_connections_resume_the_session_of_old_ones) {
  raw_server server(one_exchange_each());
  const auto stats = reconnect(server, 10);
  BOOST_TEST(stats.handshakes == 10u);
  BOOST_TEST(stats.resumed_handshakes == 9u);
}

BOOST_AUTO_TEST_CASE(a_session_is_resumed_after_a_connection_that_was_cut_and_after_each_that_resumed_it) {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    raw_server_options options;
    options.highest_tls = version;
    std::counting_semaphore<> cuts(0);
    raw_server server(
        [&](peer& client) {
          client.read_request();
          client.write(ok());
          client.cut();
          cuts.release();
        },
        options);
    const auto stats = reconnect(server, 10, [&] { cuts.acquire(); });
    BOOST_TEST(stats.resumed_handshakes == 9u);
    BOOST_TEST(stats.stale == 9u);
  }
}

BOOST_AUTO_TEST_CASE(tls_1_2_sessions_are_resumed_too) {
  raw_server_options options;
  options.highest_tls = TLS1_2_VERSION;
  raw_server server(one_exchange_each(), options);
  BOOST_TEST(reconnect(server, 5).resumed_handshakes == 4u);
}

BOOST_AUTO_TEST_CASE(a_server_without_tickets_is_served_with_full_handshakes) {
  raw_server_options options;
  options.tickets = 0;
  raw_server server(one_exchange_each(), options);
  const auto stats = reconnect(server, 3);
  BOOST_TEST(stats.handshakes == 3u);
  BOOST_TEST(stats.resumed_handshakes == 0u);
}

BOOST_AUTO_TEST_CASE(a_late_session_ticket_is_not_mistaken_for_rubbish) {
  std::promise<void> ticket_sent;
  raw_server_options options;
  options.tickets = 0;
  raw_server server(
      [&](peer& client) {
        client.read_request();
        client.write(ok());
        client.send_ticket();
        ticket_sent.set_value();
        always(ok())(client);
      },
      options);
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    ticket_sent.get_future().wait();
    co_await fetch(pool);
  });
  BOOST_TEST(pool.stats().opened == 1u);
  BOOST_TEST(pool.stats().stale == 0u);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_connection_is_seen_behind_session_tickets) {
  std::promise<void> ended;
  raw_server server([&](peer& client) {
    client.read_request();
    client.write(ok());
    if (client.number() == 0) {
      for (int i = 0; i < 20; ++i) client.send_ticket();
      client.cut();
      ended.set_value();
    }
    client.wait_for_end();
  });
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    ended.get_future().wait();
    co_await fetch(pool);
  });
  BOOST_TEST(pool.stats().opened == 2u);
  BOOST_TEST(pool.stats().stale == 1u);
}

BOOST_AUTO_TEST_CASE(a_flood_of_session_tickets_is_not_read_to_its_end) {
  std::promise<void> flooded;
  raw_server server([&](peer& client) {
    client.read_request();
    client.write(ok());
    if (client.number() == 0) client.flood_with_tickets(2000, [&] { flooded.set_value(); });
    always(ok())(client);
  });
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    flooded.get_future().wait();
    co_await fetch(pool);
  });
  BOOST_TEST(pool.stats().opened == 2u);
  BOOST_TEST(pool.stats().stale == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
