#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <future>
#include <optional>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

namespace {

net::pool_options limited_to(const raw_server& server, int calls) {
  net::pool_options options = server.pool_options();
  options.call_connections = calls;
  return options;
}

/// Lets other coroutines run until as many as that wait for a connection.
asio::awaitable<void> until_waiting(net::pool& pool, int count) {
  while (pool.stats().waiting != count) co_await asio::post(asio::use_awaitable);
}

/// Takes a connection, notes that it got one, and makes one exchange.
asio::awaitable<void> note_and_fetch(net::pool& pool, int number, std::vector<int>& served) {
  net::progress record;
  net::lease lease = co_await pool.acquire(net::kind::call, record);
  served.push_back(number);
  co_await exchange(lease);
}

boost::system::error_code code_of(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& problem) {
    return problem.code();
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pooling)

BOOST_AUTO_TEST_CASE(waiters_are_served_in_the_order_they_came) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), limited_to(server, 1));
  std::vector<int> served;
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    net::progress record;
    net::lease held = co_await pool.acquire(net::kind::call, record);
    for (int i = 0; i < 5; ++i) {
      asio::co_spawn(executor, note_and_fetch(pool, i, served), asio::detached);
      co_await until_waiting(pool, i + 1);
    }
    co_await exchange(held);
  });
  BOOST_TEST(served == (std::vector<int>{0, 1, 2, 3, 4}));
  BOOST_TEST(pool.stats().opened == 1u);
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(a_cancelled_waiter_costs_nothing) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), limited_to(server, 1));
  std::vector<int> served;
  boost::system::error_code ended;
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    net::progress record;
    net::lease held = co_await pool.acquire(net::kind::call, record);
    asio::cancellation_signal signal;
    asio::co_spawn(executor, note_and_fetch(pool, 1, served),
                   asio::bind_cancellation_slot(signal.slot(),
                                                [&](std::exception_ptr thrown) { ended = code_of(thrown); }));
    co_await until_waiting(pool, 1);
    asio::co_spawn(executor, note_and_fetch(pool, 2, served), asio::detached);
    co_await until_waiting(pool, 2);
    signal.emit(asio::cancellation_type::terminal);
    co_await until_waiting(pool, 1);
    co_await exchange(held);
  });
  BOOST_TEST((ended == asio::error::operation_aborted));
  BOOST_TEST(served == (std::vector<int>{2}));
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().idle == 1);
}

BOOST_AUTO_TEST_CASE(a_waiter_cancelled_just_after_it_was_served_passes_its_place_on) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), limited_to(server, 1));
  for (const bool cancel_first : {true, false}) {
    std::vector<int> served;
    run(io, [&]() -> asio::awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      net::progress record;
      std::optional<net::lease> held = co_await pool.acquire(net::kind::call, record);
      asio::cancellation_signal signal;
      asio::co_spawn(executor, note_and_fetch(pool, 1, served),
                     asio::bind_cancellation_slot(signal.slot(), asio::detached));
      co_await until_waiting(pool, 1);
      asio::co_spawn(executor, note_and_fetch(pool, 2, served), asio::detached);
      co_await until_waiting(pool, 2);
      if (cancel_first) signal.emit(asio::cancellation_type::terminal);
      held.reset();  // serves the first waiter, which has not run since
      if (!cancel_first) signal.emit(asio::cancellation_type::terminal);
      while (served.empty() || served.back() != 2) co_await asio::post(asio::use_awaitable);
    });
    BOOST_TEST(served.back() == 2);
    BOOST_TEST(pool.stats().in_use == 0);
    BOOST_TEST(pool.stats().waiting == 0);
  }
}

BOOST_AUTO_TEST_CASE(run_returns_by_itself_with_an_idle_pool) {
  raw_server server(always(ok()));
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> { co_await fetch(pool); });
  BOOST_TEST(pool.stats().idle == 1);
  BOOST_TEST(io.stopped());
}

BOOST_AUTO_TEST_CASE(a_pool_and_a_lease_that_outlive_their_context_do_no_harm) {
  raw_server server(always(ok()));
  auto io = std::make_unique<asio::io_context>();
  net::pool pool(io->get_executor(), server.pool_options());
  net::progress record;
  net::lease kept;
  run(*io, [&]() -> asio::awaitable<void> {
    kept = co_await pool.acquire(net::kind::stream, record);
    co_await fetch(pool);
  });
  BOOST_TEST(pool.stats().idle == 1);
  io.reset();
  BOOST_TEST(pool.stats().idle == 0);
  BOOST_TEST(!kept.try_receive());
}

BOOST_AUTO_TEST_CASE(a_context_may_go_away_while_coroutines_read_wait_and_connect) {
  raw_server server([](peer& client) { client.wait_for_end(); });
  auto io = std::make_unique<asio::io_context>();
  net::pool pool(io->get_executor(), limited_to(server, 1));
  net::pool_options never = server.pool_options();
  never.resolve = [](std::string, net::resolve_done) {};
  net::pool unresolved(io->get_executor(), never);
  bool reading = false;
  const auto read = [&]() -> asio::awaitable<void> {
    net::progress record;
    net::lease lease = co_await pool.acquire(net::kind::call, record);
    co_await lease.send(get);
    reading = true;
    co_await lease.read_head();
  };
  const auto wait = [&](net::pool& where) -> asio::awaitable<void> { co_await fetch(where); };
  asio::co_spawn(asio::make_strand(*io), read, asio::detached);
  while (!reading) io->run_one();
  asio::co_spawn(asio::make_strand(*io), wait(pool), asio::detached);
  asio::co_spawn(asio::make_strand(*io), wait(unresolved), asio::detached);
  while (pool.stats().waiting != 1 || unresolved.stats().in_use != 1) io->run_one();
  io->poll();
  io.reset();
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().waiting == 0);
  BOOST_TEST(unresolved.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(closing_ends_waiters_and_lets_those_on_loan_finish) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), limited_to(server, 1));
  boost::system::error_code waiter, later;
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    net::progress record;
    net::lease held = co_await pool.acquire(net::kind::call, record);
    asio::co_spawn(executor, fetch(pool),
                   [&](std::exception_ptr thrown, const std::string&) { waiter = code_of(thrown); });
    co_await until_waiting(pool, 1);
    pool.close();
    BOOST_TEST(co_await exchange(held) == "hello");
    try {
      co_await fetch(pool);
    } catch (const net::failure& problem) {
      later = problem.code();
    }
  });
  BOOST_TEST((waiter == net::error::closed));
  BOOST_TEST((later == net::error::closed));
  BOOST_TEST(pool.stats().idle == 0);
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(limits_on_idling_and_lifetime_apply_on_taking_and_on_return) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  auto now = std::chrono::steady_clock::now();
  net::pool_options options = server.pool_options();
  options.now = [&] { return now; };
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    now += 54s;
    co_await fetch(pool);
    BOOST_TEST(pool.stats().opened == 1u);
    now += 55s;
    co_await fetch(pool);
    BOOST_TEST(pool.stats().opened == 2u);

    net::progress record;
    net::lease held = co_await pool.acquire(net::kind::call, record);
    now += 30min;
    co_await exchange(held);
  });
  BOOST_TEST(pool.stats().idle == 0);
  pool.trim();
}

BOOST_AUTO_TEST_CASE(streams_do_not_starve_calls_and_wait_no_longer_than_the_connect_limit) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool_options options = limited_to(server, 1);
  options.stream_connections = 1;
  options.connect_limit = 20ms;
  net::pool pool(io.get_executor(), options);
  net::progress second_record;
  const auto problem = failure_of([&] {
    run(io, [&]() -> asio::awaitable<void> {
      net::progress record;
      net::lease following = co_await pool.acquire(net::kind::stream, record);
      BOOST_TEST(co_await fetch(pool) == "hello");
      co_await pool.acquire(net::kind::stream, second_record);
    });
  });
  BOOST_TEST((problem.code() == net::error::connect_timeout));
  BOOST_TEST((second_record.reached == net::phase::waiting_for_connection));
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(an_idle_connection_can_be_taken_without_a_coroutine) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  net::progress record;
  BOOST_TEST(!pool.try_acquire(net::kind::call, record));
  run(io, [&]() -> asio::awaitable<void> {
    co_await fetch(pool);
    net::lease lease = pool.try_acquire(net::kind::call, record);
    BOOST_TEST(static_cast<bool>(lease));
    BOOST_TEST(record.reused);
    BOOST_TEST(co_await exchange(lease) == "hello");
    BOOST_TEST(!pool.try_acquire(net::kind::call, record));
  });
  BOOST_TEST(pool.stats().opened == 1u);
}

BOOST_AUTO_TEST_CASE(a_lease_closed_or_left_half_way_costs_its_connection) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> {
    net::progress record;
    {
      net::lease lease = co_await pool.acquire(net::kind::call, record);
      co_await exchange(lease);
      lease.close();
      BOOST_TEST(!lease);
    }
    BOOST_TEST(pool.stats().idle == 0);
    {
      net::lease lease = co_await pool.acquire(net::kind::call, record);
      co_await lease.send(get);
      co_await lease.read_head();
      if (!lease.complete()) BOOST_TEST(pool.stats().in_use == 1);
    }
    BOOST_TEST(pool.stats().idle == 0);
    {
      net::lease unused = co_await pool.acquire(net::kind::call, record);
    }
    BOOST_TEST(pool.stats().idle == 1);
  });
}

BOOST_AUTO_TEST_CASE(writing_to_a_connection_that_was_reset_raises_no_signal) {
  for (const bool tls : {true, false}) {
    std::promise<void> gone;
    raw_server server([&](peer&) { gone.set_value(); }, with_tls(tls));
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    const std::string large =
        "POST / HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + std::string(9'000'000, 'x');
    net::progress record;
    failure_of([&] {
      run(io, [&]() -> asio::awaitable<void> {
        net::lease lease = co_await pool.acquire(net::kind::call, record);
        gone.get_future().wait();
        co_await lease.send(large);
        co_await lease.read_head();
      });
    });
    BOOST_TEST(!record.request_sent);
    BOOST_TEST(pool.stats().in_use == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
