// API keys: where they come from, when another is asked for, and that no error shows one.
#include "session/script.hpp"

#include "session/client/closing.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keys, fixture)

BOOST_AUTO_TEST_CASE(a_rejected_key_is_asked_for_once_more_when_a_coroutine_supplies_it) {
  server.answer(401).answer(200, running).answer(401).answer(401, R"({"detail":"Unauthorized"})");
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    co_return "secret-" + std::to_string(++asked);
  };
  const executions_api executions(server.client(options));
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(asked == 2);
  BOOST_TEST(server.requests[1].find("Bearer secret-2\r\n") != std::string::npos);
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.code() == errc::unauthorized));
  BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_CASE(a_renewed_key_counts_against_the_same_deadline) {
  server.answer(401);
  int asked = 0;
  client_options options;
  options.call_deadline = 40ms;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    if (++asked > 1) {
      boost::asio::steady_timer never(io, std::chrono::steady_clock::time_point::max());
      co_await never.async_wait(boost::asio::use_awaitable);
    }
    co_return std::string("secret-1");
  };
  const executions_api executions(server.client(options));
  const auto e =
      test::error_of<timeout_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.server_may_have_acted() == server_action::no));
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_CASE(calls_whose_key_was_rejected_together_ask_for_one_new_key) {
  for (int i = 0; i < 4; ++i) server.answer(401);
  for (int i = 0; i < 4; ++i) server.answer(200, running);
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    ++asked;
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    co_return "secret-" + std::to_string(asked);
  };
  const executions_api executions(server.client(options));
  int done = 0;
  bool all = false;
  for (int i = 0; i < 4; ++i)
    boost::asio::co_spawn(io, executions.get("e1"), [&](std::exception_ptr thrown, const execution&) {
      BOOST_TEST(!thrown);
      all = ++done == 4;
    });
  test::run_until(io, all);
  BOOST_TEST(asked == 2);
  for (std::size_t i = 4; i < 8; ++i) BOOST_TEST(server.requests[i].find("Bearer secret-2\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_that_the_server_sends_back_stands_in_no_error) {
  const executions_api executions(server.client());
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  server.answer(403, R"({"detail":"secret-key may not"})", "X-Request-Id: secret-key\r\n");
  const auto refused = test::error_of<api_error>(io, get);
  BOOST_TEST(refused.details().detail == "[redacted] may not");
  BOOST_TEST(refused.details().request_id == "[redacted]");
  BOOST_TEST(boost::json::serialize(refused.details().body).find("secret") == std::string::npos);
  server.answer(307, "", "Location: https://elsewhere.example/?key=secret-key\r\n");
  test::error_of<api_error>(io, get);
  server.answer(200, "secret-key");
  BOOST_TEST(test::error_of<decode_error>(io, get).excerpt() == "[redacted]");
}

BOOST_AUTO_TEST_CASE(a_rejected_fixed_key_is_final) {
  server.answer(401);
  const executions_api executions(server.client());
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.code() == errc::unauthorized));
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_supplier_that_takes_no_cancellation_is_left_behind_at_the_deadline_and_in_close) {
  boost::asio::steady_timer later(io, std::chrono::steady_clock::time_point::max());
  int asked = 0;
  client_options options;
  options.call_deadline = 30ms;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    ++asked;
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await later.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return std::string("secret-late");
  };
  const auto handle = server.client(options);
  const executions_api executions(handle);
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  BOOST_TEST((test::error_of<timeout_error>(io, get).server_may_have_acted() == server_action::no));
  const auto closing = [&]() -> boost::asio::awaitable<void> {
    bool ended = false;
    boost::asio::co_spawn(io, get(), [&](std::exception_ptr thrown) { ended = static_cast<bool>(thrown); });
    co_await boost::asio::post(io, boost::asio::use_awaitable);
    co_await session::close(handle->state, 0ms);
    BOOST_TEST(ended);
  };
  test::run(io, closing);
  BOOST_TEST(asked == 2);
  later.cancel();
  io.restart();
  io.poll();
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_CASE(calls_that_wait_for_a_key_at_the_same_time_share_one_question) {
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    ++asked;
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    co_return std::string("k");
  };
  for (int i = 0; i < 8; ++i) server.answer(200, running);
  const executions_api executions(server.client(options));
  int done = 0;
  bool all = false;
  for (int i = 0; i < 8; ++i)
    boost::asio::co_spawn(io, executions.get("e1"), [&](std::exception_ptr thrown, const execution&) {
      BOOST_TEST(!thrown);
      all = ++done == 8;
    });
  test::run_until(io, all);
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_SUITE_END()
