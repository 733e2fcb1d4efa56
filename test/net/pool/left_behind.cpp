// Connections whose caller leaves while they are being made.
#include "net/client_support.hpp"
#include "net/pool/callers.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// In front of a server: passes nothing on until it is let go, so that handshakes wait.
class slow_way {
 public:
  explicit slow_way(const raw_server& to)
      : to_(to),
        front_(
            [this](peer& client) {
              open_.acquire();
              open_.release();
              client.relay(to_.port());
            },
            plain()) {}
  ~slow_way() { let_go(); }
  slow_way(const slow_way&) = delete;
  slow_way& operator=(const slow_way&) = delete;

  net::pool_options pool_options() const {
    net::pool_options options = to_.pool_options();
    options.server.port = front_.port();
    return options;
  }
  std::uint16_t port() const { return front_.port(); }
  int connections() const { return front_.connections(); }
  void let_go() {
    if (!std::exchange(gone_, true)) open_.release();
  }

 private:
  const raw_server& to_;
  std::counting_semaphore<> open_{0};
  bool gone_ = false;
  raw_server front_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(left_behind)

BOOST_AUTO_TEST_CASE(a_handshake_that_outlasts_its_call_serves_the_next) {
  raw_server server(always(answer(200, execution_body(), "Content-Type: application/json\r\n")));
  slow_way way(server);
  asio::io_context io;
  wf::client_options options = options_for(server, true);
  options.server_url = "https://localhost:" + std::to_string(way.port());
  options.call_deadline = 100ms;
  const wf::client client(io, options);
  std::optional<wf::call_phase> phase;
  run(io, [&]() -> asio::awaitable<void> {
    try {
      co_await client.executions().get("e1");
    } catch (const wf::timeout_error& e) {
      phase = e.phase();
    }
    way.let_go();
  });
  BOOST_TEST((phase == wf::call_phase::tls_handshake));
  BOOST_TEST(client.stats().connections_idle == 1u);
  wf::call_options patient;
  patient.deadline = 30s;
  BOOST_TEST(failure_of_get(io, client.with(patient)).type == "");
  BOOST_TEST(way.connections() == 1);
  BOOST_TEST(client.stats().connections_opened == 1u);
  BOOST_TEST(client.stats().handshakes == 1u);
}

BOOST_AUTO_TEST_CASE(it_counts_for_the_limit_and_goes_to_who_waits) {
  for (const net::kind use : {net::kind::call, net::kind::stream}) {
    raw_server server(always(ok()));
    slow_way way(server);
    asio::io_context io;
    net::pool_options options = way.pool_options();
    options.call_connections = options.stream_connections = 1;
    net::pool pool(io.get_executor(), options);
    {
      caller first(io.get_executor(), pool, use);
      run_to_handshake(io, first);
      leave(io, first);
      BOOST_TEST((first.code() == asio::error::operation_aborted));
      BOOST_TEST(pool.stats().in_use == 1);
      caller second(io.get_executor(), pool, use);
      run_until(io, [&pool] { return pool.stats().waiting == 1; });
      way.let_go();
      run_to_end(io, second);
      BOOST_TEST_REQUIRE(second.got.has_value());
      BOOST_TEST(!second.record.reused);
      run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await exchange(*second.got) == "hello"); });
    }
    BOOST_TEST(way.connections() == 1);
    BOOST_TEST(pool.stats().in_use == 0);
  }
}

BOOST_AUTO_TEST_CASE(closing_the_pool_ends_it_and_leaves_those_with_a_caller) {
  raw_server server(always(ok()));
  slow_way way(server);
  asio::io_context io;
  net::pool pool(io.get_executor(), way.pool_options());
  {
    caller leaves(io.get_executor(), pool), leaves_later(io.get_executor(), pool),
        stays(io.get_executor(), pool);
    for (const caller* const one : {&leaves, &leaves_later, &stays}) run_to_handshake(io, *one);
    leave(io, leaves);
    BOOST_TEST(pool.stats().in_use == 3);
    pool.close();
    run_until(io, [&pool] { return pool.stats().in_use == 2; });
    leaves_later.leave();
    run_until(io, [&pool] { return pool.stats().in_use == 1; });
    way.let_go();
    run_to_end(io, stays);
    BOOST_TEST_REQUIRE(stays.got.has_value());
    run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await exchange(*stays.got) == "hello"); });
  }
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().idle == 0);
}

BOOST_AUTO_TEST_CASE(closing_the_client_ends_it_so_that_run_returns) {
  raw_server silent([](peer& client) { client.wait_for_end(); }, plain());
  for (const bool with_grace : {true, false}) {
    asio::io_context io;
    wf::client_options options = options_for(silent, true);
    options.call_deadline = 20ms;
    options.connect_limit = 10min;
    const wf::client client(io, options);
    bool timed_out = false;
    run(io, [&]() -> asio::awaitable<void> {
      try {
        co_await client.executions().get("e1");
      } catch (const wf::timeout_error&) {
        timed_out = true;
      }
      BOOST_TEST(client.stats().connections_in_use == 1u);
      if (with_grace)
        co_await client.close(0ms);
      else
        client.close();
    });
    BOOST_TEST(timed_out);
    BOOST_TEST(client.stats().connections_in_use == 0u);
  }
}

BOOST_AUTO_TEST_CASE(the_connect_limit_ends_it) {
  raw_server silent([](peer& client) { client.wait_for_end(); }, plain());
  asio::io_context io;
  net::pool_options options = silent.pool_options();
  options.server.tls = true;
  options.connect_limit = 400ms;
  held_connects connects;
  net::pool_options held;
  held.connect = connects.function();
  held.connect_limit = 400ms;
  for (const net::pool_options& each : {options, held}) {
    net::pool pool(io.get_executor(), each);
    caller one(io.get_executor(), pool);
    run_until(io, [&one] { return one.record.reached >= net::phase::connecting; });
    leave(io, one);
    BOOST_TEST(pool.stats().in_use == 1);
    io.run();
    BOOST_TEST(pool.stats().in_use == 0);
    BOOST_TEST(pool.stats().connect_failures == 1u);
  }
}

BOOST_AUTO_TEST_CASE(its_context_may_go_away_meanwhile) {
  raw_server silent([](peer& client) { client.wait_for_end(); }, plain());
  auto io = std::make_unique<asio::io_context>();
  net::pool_options options = silent.pool_options();
  options.server.tls = true;
  net::pool pool(io->get_executor(), options);
  auto leaves = std::make_unique<caller>(io->get_executor(), pool);
  caller stays(io->get_executor(), pool);
  run_to_handshake(*io, *leaves);
  run_to_handshake(*io, stays);
  leave(*io, *leaves);
  leaves.reset();
  BOOST_TEST(pool.stats().in_use == 2);
  io.reset();
  BOOST_TEST(pool.stats().in_use == 0);
  pool.close();
  pool.abort();
}

BOOST_AUTO_TEST_CASE(callers_that_leave_on_four_threads_lose_no_place) {
  raw_server server(always(ok()));
  asio::io_context io;
  net::pool_options options = server.pool_options();
  options.call_connections = 4;
  net::pool pool(io.get_executor(), options);
  std::atomic<int> ended{0}, answered{0};
  std::vector<std::unique_ptr<asio::cancellation_signal>> signals;
  for (int i = 0; i < 200; ++i) {
    const auto strand = asio::make_strand(io);
    signals.push_back(std::make_unique<asio::cancellation_signal>());
    asio::co_spawn(
        strand, fetch(pool),
        asio::bind_cancellation_slot(signals.back()->slot(), [&](std::exception_ptr e, const std::string&) {
          if (!e) ++answered;
          ++ended;
        }));
    if (i % 3 != 0)
      asio::post(strand, [strand, signal = signals.back().get()] {
        asio::post(strand, [signal] { signal->emit(asio::cancellation_type::terminal); });
      });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& one : threads) one.join();
  BOOST_TEST(ended == 200);
  BOOST_TEST(answered >= 67);
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().waiting == 0);
  BOOST_TEST(pool.stats().idle <= 4);
}

BOOST_AUTO_TEST_SUITE_END()
