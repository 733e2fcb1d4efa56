// Waiting for the end of an execution, in all the ways it can come.
#include "api/support.hpp"

#include <boost/asio/steady_timer.hpp>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using test::asio::awaitable;

namespace {

result_options quickly() {
  result_options out;
  out.status_check = 50ms;
  return out;
}

// What happens to the execution once somebody follows its stream.
struct with_watcher : test::local {
  void when_followed(std::function<awaitable<void>()> then) {
    const auto body = [this, then]() -> awaitable<void> {
      co_await server.until([](const testing::server_counts& c) { return c.streams_open > 0; });
      co_await then();
    };
    boost::asio::co_spawn(io, body, [](std::exception_ptr thrown) { BOOST_TEST(!thrown); });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(results, with_watcher)

BOOST_AUTO_TEST_CASE(a_failed_execution_throws_with_its_status_and_failure) {
  const auto e = error_of<execution_error>([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("fails");
    co_await client.executions().result(started.execution_id);
  });
  BOOST_TEST((e.status() == execution_status::failed));
  BOOST_TEST((e.code() == errc::execution_failed));
  BOOST_TEST(e.execution().workflow_name == "fails");
}

BOOST_AUTO_TEST_CASE(a_result_that_comes_while_waiting_follows_the_event_at_once) {
  test::json::value result;
  execute_request request;
  request.execution_id = "g";
  when_followed([&]() -> awaitable<void> {
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal("g", signal_request("go", by));
  });
  run([&]() -> awaitable<void> {
    co_await client.workflows().execute("gate", request);
    result_options patient;  // with 30 s between status checks, only the event can bring the result this soon
    patient.deadline = 10s;
    result = co_await client.executions().result("g", patient);
  });
  BOOST_TEST(result.at("by").at("by") == "Ada");
}

BOOST_AUTO_TEST_CASE(a_termination_while_waiting_is_found_although_no_event_tells_of_it) {
  execute_request request;
  request.execution_id = "t";
  when_followed([&]() -> awaitable<void> { co_await client.executions().terminate("t"); });
  const auto e = error_of<execution_error>([&]() -> awaitable<void> {
    co_await client.workflows().execute("sleeps", request);
    co_await client.executions().result("t", quickly());
  });
  BOOST_TEST((e.status() == execution_status::terminated));
}

BOOST_AUTO_TEST_CASE(continue_as_new_is_followed_under_the_same_id_and_under_another) {
  run([&]() -> awaitable<void> {
    const test::json::object same = {{"left", 3}, {"then", "done"}};
    const started_execution one = co_await client.workflows().execute("again", execute_request(same));
    const test::json::value first = co_await client.executions().result(one.execution_id, quickly());
    BOOST_TEST(first == "done");
    const test::json::object other = {{"left", 2}, {"then", "there"}, {"elsewhere", true}};
    const started_execution two = co_await client.workflows().execute("again", execute_request(other));
    const test::json::value second = co_await client.executions().result(two.execution_id, quickly());
    BOOST_TEST(second == "there");
  });
}

BOOST_AUTO_TEST_CASE(continue_as_new_is_an_end_when_it_is_not_to_be_followed) {
  const auto e = error_of<execution_error>([&]() -> awaitable<void> {
    const test::json::object other = {{"left", 1}, {"then", 0}, {"elsewhere", true}};
    const started_execution started = co_await client.workflows().execute("again", execute_request(other));
    result_options options = quickly();
    options.follow_continue_as_new = false;
    co_await client.executions().result(started.execution_id, options);
  });
  BOOST_TEST((e.status() == execution_status::continued_as_new));
}

BOOST_AUTO_TEST_CASE(a_deadline_ends_the_wait_and_not_the_execution) {
  execute_request request;
  request.execution_id = "d";
  const auto e = error_of<timeout_error>([&]() -> awaitable<void> {
    co_await client.workflows().execute("sleeps", request);
    result_options options = quickly();
    options.deadline = 100ms;
    co_await client.executions().result("d", options);
  });
  BOOST_TEST(e.operation() == "executions.result");
  BOOST_TEST(e.execution_id() == "d");
  BOOST_TEST(std::string(e.what()).find("execution id d") != std::string::npos);
  run([&]() -> awaitable<void> {
    const execution state = co_await client.executions().get("d");
    BOOST_TEST((state.status == execution_status::running));
  });
}

BOOST_AUTO_TEST_CASE(without_a_usable_stream_the_result_is_asked_for) {
  server.faults().add(testing::fault().on("executions.stream").times(0).answer(404));
  execute_request request;
  request.execution_id = "p";
  const auto later = [&]() -> awaitable<void> {
    co_await server.until(
        [](const testing::server_counts& c) { return c.requests_of("executions.stream") > 0; });
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal("p", signal_request("go", by));
  };
  boost::asio::co_spawn(io, later, [](std::exception_ptr thrown) { BOOST_TEST(!thrown); });
  run([&]() -> awaitable<void> {
    co_await client.workflows().execute("gate", request);
    const test::json::value result = co_await client.executions().result("p");
    BOOST_TEST(result.at("by").at("by") == "Ada");
  });
}

BOOST_AUTO_TEST_CASE(a_get_that_is_refused_for_good_ends_the_wait_as_an_error_of_the_result) {
  const std::pair<int, const char*> refusals[] = {{401, ""}, {403, ""}, {500, "WF_1302"}, {422, "WF_1001"}};
  for (const auto& [status, code] : refusals) {
    server.faults().add(testing::fault().on("executions.get").answer(status, code));
    const auto e = error_of<api_error>([&]() -> awaitable<void> {
      const started_execution started = co_await client.workflows().execute("sleeps");
      co_await client.executions().result(started.execution_id);
    });
    BOOST_TEST(e.status() == status);
    BOOST_TEST(e.operation() == "executions.result");
    if (status < 500) BOOST_TEST((e.server_may_have_acted() == server_action::no));
  }
  BOOST_TEST(server.counts().requests_of("executions.stream") == 0);
}

BOOST_AUTO_TEST_CASE(gets_that_lag_behind_a_start_are_no_error_of_the_handle_that_it_returned) {
  for (const char* code : {"WF_1100", ""}) {
    server.faults().add(testing::fault().on("executions.get").times(2).answer(404, code));
    run([&]() -> awaitable<void> {
      const test::json::object input = {{"n", 1}};
      const started_execution started = co_await client.workflows().execute("echo", execute_request(input));
      const test::json::value result = co_await started.result(quickly());
      BOOST_TEST(result == input);
    });
    server.faults().add(testing::fault().on("executions.get").answer(404, code));
    const auto e = error_of<api_error>([&]() -> awaitable<void> {
      const started_execution started = co_await client.workflows().execute("echo");
      co_await client.execution(started.execution_id).result(quickly());
    });
    BOOST_TEST(e.status() == 404);
  }
}

BOOST_AUTO_TEST_CASE(gets_that_are_refused_for_a_while_are_made_again) {
  server.faults().add(testing::fault().on("executions.get").times(3).answer(503));
  run([&]() -> awaitable<void> {
    const test::json::object input = {{"n", 1}};
    const started_execution started = co_await client.workflows().execute("echo", execute_request(input));
    const test::json::value result = co_await client.executions().result(started.execution_id, quickly());
    BOOST_TEST(result == input);
  });
  BOOST_TEST(server.counts().requests_of("executions.get") >= 4);
}

BOOST_AUTO_TEST_CASE(the_text_of_a_failure_comes_with_the_error) {
  const auto e = error_of<execution_error>([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("fails");
    co_await client.executions().get(started.execution_id);
    co_await client.executions().result(started.execution_id);
  });
  BOOST_TEST(!e.failure().empty());
}

BOOST_AUTO_TEST_CASE(execute_and_wait_tells_finished_from_still_running) {
  run([&]() -> awaitable<void> {
    const test::json::object input = {{"n", 1}};
    const execute_outcome done = co_await client.workflows().execute_and_wait("echo", execute_request(input));
    BOOST_REQUIRE(std::holds_alternative<finished>(done));
    BOOST_TEST(std::get<finished>(done).result == input);
    const execute_outcome going =
        co_await client.workflows().execute_and_wait("sleeps", execute_request(), 50ms);
    BOOST_REQUIRE(std::holds_alternative<still_running>(going));
    const auto& state = std::get<still_running>(going).execution;
    BOOST_TEST((state.status == execution_status::running));
    co_await client.executions().terminate(state.execution_id);
  });
}

BOOST_AUTO_TEST_CASE(a_null_result_counts_as_finished_only_when_a_get_says_completed) {
  run([&]() -> awaitable<void> {
    const execute_outcome done = co_await client.workflows().execute_and_wait("echo", execute_request());
    BOOST_REQUIRE(std::holds_alternative<finished>(done));
    BOOST_TEST(std::get<finished>(done).result.is_null());
  });
  BOOST_TEST(server.counts().requests_of("executions.get") == 1);
}

BOOST_AUTO_TEST_CASE(execute_and_wait_throws_for_an_execution_that_fails) {
  const auto e =
      error_of<error>([&]() -> awaitable<void> { co_await client.workflows().execute_and_wait("fails"); });
  BOOST_TEST((e.code() == errc::execution_failed));
}

BOOST_AUTO_TEST_CASE(an_adopted_call_that_was_to_wait_waits) {
  server.faults().add(testing::fault().on("workflows.execute").close_after_processing());
  run([&]() -> awaitable<void> {
    const test::json::object input = {{"n", 1}};
    const execute_outcome done =
        co_await client.workflows().execute_and_wait("echo", execute_request(input), 10s);
    BOOST_REQUIRE(std::holds_alternative<finished>(done));
    BOOST_TEST(std::get<finished>(done).result == input);
  });
  BOOST_TEST(server.counts().requests_of("workflows.execute") == 1);
}

BOOST_AUTO_TEST_SUITE_END()
