// A child of the process that has connections does nothing to them: the parent goes on with them.
#include "forked.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include <unistd.h>

using namespace test;

namespace {

/// A context and a pool on it, with one idle connection.
struct connected {
  explicit connected(const raw_server& server)
      : io(std::make_unique<asio::io_context>()),
        pool(std::make_unique<net::pool>(io->get_executor(), server.pool_options())) {
    get();
  }

  void get() {
    run(*io, [this]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(*pool) == "hello"); });
  }

  std::unique_ptr<asio::io_context> io;
  std::unique_ptr<net::pool> pool;
};

/// The parent's second exchange, on the connection of its first, after a child did that.
void survives(const std::function<void(connected&)>& in_child) {
  for (const bool tls : {true, false}) {
    raw_server server(always(ok()), with_tls(tls));
    connected here(server);
    BOOST_REQUIRE(told_by_child([&] {
                    in_child(here);
                    return std::string("done");
                  }) == "done");
    here.get();
    BOOST_TEST(here.pool->stats().opened == 1u);
    BOOST_TEST(here.pool->stats().stale == 0u);
    BOOST_TEST(server.connections() == 1);
  }
}

std::string reason_of(const std::function<void()>& attempt) {
  try {
    attempt();
  } catch (const net::failure& problem) {
    return problem.code() == net::error::closed ? problem.reason() : "another code: " + problem.reason();
  } catch (...) {
    return "another exception";
  }
  return "no failure";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pool_forks)

BOOST_AUTO_TEST_CASE(a_child_that_destroys_pool_and_context_ends_no_connection_of_its_parents) {
  survives([](connected& there) {
    there.pool.reset();
    there.io.reset();
  });
  survives([](connected& there) {
    there.io.reset();
    there.pool.reset();
  });
}

BOOST_AUTO_TEST_CASE(a_child_that_closes_aborts_or_trims_ends_no_connection_of_its_parents) {
  survives([](connected& there) { there.pool->close(); });
  survives([](connected& there) { there.pool->abort(); });
  survives([](connected& there) { there.pool->trim(); });
}

// The child has that thread's lock, and not the thread.
BOOST_AUTO_TEST_CASE(a_child_closes_and_trims_although_a_thread_was_in_the_pool_at_the_fork) {
  raw_server server(always(ok()));
  connected here(server);
  std::atomic<bool> enough{false};
  std::thread other([&] {
    while (!enough) here.pool->stats();
  });
  for (int i = 0; i < 30; ++i) {
    BOOST_TEST(told_by_child([&] {
                 ::alarm(5);
                 here.pool->trim();
                 here.pool->stats();
                 here.pool->close();
                 here.pool->abort();
                 return std::string("done");
               }) == "done");
  }
  enough = true;
  other.join();
  here.get();
  BOOST_TEST(server.connections() == 1);
}

// What has a lease and what waits for one end with the context.
BOOST_AUTO_TEST_CASE(a_child_ends_its_context_although_a_thread_was_in_the_pool_at_the_fork) {
  raw_server server(always(ok()));
  auto io = std::make_unique<asio::io_context>();
  net::pool_options options = server.pool_options();
  options.call_connections = 1;
  auto pool = std::make_unique<net::pool>(io->get_executor(), options);
  net::progress of_holder, of_waiter;
  const auto hold = [&](net::progress& record) -> asio::awaitable<void> {
    net::lease held = co_await pool->acquire(net::kind::call, record);
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    asio::steady_timer forever(executor, asio::steady_timer::time_point::max());
    co_await forever.async_wait(asio::use_awaitable);
  };
  run(*io, [&]() -> asio::awaitable<void> { co_await fetch(*pool); });
  io->restart();
  asio::co_spawn(*io, hold(of_holder), asio::detached);
  asio::co_spawn(*io, hold(of_waiter), asio::detached);
  while (io->poll() > 0) {
  }
  BOOST_REQUIRE(pool->stats().in_use == 1);
  BOOST_REQUIRE(pool->stats().waiting == 1);
  std::atomic<bool> enough{false};
  std::thread other([&] {
    while (!enough) pool->stats();
  });
  for (int i = 0; i < 30; ++i) {
    BOOST_TEST(told_by_child([&] {
                 ::alarm(5);
                 io.reset();
                 pool.reset();
                 return std::string("done");
               }) == "done");
  }
  enough = true;
  other.join();
  io.reset();
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_child_gets_no_connection_of_its_parents_and_opens_none) {
  raw_server server(always(ok()));
  connected here(server);
  const auto use = [&] {
    return reason_of([&] { run(*here.io, [&]() -> asio::awaitable<void> { co_await fetch(*here.pool); }); });
  };
  BOOST_TEST(told_by_child(use) == "the connection pool belongs to the parent process");
  here.get();
  BOOST_TEST(server.connections() == 1);
}

BOOST_AUTO_TEST_CASE(a_child_that_goes_on_with_an_exchange_of_its_parents_takes_nothing_of_the_answer) {
  for (const bool tls : {true, false}) {
    std::promise<void> asked, go_on;
    raw_server server(
        [&](peer& client) {
          client.read_request();
          asked.set_value();
          go_on.get_future().wait();
          client.write(ok());
          client.wait_for_end();
        },
        with_tls(tls));
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    std::exception_ptr problem;
    std::string body;
    asio::co_spawn(io, fetch(pool), [&](std::exception_ptr thrown, const std::string& came) {
      problem = thrown;
      body = came;
    });
    auto was_asked = asked.get_future();
    while (was_asked.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.poll_one();
    while (io.poll_one() > 0) {
    }
    go_on.set_value();  // the answer comes into the socket that both have
    io.notify_fork(asio::execution_context::fork_prepare);
    const std::string told = told_by_child([&] {
      io.notify_fork(asio::execution_context::fork_child);
      io.run();
      return reason_of([&] {
        if (problem) std::rethrow_exception(problem);
      });
    });
    BOOST_REQUIRE(told == "the connection belongs to the parent process");
    io.notify_fork(asio::execution_context::fork_parent);
    io.run();
    BOOST_TEST(!problem);
    BOOST_TEST(body == "hello");
  }
}

BOOST_AUTO_TEST_SUITE_END()
