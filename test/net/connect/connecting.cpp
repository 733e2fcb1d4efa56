// Names, addresses and the limit on connecting.
#include "net/client_support.hpp"
#include "net/connect/lookup.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <mutex>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

using namespace test;
using namespace std::chrono_literals;

namespace {

std::vector<asio::ip::address> loopback() { return {asio::ip::make_address("127.0.0.1")}; }

/// Acquires once; the failure it ends with.
net::failure attempt(net::pool_options options, net::progress& record) {
  asio::io_context io;
  net::pool pool(io.get_executor(), std::move(options));
  const auto problem = failure_of(
      [&] { run(io, [&]() -> asio::awaitable<void> { co_await pool.acquire(net::kind::call, record); }); });
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(!record.request_may_have_left);
  return problem;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connecting)

BOOST_AUTO_TEST_CASE(one_look_up_serves_all_who_wait_and_is_remembered_for_30_s) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  auto now = std::chrono::steady_clock::now();
  int look_ups = 0;
  net::resolve_done answer;
  net::pool_options options = server.pool_options();
  options.now = [&] { return now; };
  options.resolve = [&](std::string host, net::resolve_done done) {
    BOOST_TEST(host == "localhost");
    ++look_ups;
    answer = std::move(done);
  };
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    for (int i = 0; i < 10; ++i) asio::co_spawn(executor, fetch(pool), asio::detached);
    while (pool.stats().in_use != 10) co_await asio::post(asio::use_awaitable);
    answer({}, loopback());
  });
  BOOST_TEST(look_ups == 1);
  BOOST_TEST(pool.stats().opened == 10u);

  const auto fetch_on_a_new_connection = [&] {
    net::pool_options again = options;
    run(io, [&]() -> asio::awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      net::progress record;
      std::vector<net::lease> held;
      while (net::lease idle = pool.try_acquire(net::kind::call, record)) held.push_back(std::move(idle));
      asio::co_spawn(executor, fetch(pool), asio::detached);
      co_await asio::post(asio::use_awaitable);
      if (look_ups == 2 && answer) std::exchange(answer, nullptr)({}, loopback());
    });
  };
  answer = nullptr;
  now += 29s;
  fetch_on_a_new_connection();
  BOOST_TEST(look_ups == 1);
  now += 1s;
  fetch_on_a_new_connection();
  BOOST_TEST(look_ups == 2);
}

BOOST_AUTO_TEST_CASE(a_look_up_that_fails_says_so) {
  net::pool_options options(net::origin(false, "nowhere.invalid", 80));
  options.resolve = [](std::string, net::resolve_done done) { done(asio::error::host_not_found, {}); };
  net::progress record;
  const auto problem = attempt(options, record);
  BOOST_TEST((problem.code() == asio::error::host_not_found));
  BOOST_TEST(problem.reason().find("nowhere.invalid") != std::string::npos);
  BOOST_TEST((record.reached == net::phase::resolving));

  options.resolve = [](std::string, net::resolve_done done) { done({}, {}); };
  BOOST_TEST((attempt(options, record).code() == net::error::host_not_found));
}

BOOST_AUTO_TEST_CASE(a_dead_name_server_holds_nobody_past_the_limit_and_does_not_hold_run) {
  net::pool_options options(net::origin(false, "slow.example", 80));
  net::resolve_done never;
  options.resolve = [&](std::string, net::resolve_done done) { never = std::move(done); };
  options.connect_limit = 20ms;
  net::progress record;
  const auto problem = attempt(options, record);
  BOOST_TEST((problem.code() == net::error::connect_timeout));
  BOOST_TEST((record.reached == net::phase::resolving));
  never({}, loopback());  // far too late: the context is gone, and nobody waits
}

BOOST_AUTO_TEST_CASE(a_look_up_that_got_lost_is_begun_again_after_30_s) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  auto now = std::chrono::steady_clock::now();
  int look_ups = 0;
  net::pool_options options = server.pool_options();
  options.now = [&] { return now; };
  options.connect_limit = 20ms;
  options.resolve = [&](std::string, net::resolve_done done) {
    if (++look_ups == 2) done({}, loopback());
  };
  net::pool pool(io.get_executor(), options);
  const auto once = [&] { run(io, [&]() -> asio::awaitable<void> { co_await fetch(pool); }); };
  BOOST_TEST((failure_of(once).code() == net::error::connect_timeout));
  now += 29s;
  BOOST_TEST((failure_of(once).code() == net::error::connect_timeout));
  BOOST_TEST(look_ups == 1);
  now += 1s;
  once();
  BOOST_TEST(look_ups == 2);
}

BOOST_AUTO_TEST_CASE(a_cancelled_caller_leaves_the_look_up_to_the_others) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::resolve_done answer;
  net::pool_options options = server.pool_options();
  options.resolve = [&](std::string, net::resolve_done done) { answer = std::move(done); };
  net::pool pool(io.get_executor(), options);
  bool cancelled = false;
  std::string body;
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    asio::cancellation_signal signal;
    asio::co_spawn(
        executor, fetch(pool),
        asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown, const std::string&) {
          cancelled = thrown != nullptr;
        }));
    asio::co_spawn(executor, fetch(pool),
                   [&](std::exception_ptr, std::string got) { body = std::move(got); });
    while (pool.stats().in_use != 2) co_await asio::post(asio::use_awaitable);
    signal.emit(asio::cancellation_type::terminal);
    while (!cancelled) co_await asio::post(asio::use_awaitable);
    BOOST_TEST(pool.stats().in_use == 1);
    answer({}, loopback());
  });
  BOOST_TEST(body == "hello");
}

BOOST_AUTO_TEST_CASE(names_are_looked_up_by_the_system_unless_told_otherwise) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.resolve = nullptr;
  options.server.host =
      "127.1";  // no address literal to Asio, and every getaddrinfo knows it without a network
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
}

BOOST_AUTO_TEST_CASE(localhost_is_loopback_whatever_the_system_says) {
  asio::io_context io;
  for (const char* const name : {"localhost", "LocalHost.", "api.localhost"}) {
    std::vector<asio::ip::address> found;
    net::look_up(io, name, [&](boost::system::error_code, std::vector<asio::ip::address> addresses) {
      found = std::move(addresses);
    });
    BOOST_TEST_REQUIRE(found.size() == 2u, name);  // at once, so nobody was asked
    BOOST_TEST(found[0].is_loopback());
    BOOST_TEST(found[1].is_loopback());
  }
}

BOOST_AUTO_TEST_CASE(an_address_is_not_looked_up) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.server.host = "127.0.0.1";
  options.resolve = [](std::string, net::resolve_done) { BOOST_ERROR("looked up"); };
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
}

BOOST_AUTO_TEST_CASE(every_address_is_tried_in_turn) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.resolve = [](std::string, net::resolve_done done) {
    done({}, {asio::ip::make_address("127.0.0.2"), asio::ip::make_address("127.0.0.1")});
  };
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_reported_with_where_it_was_tried) {
  std::uint16_t port = 0;
  {
    raw_server gone(always(ok()), plain());
    port = gone.port();
  }
  net::pool_options options(net::origin(false, "127.0.0.1", port));
  net::progress record;
  const auto problem = attempt(options, record);
  BOOST_TEST((problem.code() == asio::error::connection_refused));
  BOOST_TEST(problem.reason().find("127.0.0.1:" + std::to_string(port)) != std::string::npos,
             problem.reason());
  BOOST_TEST((record.reached == net::phase::connecting));
}

BOOST_AUTO_TEST_CASE(a_refused_connection_is_told_in_one_line_to_act_on) {
  std::uint16_t port = 0;
  {
    raw_server gone(always(ok()), plain());
    port = gone.port();
  }
  asio::io_context io;
  wf::client_options options;
  options.api_key = "secret-key";
  options.proxy.from_environment = false;
  options.server_url = "http://localhost:" + std::to_string(port);
  options.resolve = [](std::string, net::resolve_done done) { done({}, loopback()); };
  options.retry.max_attempts = 3;
  options.retry.initial_backoff = options.retry.max_backoff = 1ms;
  const client_failure failed = failure_of_get(io, wf::client(io, options));
  BOOST_TEST(failed.type == "transport_error");
  const std::string where = "localhost:" + std::to_string(port);
  BOOST_TEST(
      failed.what.starts_with("executions.get: failed while connecting: cannot connect to " + where +
                              " (127.0.0.1: Connection refused) (attempts: 3; the server has not acted"),
      failed.what);
  for (const char* const unwanted : {"\n", ".hpp", ".cpp", "function", "boost::", " at /"})
    BOOST_TEST(failed.what.find(unwanted) == std::string::npos, failed.what);
}

BOOST_AUTO_TEST_CASE(a_server_that_never_shakes_hands_is_given_up_at_the_limit) {
  raw_server server([](peer& client) { client.wait_for_end(); }, plain());
  net::pool_options options = server.pool_options();
  options.server.tls = true;
  options.connect_limit = 50ms;
  net::progress record;
  const auto problem = attempt(options, record);
  BOOST_TEST((problem.code() == net::error::connect_timeout));
  BOOST_TEST((record.reached == net::phase::tls_handshake));
}

BOOST_AUTO_TEST_CASE(a_proxy_is_asked_for_a_tunnel_with_its_credentials) {
  std::promise<std::string> asked;
  raw_server proxy(
      [&](peer& client) {
        asked.set_value(client.read_request());
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        always(ok("through the tunnel"))(client);
      },
      plain());
  net::pool_options options = proxy.pool_options();
  options.server.host = "api.example";
  options.server.port = 8080;
  options.proxy.host = "localhost";
  options.proxy.port = proxy.port();
  options.proxy.authorization = "Basic dTpw";
  {
    asio::io_context io;
    net::pool pool(io.get_executor(), options);
    run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "through the tunnel"); });
  }
  BOOST_TEST(asked.get_future().get() ==
             "CONNECT api.example:8080 HTTP/1.1\r\nHost: api.example:8080\r\nProxy-Authorization: Basic "
             "dTpw\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(
    a_thousand_exchanges_on_sixteen_connections_from_four_threads_take_sixteen_handshakes_at_most) {
  raw_server server(always(ok()));
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.call_connections = 16;
  net::pool pool(io.get_executor(), options);
  std::atomic<int> answered{0};
  for (int i = 0; i < 1000; ++i) {
    asio::co_spawn(asio::make_strand(io), fetch(pool),
                   [&](std::exception_ptr thrown, const std::string& body) {
                     if (!thrown && body == "hello") ++answered;
                   });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& one : threads) one.join();
  BOOST_TEST(answered == 1000);
  BOOST_TEST(pool.stats().handshakes <= 16u);
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(server.connections() <= 16);
}

BOOST_AUTO_TEST_CASE(cancellations_from_four_threads_lose_no_place) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.call_connections = 4;
  net::pool pool(io.get_executor(), options);
  std::atomic<int> ended{0};
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
  for (int i = 0; i < 400; ++i) {
    const auto strand = asio::make_strand(io);
    signals.push_back(std::make_unique<asio::cancellation_signal>());
    asio::co_spawn(strand, fetch(pool),
                   asio::bind_cancellation_slot(signals.back()->slot(),
                                                [&](std::exception_ptr, const std::string&) { ++ended; }));
    if (i % 2 == 0)
      asio::post(strand,
                 [signal = signals.back().get()] { signal->emit(asio::cancellation_type::terminal); });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& one : threads) one.join();
  BOOST_TEST(ended == 400);
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().waiting == 0);
  run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
}

BOOST_AUTO_TEST_CASE(the_system_ends_a_connection_whose_peer_takes_nothing_for_a_minute_and_a_half) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> { co_await fetch(pool); });
  int found = 0;
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 ||
        ntohs(peer.sin_port) != server.port())
      continue;
    unsigned limit = 0;
    size = sizeof limit;
    BOOST_TEST(::getsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, &size) == 0);
    BOOST_TEST(limit == 90'000u);
    ++found;
  }
  BOOST_TEST(found == 1);
}

BOOST_AUTO_TEST_SUITE_END()
