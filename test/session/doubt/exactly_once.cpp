// Starting exactly once, and ending no run but the one that was meant: what is done after a lost answer.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  workflows_api workflows{server.client()};
  executions_api executions{server.client()};

  started_execution execute(execute_request request) {
    started_execution out;
    test::run(io,
              [&]() -> boost::asio::awaitable<void> { out = co_await workflows.execute("ticket", request); });
    return out;
  }
};

// GETs are answered on a date, so that what began long before it is somebody else's.
constexpr const char* noon = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n";
const std::string long_ago = "2026-11-22T10:00:00Z";
const std::string just_now = "2026-11-22T12:00:00.5Z";

execute_request with_id(const std::string& id) {
  execute_request out;
  out.execution_id = id;
  return out;
}

std::string id_sent(const std::string& request) {
  const auto at = request.find("\"execution_id\":\"") + 16;
  return request.substr(at, request.find('"', at) - at);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(exactly_once, fixture)

BOOST_AUTO_TEST_CASE(the_id_is_fixed_before_the_first_attempt_and_every_attempt_sends_it) {
  server.answer(429).answer(200, test::execution_json(test::asked_id, "RUNNING", just_now));
  BOOST_TEST((execute(execute_request()).outcome == start_outcome::started));
  BOOST_TEST(id_sent(server.requests[0]).size() == 36u);
  BOOST_TEST(id_sent(server.requests[0]) == id_sent(server.requests[1]));
}

BOOST_AUTO_TEST_CASE(an_execution_whose_start_was_not_answered_is_found_and_adopted) {
  server.cut().answer(200, test::execution_json(test::asked_id, "RUNNING", long_ago));
  BOOST_TEST((execute(execute_request()).outcome == start_outcome::adopted));
  BOOST_TEST(server.line(1) == "GET /v1/workflows/executions/" + id_sent(server.requests[0]));
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_start_is_sent_again_only_after_two_looks_found_nothing) {
  server.answer(502).absent().absent().answer(200, test::execution_json(test::asked_id, "RUNNING", just_now));
  BOOST_TEST((execute(execute_request()).outcome == start_outcome::started));
  BOOST_REQUIRE(server.requests.size() == 4u);
  BOOST_TEST(server.line(3) == "POST /v1/workflows/ticket/execute");
  BOOST_TEST(server.connections == 2);  // the connection of the doubtful attempt was closed
}

BOOST_AUTO_TEST_CASE(a_slow_first_attempt_that_acts_after_the_first_look_is_not_doubled) {
  server.cut().absent().answer(200, test::execution_json(test::asked_id, "RUNNING", just_now));
  BOOST_TEST((execute(execute_request()).outcome == start_outcome::adopted));
  BOOST_TEST(server.requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_slow_first_attempt_that_makes_the_repeat_a_409_is_adopted) {
  server.cut().absent().absent().answer(409, R"({"detail":"running","code":"WF_1101"})");
  server.answer(200, test::execution_json(test::asked_id, "RUNNING", just_now));
  BOOST_TEST((execute(execute_request()).outcome == start_outcome::adopted));
}

BOOST_AUTO_TEST_CASE(somebody_elses_running_execution_is_already_started) {
  server.answer(429).answer(409, R"({"detail":"running","code":"WF_1101"})");
  BOOST_CHECK_EXCEPTION(execute(with_id("mine")), api_error, [](const api_error& e) {
    return e.code() == errc::execution_already_started && e.server_may_have_acted() == server_action::no;
  });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_running_execution_is_attached_to_when_asked) {
  server.answer(409, R"({"detail":"running","code":"WF_1101"})");
  server.answer(200, test::execution_json("mine", "RUNNING", long_ago), noon);
  execute_request request = with_id("mine");
  request.if_exists = if_exists::attach_running;
  BOOST_TEST((execute(request).outcome == start_outcome::attached));
}

BOOST_AUTO_TEST_CASE(with_the_callers_id_only_an_execution_that_began_since_the_first_attempt_is_adopted) {
  server.cut().answer(200, test::execution_json("mine", "RUNNING", just_now), noon);
  BOOST_TEST((execute(with_id("mine")).outcome == start_outcome::adopted));
}

BOOST_AUTO_TEST_CASE(a_stale_execution_under_the_callers_id_is_not_taken_for_this_call) {
  server.cut().answer(200, test::execution_json("mine", "COMPLETED", long_ago), noon);
  BOOST_CHECK_EXCEPTION(execute(with_id("mine")), start_unknown_error, [](const start_unknown_error& e) {
    return e.code() == errc::start_unknown && e.found().execution_id == "mine" &&
           e.server_may_have_acted() == server_action::unknown;
  });
}

BOOST_AUTO_TEST_CASE(a_start_that_never_left_is_sent_again_without_a_look) {
  server.refuse().answer(200, test::execution_json(test::asked_id, "RUNNING", long_ago));
  const started_execution started = execute(with_id("mine"));
  BOOST_TEST((started.outcome == start_outcome::started));
  BOOST_TEST(server.requests.size() == 1u);  // nothing was sent before, so nothing is looked for
}

BOOST_AUTO_TEST_CASE(
    somebody_elses_execution_that_runs_under_the_callers_id_is_not_adopted_after_a_lost_answer) {
  server.cut().answer(200, test::execution_json("mine", "RUNNING", long_ago), noon);
  BOOST_CHECK_EXCEPTION(execute(with_id("mine")), start_unknown_error, [](const start_unknown_error& e) {
    return e.found().status == execution_status::running &&
           e.server_may_have_acted() == server_action::unknown;
  });
  BOOST_TEST(server.requests.size() == 2u);  // and it is not started again
}

BOOST_AUTO_TEST_CASE(an_adopted_call_that_was_to_wait_waits_for_the_result) {
  server.cut();
  server.answer(200,
                test::execution_json(test::asked_id, "RUNNING", just_now));  // what the first attempt made
  server.answer(200, test::execution_json(test::asked_id, "COMPLETED", just_now));  // its end
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const execute_outcome outcome = co_await workflows.execute_and_wait("ticket", execute_request(), 30s);
    BOOST_REQUIRE(std::holds_alternative<finished>(outcome));
    BOOST_TEST(std::get<finished>(outcome).result.at("ok").as_bool());
    BOOST_TEST(std::get<finished>(outcome).execution_id == id_sent(server.requests[0]));
  });
  BOOST_TEST(server.requests.size() == 3u);
  BOOST_TEST(server.requests[0].find("\"wait_for_result\":true") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_waiting_start_has_the_time_that_it_waits_beside_the_deadline_of_a_call) {
  client_options options;
  options.call_deadline = 20ms;
  const workflows_api patient(server.client(options));
  server.stall();
  const auto began = std::chrono::steady_clock::now();
  BOOST_CHECK_EXCEPTION(test::run(io,
                                  [&]() -> boost::asio::awaitable<void> {
                                    co_await patient.execute_and_wait("ticket", execute_request(), 60ms);
                                  }),
                        timeout_error, [](const timeout_error& e) {
                          return e.phase() == call_phase::waiting_for_answer &&
                                 e.server_may_have_acted() == server_action::unknown;
                        });
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 80ms));
}

BOOST_AUTO_TEST_CASE(
    a_reused_connection_that_dies_before_a_byte_of_answer_is_repeated_only_where_the_class_allows) {
  const std::string state = test::execution_json(test::asked_id, "RUNNING", long_ago);
  const auto shared = server.client();
  const executions_api on_executions(shared);
  const workflows_api on_workflows(shared);
  const auto on_reused = [&](std::function<boost::asio::awaitable<void>()> call) {
    server.answer(200, state);  // so that the next request has a connection that was used before
    test::run(io, [&]() -> boost::asio::awaitable<void> { co_await on_executions.get("warm"); });
    server.cut();
    test::run(io, std::move(call));
  };
  on_reused([&]() -> boost::asio::awaitable<void> {
    server.answer(200, state);
    co_await on_executions.get("e1");
  });
  BOOST_TEST(server.requests.size() == 3u);
  server.requests.clear();
  BOOST_CHECK_EXCEPTION(on_reused([&]() -> boost::asio::awaitable<void> {
                          co_await on_executions.signal("e1", signal_request("go"));
                        }),
                        transport_error, [](const transport_error& e) {
                          return e.server_may_have_acted() == server_action::unknown;
                        });
  BOOST_TEST(server.requests.size() == 2u);
  server.requests.clear();
  on_reused([&]() -> boost::asio::awaitable<void> {
    server.answer(200, test::execution_json(test::asked_id, "RUNNING", just_now));
    const started_execution found = co_await on_workflows.execute("ticket");
    BOOST_TEST((found.outcome == start_outcome::adopted));
  });
  BOOST_REQUIRE(server.requests.size() == 3u);
  BOOST_TEST(server.line(2).starts_with("GET "));
}

BOOST_AUTO_TEST_CASE(the_last_attempt_is_looked_after_too) {
  client_options options;
  options.retry.max_attempts = 1;
  const workflows_api once(server.client(options));
  server.cut().answer(200, test::execution_json(test::asked_id, "RUNNING", just_now));
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const started_execution found = co_await once.execute("ticket");
    BOOST_TEST((found.outcome == start_outcome::adopted));
  });
  server.cut().absent().absent();
  BOOST_CHECK_THROW(test::run(io, [&]() -> boost::asio::awaitable<void> { co_await once.execute("ticket"); }),
                    transport_error);
  BOOST_TEST(server.requests.size() == 5u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_up_leaves_the_first_failure) {
  server.cut().answer(403).answer(403);
  BOOST_CHECK_EXCEPTION(execute(execute_request()), transport_error, [](const transport_error& e) {
    return e.server_may_have_acted() == server_action::unknown;
  });
}

BOOST_AUTO_TEST_CASE(a_cancel_is_repeated_while_the_same_run_goes_on) {
  server.cut().answer(200, test::execution_json("e1", "RUNNING", long_ago), noon).answer(204);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.cancel("e1"); });
  BOOST_TEST(server.line(2) == "POST /v1/workflows/executions/e1/cancel");
}

BOOST_AUTO_TEST_CASE(a_terminate_whose_answer_was_lost_is_done_when_the_execution_has_ended) {
  server.cut().answer(200, test::execution_json("e1", "TERMINATED", long_ago), noon);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.terminate("e1"); });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_repeat_never_ends_a_newer_run) {
  server.cut().answer(200, test::execution_json("e1", "RUNNING", "2026-11-22T12:00:30Z"), noon);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.terminate("e1"); });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_look_that_a_cache_has_answered_decides_nothing_and_the_next_one_does) {
  const std::string cached = std::string(noon) + "Age: 60\r\n";
  const std::string older = test::execution_json("e1", "RUNNING", "2026-11-22T11:00:00Z");
  server.cut().answer(200, older, cached);
  server.answer(200, test::execution_json("e1", "RUNNING", "2026-11-22T12:00:30Z"), noon);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.terminate("e1"); });
  BOOST_TEST(server.requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_run_that_began_in_the_second_of_the_call_is_touched_only_where_its_id_is_known) {
  const std::string run = "01934c6e-7a3b-7def-8abc-000000000001";
  const std::string state = test::execution_json("e1", "RUNNING", "2026-11-22T12:00:00.85Z", run);
  server.cut().answer(200, state, noon).late(300ms);
  const auto e = test::error_of<ending_unknown_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.cancel("e1"); });
  BOOST_TEST((e.code() == errc::ending_unknown));
  BOOST_TEST(e.found().run_id.value() == run);
  BOOST_REQUIRE(e.sent().has_value());
  BOOST_TEST((e.sent()->begin < e.found().start_time && e.found().start_time < e.sent()->end));
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(server.requests.size() == 2u);

  server.cut().answer(200, state, noon).answer(204);
  test::run(io,
            [&]() -> boost::asio::awaitable<void> { co_await executions.cancel("e1", end_options(run)); });
  BOOST_TEST(server.requests.size() == 5u);

  // Another run than the one that is meant says that this has ended.
  const std::string ended = "01934c6e-7a3b-7def-8abc-000000000000";
  server.cut().answer(200, state, noon);
  test::run(io,
            [&]() -> boost::asio::awaitable<void> { co_await executions.cancel("e1", end_options(ended)); });
  BOOST_TEST(server.requests.size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_run_that_changes_between_two_repeats_is_not_touched) {
  server.cut().answer(200, test::execution_json("e1", "RUNNING", long_ago), noon).cut();
  server.answer(200, test::execution_json("e1", "RUNNING", long_ago, "01934c6e-7a3b-7def-8abc-000000000002"),
                noon);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.terminate("e1"); });
  BOOST_TEST(server.requests.size() == 4u);
}

BOOST_AUTO_TEST_CASE(not_running_means_done_on_a_repeat_only) {
  server.answer(409, R"({"detail":"ended","code":"WF_1102","status":"COMPLETED"})");
  BOOST_CHECK_EXCEPTION(
      test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.cancel("e1"); }), api_error,
      [](const api_error& e) { return e.code() == errc::execution_not_running; });
  server.cut().answer(200, test::execution_json("e1", "RUNNING", long_ago), noon);
  server.answer(409, R"({"detail":"ended","code":"WF_1102","status":"CANCELED"})");
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.cancel("e1"); });
}

BOOST_AUTO_TEST_SUITE_END()
