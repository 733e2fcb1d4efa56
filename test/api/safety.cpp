// Hooks, the rate gate and close(grace) with many calls on
// many threads, against a server that refuses and cuts.
#include "api/support.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using test::asio::awaitable;
using wf_client = mistral::workflows::client;

namespace {

void run_on_threads(boost::asio::io_context& io, int count) {
  io.restart();
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) threads.emplace_back([&io] { io.run(); });
  for (auto& thread : threads) thread.join();
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(safety, test::local)

BOOST_AUTO_TEST_CASE(a_signal_that_is_too_large_for_the_server_always_says_413) {
  for (const bool tls : {false, true}) {
    testing::local_server_options small;
    small.tls = tls;
    small.request_limit = 1024 * 1024;
    test::local there(small);
    for (int i = 0; i < 10; ++i) {
      boost::json::object input;
      input["text"] = boost::json::string(8 * 1024 * 1024, 'x');
      const auto e = there.error_of<api_error>([&]() -> awaitable<void> {
        co_await there.client.executions().signal("e1", signal_request("go", input));
      });
      BOOST_TEST(e.status() == 413);
      BOOST_TEST((e.server_may_have_acted() == server_action::no));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_burst_of_429s_over_four_threads_holds_all_calls_at_one_gate_and_loses_none) {
  constexpr int calls = 64;
  server.faults().add(testing::fault().on("workflows.list").times(20).answer(429).retry_after(1s));
  client_options settings = options();
  settings.call_deadline = 2min;  // sanitizers are slow
  settings.retry.max_attempts = 20;
  std::atomic<int> told = 0;
  std::mutex mutex;
  std::set<std::pair<std::uint64_t, int>> keys;
  settings.hooks.attempt = [&](const attempt_report& r) {
    ++told;
    const std::lock_guard lock(mutex);
    keys.emplace(r.call_number, r.attempt);
  };
  settings.hooks.headers = [](const attempt_info& info) {
    call_hooks::header_list out;
    out.emplace_back("traceparent", std::to_string(info.call_number));
    return out;
  };
  const wf_client busy(io, settings);
  std::atomic<int> good = 0;
  for (int i = 0; i < calls; ++i)
    boost::asio::co_spawn(io, busy.workflows().list(),
                          [&good](std::exception_ptr thrown, const workflow_page&) {
                            if (!thrown) ++good;
                          });
  run_on_threads(io, 4);
  const client_stats stats = busy.stats();
  BOOST_TEST(good == calls);
  BOOST_TEST(stats.rate_limited == 20u);
  BOOST_TEST(stats.gate_closings >= 1u);
  BOOST_TEST(stats.waiting_for_turn == 0u);
  BOOST_TEST(stats.calls_under_way == 0u);
  BOOST_TEST(stats.attempts == static_cast<std::uint64_t>(calls) + 20u);
  BOOST_TEST(static_cast<std::uint64_t>(told.load()) == stats.attempts);
  BOOST_TEST(keys.size() == stats.attempts);  // call and attempt name one request
  BOOST_TEST(stats.hook_failures == 0u);
  BOOST_TEST(stats.bytes_sent > 0u);
}

BOOST_AUTO_TEST_CASE(a_client_with_calls_and_streams_on_four_threads_closes_in_bounded_time) {
  server.faults().add(testing::fault().on("executions.get").times(0).hold());
  execute_request request;
  request.execution_id = "e";
  run([&]() -> awaitable<void> { co_await client.workflows().execute("sleeps", request); });
  std::atomic<int> closed = 0;
  const auto count = [&closed](std::exception_ptr thrown) {
    try {
      if (thrown) std::rethrow_exception(thrown);
    } catch (const error& e) {
      if (e.code() == make_error_condition(errc::closed)) ++closed;
    }
  };
  constexpr int each = 24;
  const auto follow = [](wf_client from) -> awaitable<void> {
    event_stream events = from.executions().stream("e");
    while (co_await events.next()) continue;
  };
  for (int i = 0; i < each; ++i) {
    boost::asio::co_spawn(io, client.executions().get("e"),
                          [count](std::exception_ptr thrown, const execution&) { count(std::move(thrown)); });
    boost::asio::co_spawn(io, follow(client), count);
  }
  const auto end = [this]() -> awaitable<void> {
    co_await server.until([](const testing::server_counts& c) {
      return c.requests_of("executions.get") >= each && c.streams_open >= each;
    });
    co_await client.close(10ms);
  };
  boost::asio::co_spawn(io, end(), [](std::exception_ptr thrown) { BOOST_TEST(!thrown); });
  run_on_threads(io, 4);  // returns: nothing is left
  BOOST_TEST(closed == 2 * each);
  BOOST_TEST(client.stats().connections_in_use == 0u);
  BOOST_TEST(client.stats().connections_idle == 0u);
  server.faults().clear();
}

BOOST_AUTO_TEST_SUITE_END()
