// What is asked after a start that was answered: the start was done, whatever comes of that.
// Not starts without an answer: whole_calls.cpp.
#include "session/doubt/doubtful_starts.hpp"

#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <variant>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;
using test::noon;
using test::under;

namespace {

// Says neither whether it has ended nor which run it is.
const std::string null_result = R"({"workflow_name":"ticket","execution_id":"@id@","result":null})";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(whole_calls, test::doubtful_starts)

BOOST_AUTO_TEST_CASE(what_fails_after_the_start_is_an_error_of_the_start_and_says_that_it_was_done) {
  const workflows_api workflows(server.client());
  server.answer(200, null_result).answer(403);
  const auto waited = test::error_of<api_error>(io, [&]() -> awaitable<void> {
    co_await workflows.execute_and_wait("ticket", execute_request(), 10s);
  });
  server.answer(200, null_result).answer(403);
  const auto started = start_fails<api_error>();
  for (const api_error& e : {waited, started}) {
    BOOST_TEST(e.operation() == "workflows.execute");
    BOOST_TEST(e.attempts() == 2);
    BOOST_TEST(e.status() == 403);
    BOOST_TEST((e.server_may_have_acted() == server_action::yes));
    BOOST_TEST(e.execution_id().size() == 36u);
  }
}

BOOST_AUTO_TEST_CASE(a_null_result_whose_get_lags_is_waited_for) {
  const std::string completed = test::execution_json(test::asked_id, "COMPLETED", "2026-11-22T12:00:00Z");
  const workflows_api workflows(server.client());
  const std::pair<int, std::string> lagging[] = {
      {200, test::execution_json(test::asked_id, "RUNNING", "2026-11-22T12:00:00Z")},
      {200, test::execution_json(test::asked_id, "CONTINUED_AS_NEW", "2026-11-22T12:00:00Z")},
      {404, R"({"detail":"there is none","code":"WF_1100"})"},
      {404, "{}"}};
  for (const auto& [status, body] : lagging) {
    BOOST_TEST_INFO_SCOPE(status << ' ' << body);
    server.answer(200, null_result).answer(status, body).answer(200, completed);
    test::run(io, [&]() -> awaitable<void> {
      const execute_outcome outcome = co_await workflows.execute_and_wait("ticket", execute_request(), 30s);
      BOOST_REQUIRE(std::holds_alternative<finished>(outcome));
      BOOST_TEST(std::get<finished>(outcome).result.at("ok").as_bool());
      BOOST_TEST(std::get<finished>(outcome).execution_id.size() == 36u);
    });
  }
  BOOST_TEST(server.requests.size() == 12u);
}

BOOST_AUTO_TEST_CASE(a_null_result_whose_gets_fail_for_a_while_is_waited_for) {
  const std::string completed = test::execution_json(test::asked_id, "COMPLETED", "2026-11-22T12:00:00Z");
  const workflows_api workflows(server.client());
  for (const int status : {408, 425, 429, 503}) {
    BOOST_TEST_INFO_SCOPE(status);
    server.answer(200, null_result);
    for (int attempt = 0; attempt < 4; ++attempt) server.answer(status, "{}");
    server.answer(200, completed);
    test::run(io, [&]() -> awaitable<void> {
      const execute_outcome outcome = co_await workflows.execute_and_wait("ticket", execute_request(), 30s);
      BOOST_TEST(std::holds_alternative<finished>(outcome));
    });
  }
  BOOST_TEST(server.requests.size() == 24u);
}

BOOST_AUTO_TEST_CASE(a_null_result_whose_get_lags_is_no_end_when_the_time_has_passed) {
  const workflows_api workflows(server.client());
  server.answer(200, null_result).late(20ms).absent();
  test::run(io, [&]() -> awaitable<void> {
    const execute_outcome outcome = co_await workflows.execute_and_wait("ticket", under("order-42"), 10ms);
    BOOST_REQUIRE(std::holds_alternative<still_running>(outcome));
    BOOST_TEST(std::get<still_running>(outcome).execution.execution_id == "order-42");
    BOOST_TEST(std::get<still_running>(outcome).execution.workflow_name == "ticket");
  });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_waiting_start_that_is_answered_between_two_runs_waits_for_the_next) {
  const workflows_api workflows(server.client());
  server.answer(200, test::execution_json(test::asked_id, "CONTINUED_AS_NEW", "2026-11-22T12:00:00Z"));
  server.answer(200, test::execution_json(test::asked_id, "COMPLETED", "2026-11-22T12:00:01Z"));
  test::run(io, [&]() -> awaitable<void> {
    const execute_outcome outcome = co_await workflows.execute_and_wait("ticket", execute_request(), 30s);
    BOOST_REQUIRE(std::holds_alternative<finished>(outcome));
    BOOST_TEST(std::get<finished>(outcome).result.at("ok").as_bool());
  });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(also_where_the_client_was_closed_meanwhile) {
  std::shared_ptr<const session::client_handle> handle;
  server.answer(200, null_result, "", [&] { handle->state->live().refuse_calls(); });
  handle = server.client();
  const workflows_api workflows(handle);
  const auto after = test::error_of<error>(
      io, [&]() -> awaitable<void> { co_await workflows.execute("ticket", under("order-42")); });
  BOOST_TEST((after.code() == make_error_condition(errc::closed)));
  BOOST_TEST((after.server_may_have_acted() == server_action::yes));
  BOOST_TEST(after.execution_id() == "order-42");
  const auto before = test::error_of<error>(
      io, [&]() -> awaitable<void> { co_await workflows.execute("ticket", under("order-43")); });
  BOOST_TEST((before.server_may_have_acted() == server_action::no));
  BOOST_TEST(before.execution_id() == "order-43");
}

BOOST_AUTO_TEST_CASE(or_it_was_cancelled_between_the_start_and_what_follows_it) {
  boost::asio::cancellation_signal stop;
  std::string last = "workflows.execute";  // the request after whose answer the cancellation comes
  client_options options;
  options.hooks.attempt = [&](const attempt_report& r) {
    if (r.operation == last && r.status == 200) stop.emit(boost::asio::cancellation_type::terminal);
  };
  const workflows_api workflows(server.client(options));
  const auto cancelled = [&](awaitable<void> what) {
    std::exception_ptr thrown;
    bool ended = false;
    boost::asio::co_spawn(boost::asio::make_strand(io), std::move(what),
                          boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) {
                            thrown = std::move(failure);
                            ended = true;
                          }));
    test::run_until(io, ended);
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), cancelled_error, [](const cancelled_error& e) {
      return e.operation() == "workflows.execute" && e.execution_id() == "order-42" &&
             e.server_may_have_acted() == server_action::yes;
    });
  };
  const auto start_it = [&]() -> awaitable<void> { co_await workflows.execute("ticket", under("order-42")); };
  const auto wait_for_it = [&]() -> awaitable<void> {
    co_await workflows.execute_and_wait("ticket", under("order-42"), 10s);
  };
  server.answer(200, null_result).answer(200, null_result);
  cancelled(start_it());
  cancelled(wait_for_it());
  BOOST_TEST(server.requests.size() == 2u);
  last = "executions.get";
  server.cut().answer(200, test::execution_json("order-42", "RUNNING", "2026-11-22T12:00:00.5Z"), noon);
  cancelled(wait_for_it());
  BOOST_TEST(server.requests.size() == 4u);
}

BOOST_AUTO_TEST_CASE(the_get_that_follows_a_start_has_what_is_left_of_its_deadline) {
  client_options options;
  options.call_deadline = 3s;
  server.answer(200, null_result).late(2s).stall();
  const auto began = std::chrono::steady_clock::now();
  const auto e = start_fails<timeout_error>(options, under("order-42"));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 4900ms));  // two deadlines would be 5 s at least
  BOOST_TEST((e.server_may_have_acted() == server_action::yes));
  BOOST_TEST(e.execution_id() == "order-42");
}

BOOST_AUTO_TEST_SUITE_END()
