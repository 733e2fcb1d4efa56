// A read on a connection that swallows it, over memory and by
// the real clock: all of them at once, in the time of one.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

client_options patient(std::chrono::milliseconds deadline) {
  client_options options;
  options.call_deadline = options.handler_deadline = deadline;
  return options;
}

/// A server, a client of it, and how one call ended.
struct story {
  story(boost::asio::io_context& on, const client_options& options)
      : io(on), server(on), client(server.client(options)) {}

  /// The call, on a connection that has served another before.
  void begin_reused(std::function<boost::asio::awaitable<void>(executions_api)> call) {
    boost::asio::co_spawn(io, run(std::move(call), true), [](std::exception_ptr) {});
  }
  void begin(std::function<boost::asio::awaitable<void>(executions_api)> call) {
    boost::asio::co_spawn(io, run(std::move(call), false), [](std::exception_ptr) {});
  }

  boost::asio::awaitable<void> run(std::function<boost::asio::awaitable<void>(executions_api)> call,
                                   bool reused) {
    const executions_api executions(client);
    if (reused) co_await executions.get("e0");
    const auto began = std::chrono::steady_clock::now();
    try {
      co_await call(executions);
    } catch (const error& e) {
      failure = e.code();
    }
    took = std::chrono::steady_clock::now() - began;
    ended = true;
  }

  boost::asio::io_context& io;
  test::script server;
  std::shared_ptr<const session::client_handle> client;
  bool ended = false;
  boost::system::error_code failure;
  std::chrono::steady_clock::duration took{0};
};

boost::asio::awaitable<void> get(executions_api executions) { co_await executions.get("e1"); }
boost::asio::awaitable<void> ask(executions_api executions) {
  co_await executions.query("e1", query_request("state"));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(patience_of_reads)

BOOST_AUTO_TEST_CASE(a_read_that_a_used_connection_swallows_goes_once_more_on_another_and_nothing_else_does) {
  boost::asio::io_context io;
  story swallowed(io, patient(20s));
  swallowed.server.answer(200, running).stall().answer(200, running);
  swallowed.begin_reused(get);

  story twice(io, patient(7s));
  twice.server.answer(200, running).stall().stall();
  twice.begin_reused(get);

  story query(io, patient(7s));
  query.server.answer(200, running).stall();
  query.begin_reused(ask);

  story fresh(io, patient(7s));
  fresh.server.stall();
  fresh.begin(get);

  client_options poor = patient(7s);
  poor.retry_budget.capacity = 1;
  poor.retry_budget.per_success = poor.retry_budget.per_second = 0;
  story without_budget(io, poor);
  BOOST_TEST(without_budget.client->state->retry_budget().take());
  without_budget.server.answer(200, running).stall();
  without_budget.begin_reused(get);

  story* const all[] = {&swallowed, &twice, &query, &fresh, &without_budget};
  io.restart();
  const auto over = [&] {
    return std::all_of(std::begin(all), std::end(all), [](story* one) { return one->ended; });
  };
  while (!over()) BOOST_REQUIRE(io.run_one() == 1);

  BOOST_TEST(!swallowed.failure, swallowed.failure.message());
  BOOST_TEST((swallowed.took >= 5s && swallowed.took < 15s));
  BOOST_TEST(swallowed.server.requests.size() == 3u);
  BOOST_TEST(swallowed.server.connections == 2);
  BOOST_TEST(twice.server.requests.size() == 3u);
  BOOST_TEST(query.server.requests.size() == 2u);
  BOOST_TEST(fresh.server.requests.size() == 1u);
  BOOST_TEST(without_budget.server.requests.size() == 2u);
  for (const story* const one : {&twice, &query, &fresh, &without_budget})
    BOOST_TEST((one->failure == errc::timeout));
}

BOOST_AUTO_TEST_SUITE_END()
