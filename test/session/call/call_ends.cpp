// Calls over a connection in memory: how time and cancellation end them.
// Not which failures are repeated: calls.cpp.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calls, test::with_script)

BOOST_AUTO_TEST_CASE(a_call_ends_at_its_deadline_and_says_where_time_ran_out) {
  server.stall().answer(200, running);
  client_options options;
  options.call_deadline = 30ms;
  const auto handle = server.client(options);
  const executions_api executions(handle);
  const auto e = test::error_of<timeout_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.phase() == call_phase::waiting_for_answer));
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST((e.code() == errc::timeout));
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(handle->state->pool().stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(a_call_without_time_for_another_attempt_ends_with_the_last_answer) {
  for (int i = 0; i < 4; ++i) server.answer(503);
  client_options options;
  options.call_deadline = 30ms;
  auto handle = server.client(options);
  auto slow = std::make_shared<call_options>();
  slow->retry.emplace();
  slow->retry->initial_backoff = slow->retry->max_backoff = 1h;
  const executions_api executions(std::make_shared<const session::client_handle>(handle->state, slow));
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.status() == 503);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
}

BOOST_AUTO_TEST_CASE(a_retry_after_beyond_the_deadline_ends_the_call_at_once_and_is_told) {
  server.answer(429, "{}", "Retry-After: 50\r\n");
  client_options options;
  options.call_deadline = 20s;
  const executions_api executions(server.client(options));
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.code() == errc::rate_limited));
  BOOST_TEST((e.retries_ended() == retry_end::beyond_deadline));
  BOOST_TEST(std::string(e.what()).find("Retry-After: 50 s; not repeated") != std::string::npos);
  BOOST_TEST((e.server_may_have_acted() == server_action::no));
}

BOOST_AUTO_TEST_CASE(a_retry_after_beyond_the_limit_ends_the_call_at_once_and_is_told) {
  server.answer(429, "{}", "Retry-After: 3600\r\n");
  const executions_api executions(server.client());
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.code() == errc::rate_limited));
  BOOST_REQUIRE(e.details().retry_after_ms.has_value());
  BOOST_TEST(*e.details().retry_after_ms == 3'600'000);
  BOOST_TEST((e.retries_ended() == retry_end::retry_after));
  BOOST_TEST(std::string(e.what()).find("Retry-After: 3600 s; not repeated") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_call_that_is_cancelled_ends_with_cancelled_error_and_leaves_the_pool_usable) {
  boost::asio::cancellation_signal cancel;
  server.stall([&] { cancel.emit(boost::asio::cancellation_type::terminal); }).answer(200, running);
  const auto handle = server.client();
  const executions_api executions(handle);
  const auto call = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  const std::exception_ptr problem = test::failure_of(io, cancel, call);
  BOOST_REQUIRE(problem);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(problem), cancelled_error, [](const cancelled_error& e) {
    return e.code() == boost::asio::error::operation_aborted &&
           e.server_may_have_acted() == server_action::unknown;
  });
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(handle->state->pool().stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(a_total_cancellation_is_not_honoured_once_the_request_has_left) {
  boost::asio::cancellation_signal cancel;
  server.stall([&] { cancel.emit(boost::asio::cancellation_type::total); });
  client_options options;
  options.call_deadline = 50ms;
  const executions_api executions(server.client(options));
  const auto body = [&]() -> boost::asio::awaitable<void> {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
    co_await executions.get("e1");
  };
  const std::exception_ptr problem = test::failure_of(io, cancel, body);
  BOOST_REQUIRE(problem);
  BOOST_CHECK_THROW(std::rethrow_exception(problem), timeout_error);
}

BOOST_AUTO_TEST_CASE(a_total_cancellation_before_the_request_leaves_promises_that_nothing_was_sent) {
  server.refuse().refuse().refuse().refuse();
  boost::asio::cancellation_signal cancel;
  client_options options;
  const executions_api executions(server.client(options));
  const auto body = [&]() -> boost::asio::awaitable<void> {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::enable_total_cancellation());
    boost::asio::post(io, [&] { cancel.emit(boost::asio::cancellation_type::total); });
    co_await executions.get("e1");
  };
  const std::exception_ptr problem = test::failure_of(io, cancel, body);
  BOOST_REQUIRE(problem);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(problem), cancelled_error, [](const cancelled_error& e) {
    return e.server_may_have_acted() == server_action::no;
  });
  BOOST_TEST(server.requests.empty());
}

// What Asio makes of a coroutine that is cancelled before its first wait would come out of io_context::run().
BOOST_AUTO_TEST_CASE(a_key_supplier_that_cancels_its_own_call_at_once_ends_it) {
  namespace asio = boost::asio;
  asio::cancellation_signal stop;
  client_options options;
  options.single_threaded = true;
  options.api_key_supplier = [&]() -> asio::awaitable<std::string> {
    stop.emit(asio::cancellation_type::terminal);
    co_return "secret-key";
  };
  const executions_api executions(server.client(options));
  const auto call = [&]() -> asio::awaitable<void> {
    co_await executions.signal("e1", signal_request("go"));
  };
  const std::exception_ptr failure = test::failure_of(io, stop, call);
  BOOST_REQUIRE(failure);
  BOOST_CHECK_THROW(std::rethrow_exception(failure), cancelled_error);
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_SUITE_END()
