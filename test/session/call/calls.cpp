// Calls over a connection in memory: what is repeated, and what errors say.
// Not how time and cancellation end them: call_ends.cpp.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

}  // namespace

BOOST_FIXTURE_TEST_SUITE(calls, test::with_script)

BOOST_AUTO_TEST_CASE(an_execution_is_read_with_key_and_user_agent) {
  server.answer(200, running);
  const executions_api executions(server.client());
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const execution state = co_await executions.get("e1");
    BOOST_TEST(state.execution_id == "e1");
    BOOST_TEST((state.status == execution_status::running));
  });
  BOOST_TEST(server.line(0) == "GET /v1/workflows/executions/e1");
  BOOST_TEST(server.requests[0].find("Authorization: Bearer secret-key\r\n") != std::string::npos);
  BOOST_TEST(server.requests[0].find("User-Agent: mistral-workflows-cpp/") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_waiting_start_that_is_answered_with_a_whole_execution_keeps_its_id_and_result) {
  server.answer(200, test::execution_json(test::asked_id, "COMPLETED", "2026-01-01T00:00:00Z"));
  const workflows_api workflows(server.client());
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const execute_outcome outcome = co_await workflows.execute_and_wait("ticket");
    BOOST_REQUIRE(std::holds_alternative<finished>(outcome));
    BOOST_TEST(std::get<finished>(outcome).execution_id.size() == 36u);
    BOOST_TEST(std::get<finished>(outcome).result.at("ok").as_bool());
  });
  BOOST_TEST(server.requests[0].find("\"wait_for_result\":true,\"timeout_seconds\":300") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(
    a_read_on_a_connection_that_the_server_had_let_go_is_repeated_without_back_off_and_budget) {
  client_options options;
  options.retry.initial_backoff = options.retry.max_backoff = 24h;
  options.retry_budget.capacity = 1;
  options.retry_budget.per_success = options.retry_budget.per_second = 0;
  const auto shared = server.client(options);
  const executions_api executions(shared);
  const session::call_counters& counted = shared->state->counters();
  for (int i = 0; i < 3; ++i) server.answer(200, running).cut();
  server.answer(200, running);
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    for (int i = 0; i < 4; ++i) co_await executions.get("e1");
  });
  BOOST_TEST(counted.retries == 3u);
  BOOST_TEST(server.connections == 4);
}

BOOST_AUTO_TEST_CASE(on_a_new_connection_the_same_failure_takes_from_the_budget) {
  client_options options;
  options.retry_budget.capacity = 1;
  options.retry_budget.per_success = options.retry_budget.per_second = 0;
  const auto shared = server.client(options);
  const executions_api executions(shared);
  const session::call_counters& counted = shared->state->counters();
  server.cut().answer(200, running);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(counted.retries_refused == 0u);
  server.cut().cut();  // the connection from above, and a new one
  const auto e = test::error_of<transport_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.attempts() == 2);
  BOOST_TEST(counted.retries_refused == 1u);
}

BOOST_AUTO_TEST_CASE(only_a_call_that_succeeds_at_its_first_attempt_gives_something_back_to_the_budget) {
  client_options options;
  options.retry_budget.capacity = 1;
  options.retry_budget.per_success = 1;
  options.retry_budget.per_second = 0;
  const auto shared = server.client(options);
  const executions_api executions(shared);
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  server.answer(503).answer(200, running).answer(200, running);
  test::run(io, get);
  BOOST_TEST(!shared->state->retry_budget().take());
  test::run(io, get);
  BOOST_TEST(shared->state->retry_budget().take());
}

BOOST_AUTO_TEST_CASE(one_connection_serves_one_call_after_another) {
  for (int i = 0; i < 5; ++i) server.answer(200, running);
  const executions_api executions(server.client());
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    for (int i = 0; i < 5; ++i) co_await executions.get("e1");
  });
  BOOST_TEST(server.connections == 1);
}

BOOST_AUTO_TEST_CASE(a_read_is_repeated_after_a_lost_answer_and_a_failed_connect) {
  server.refuse().cut().answer(503).answer(200, running);
  const executions_api executions(server.client());
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(server.requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_signal_is_not_sent_twice_when_its_fate_is_unknown) {
  server.cut();
  const executions_api executions(server.client());
  const auto e = test::error_of<transport_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.signal("e1", signal_request("go")); });
  BOOST_TEST(server.requests.size() == 1u);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(e.attempts() == 1);
  BOOST_TEST(e.operation() == "executions.signal");
  BOOST_TEST((e.code() == errc::transport));
}

BOOST_AUTO_TEST_CASE(a_signal_is_sent_again_when_the_server_cannot_have_read_it) {
  server.refuse()
      .answer(429)
      .answer(503, "{}", "Retry-After: 0\r\n")
      .answer(202, R"({"message":"Signal accepted"})");
  const executions_api executions(server.client());
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const boost::json::object input = {{"a", 1}};
    const signal_answer answer = co_await executions.signal("e1", signal_request("go", input));
    BOOST_TEST(answer.message == "Signal accepted");
  });
  BOOST_TEST(server.requests.size() == 3u);
  BOOST_TEST(server.requests[2].find("\r\n\r\n{\"name\":\"go\",\"input\":{\"a\":1}}") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_2xx_whose_body_breaks_off_has_said_that_the_server_acted) {
  server.bytes(
      "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n{\"mess");
  const executions_api executions(server.client());
  const auto e = test::error_of<decode_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.signal("e1", signal_request("go")); });
  BOOST_TEST((e.server_may_have_acted() == server_action::yes));
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_error_answer_says_what_the_server_said) {
  server.answer(404, R"({"detail":"no such workflow","code":"WF_1100"})", "x-request-id: r-77\r\n");
  const workflows_api workflows(server.client());
  const auto e = test::error_of<api_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await workflows.get("nope"); });
  BOOST_TEST((e.code() == errc::workflow_not_found));
  BOOST_TEST((e.code() == errc::api_error));
  BOOST_TEST((e.code() != errc::transport));
  BOOST_TEST(e.status() == 404);
  BOOST_TEST(e.details().request_id == "r-77");
  BOOST_TEST(e.details().method == "GET");
  BOOST_TEST(e.details().path == "/v1/workflows/nope");
  BOOST_TEST(std::string(e.what()).find("no such workflow") != std::string::npos);
  BOOST_TEST((e.server_may_have_acted() == server_action::no));
}

BOOST_AUTO_TEST_CASE(the_last_of_several_failures_is_thrown_with_the_number_of_attempts) {
  server.answer(503).answer(503).answer(503).answer(503, R"({"detail":"down"})");
  const executions_api executions(server.client());
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.attempts() == 4);
  BOOST_TEST((e.code() == errc::unavailable));
  BOOST_TEST(e.details().detail == "down");
}

BOOST_AUTO_TEST_CASE(a_proxys_html_page_is_an_api_error_that_shows_its_beginning) {
  server.answer(403, "<html>Forbidden by proxy</html>");
  const executions_api executions(server.client());
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.details().detail == "<html>Forbidden by proxy</html>");
}

BOOST_AUTO_TEST_CASE(a_2xx_answer_that_is_not_json_is_a_decode_error_that_shows_its_beginning) {
  server.answer(200, "<html>Welcome</html>");
  const executions_api executions(server.client());
  const auto e = test::error_of<decode_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.status() == 200);
  BOOST_TEST(e.excerpt() == "<html>Welcome</html>");
}

BOOST_AUTO_TEST_CASE(a_member_of_the_wrong_type_is_a_decode_error_that_points_at_it) {
  server.answer(200, R"({"executions":[{"workflow_name":7}]})");
  const runs_api runs(server.client());
  const auto e =
      test::error_of<decode_error>(io, [&]() -> boost::asio::awaitable<void> { co_await runs.list(); });
  BOOST_TEST(e.path() == "/executions/0/workflow_name");
}

BOOST_AUTO_TEST_CASE(a_body_that_breaks_off_is_a_decode_error_with_status_and_what_came) {
  for (int i = 0; i < 4; ++i)
    server.bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"workflow_name\":");
  const executions_api executions(server.client());
  const auto e = test::error_of<decode_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.status() == 200);
  BOOST_TEST(e.excerpt() == "{\"workflow_name\":");
  BOOST_TEST(e.attempts() == 4);
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed_and_its_target_is_named) {
  server.answer(307, "", "Location: https://elsewhere.example/\r\n");
  const executions_api executions(server.client());
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.status() == 307);
  BOOST_TEST(std::string(e.what()).find("https://elsewhere.example/") != std::string::npos);
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_by_field_before_anything_is_sent) {
  const executions_api executions(server.client());
  const auto field_of = [&](std::function<boost::asio::awaitable<void>()> body) {
    const auto e = test::error_of<invalid_argument>(io, std::move(body));
    BOOST_TEST((e.server_may_have_acted() == server_action::no));
    return e.field();
  };
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await executions.get(""); }) ==
             "execution_id");
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await executions.terminate(".."); }) ==
             "execution_id");
  const std::string long_id(257, 'x');
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await executions.cancel(long_id); }) ==
             "execution_id");
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> {
               co_await executions.signal("e", signal_request("s", 5));
             }) == "input");
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> {
               co_await executions.query("e", query_request("q", "x"));
             }) == "input");
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> {
               co_await executions.update("e", update_request(""));
             }) == "name");
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> {
               co_await executions.reset("e", reset_request(0));
             }) == "event_id");
  const std::vector<std::string> none;
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await executions.batch_cancel(none); }) ==
             "execution_ids");
  const runs_api runs(server.client());
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await runs.get("e1"); }) == "run_id");
  run_list_request page;
  page.page_size = 0;
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await runs.list(page); }) == "page_size");
  const workflows_api workflows(server.client());
  BOOST_TEST(field_of([&]() -> boost::asio::awaitable<void> { co_await workflows.get("runs"); }) ==
             "workflow");
  BOOST_TEST(server.connections == 0);
}

BOOST_AUTO_TEST_SUITE_END()
