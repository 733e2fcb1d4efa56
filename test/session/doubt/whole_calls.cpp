// Doubt belongs to the call: what follows a request that may have acted, whatever the later ones end like.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

constexpr const char* noon = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n";
const std::string long_ago = "2026-11-22T10:00:00Z";
const std::string run_a = "01934c6e-7a3b-7def-8abc-00000000000a";
const std::string run_b = "01934c6e-7a3b-7def-8abc-00000000000b";
const std::string running = test::execution_json(test::asked_id, "RUNNING", long_ago);
const std::string taken = R"({"detail":"running","code":"WF_1101"})";

struct fixture {
  boost::asio::io_context io;
  test::script server{io};

  started_execution start(client_options options = client_options(),
                          execute_request request = execute_request()) {
    started_execution out;
    const workflows_api workflows(server.client(std::move(options)));
    test::run(io, [&]() -> awaitable<void> { out = co_await workflows.execute("ticket", request); });
    return out;
  }
  template <class Error>
  Error start_fails(client_options options = client_options(), execute_request request = execute_request()) {
    const workflows_api workflows(server.client(std::move(options)));
    return test::error_of<Error>(
        io, [&]() -> awaitable<void> { co_await workflows.execute("ticket", std::move(request)); });
  }
  void terminate(const std::string& id, end_options options = end_options()) {
    const executions_api executions(server.client());
    test::run(io, [&]() -> awaitable<void> { co_await executions.terminate(id, std::move(options)); });
  }
  int posts() const {
    int out = 0;
    for (const std::string& request : server.requests) out += request.starts_with("POST");
    return out;
  }
};

execute_request under(const std::string& id, if_exists existing = if_exists::fail) {
  execute_request out;
  out.execution_id = id;
  out.if_exists = existing;
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(whole_calls, fixture)

BOOST_AUTO_TEST_CASE(a_first_request_that_acts_while_the_second_waits_for_a_429_is_found) {
  server.cut().absent().absent().answer(429, "{}", "Retry-After: 1\r\n").answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
  BOOST_TEST(posts() == 2);
}

BOOST_AUTO_TEST_CASE(or_while_no_connection_can_be_had) {
  server.cut().absent().answer(404, R"({"detail":"none","code":"WF_1100"})", "Connection: close\r\n",
                               [&] { server.refuse(); });
  server.answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
  BOOST_TEST(posts() == 1);
}

BOOST_AUTO_TEST_CASE(or_while_another_key_is_asked_for) {
  client_options options;
  options.api_key_supplier = []() -> awaitable<std::string> { co_return "secret"; };
  server.cut().absent().absent().answer(401).answer(200, running);
  BOOST_TEST((start(options).outcome == start_outcome::adopted));
  BOOST_TEST(posts() == 2);
}

BOOST_AUTO_TEST_CASE(a_lasting_answer_after_a_lost_one_is_the_error_only_after_a_look) {
  server.cut().absent().absent().answer(403, R"({"detail":"no"})").answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
  server.cut().absent().absent().answer(403, R"({"detail":"no"})").absent();
  const auto e = start_fails<api_error>();
  BOOST_TEST(e.status() == 403);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(e.execution_id().size() == 36u);
}

BOOST_AUTO_TEST_CASE(a_404_that_is_not_the_apis_own_permits_nothing) {
  client_options options;
  options.retry.max_attempts = 2;
  server.cut().answer(404, "{}").answer(404, "<html>", "Content-Type: text/html\r\n");
  const auto e = start_fails<transport_error>(options);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(posts() == 1);
}

BOOST_AUTO_TEST_CASE(two_looks_stand_apart_and_the_second_is_that_late_after_the_connection_was_closed) {
  client_options options;
  options.retry.initial_backoff = 2ms;
  options.retry.max_backoff = 2ms;
  options.retry.look_distance = 80ms;
  std::chrono::steady_clock::time_point lost, first, second;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const std::string none = R"({"detail":"none","code":"WF_1100"})";
  server.answer(502, "{}", "", [&] { lost = now(); });
  server.answer(404, none, "", [&] { first = now(); }).answer(404, none, "", [&] { second = now(); });
  server.answer(200, running);
  BOOST_TEST((start(options).outcome == start_outcome::started));
  BOOST_TEST((second - first >= 80ms));
  BOOST_TEST((second - lost >= 80ms));
}

BOOST_AUTO_TEST_CASE(a_look_needs_no_connection_beside_that_of_the_request_it_permits) {
  client_options options;
  options.max_connections = 1;
  server.cut().absent().absent().answer(200, running);
  BOOST_TEST((start(options).outcome == start_outcome::started));
  BOOST_TEST(server.connections == 2);
}

BOOST_AUTO_TEST_CASE(a_409_to_an_id_of_the_librarys_is_about_its_own_request) {
  server.answer(409, taken).answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
  server.answer(409, taken).absent();
  const auto e = start_fails<api_error>();
  BOOST_TEST((e.code() == errc::execution_already_started));
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(e.execution_id().size() == 36u);
  BOOST_TEST(posts() == 2);
  server.answer(409, R"({"detail":"which?","code":"AMBIGUOUS_WORKFLOW"})");
  BOOST_TEST((start_fails<api_error>().server_may_have_acted() == server_action::no));
}

BOOST_AUTO_TEST_CASE(a_409_that_cannot_be_read_may_be_about_its_own_request) {
  server.bytes("HTTP/1.1 409 X\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"detail\":");
  server.answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
  server.answer(409, "\x1f\x8b", "Content-Encoding: gzip\r\n").absent();
  BOOST_TEST((start_fails<api_error>().server_may_have_acted() == server_action::unknown));
}

BOOST_AUTO_TEST_CASE(a_503_with_a_time_says_that_nothing_was_done_only_where_all_of_it_was_read) {
  const std::string head = "HTTP/1.1 503 X\r\nContent-Type: application/json\r\nRetry-After: 0\r\n";
  const std::vector<std::string> unread{
      head + "Content-Length: 99\r\n\r\n",                    // cut before the body
      head + "Content-Length: 99\r\n\r\n{\"detail\":\"x\",",  // inside it
      head + "Content-Length: 10\r\n\r\n{\"detail\":",        // no JSON, though said to be
      head + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"};
  const executions_api executions(server.client());
  for (const std::string& answer : unread) {
    server.requests.clear();
    server.bytes(answer);
    const auto e = test::error_of<api_error>(
        io, [&]() -> awaitable<void> { co_await executions.signal("e1", signal_request("go")); });
    BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
    BOOST_TEST(posts() == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_id_that_the_caller_takes_for_proof_adopts_whatever_is_found) {
  server.answer(409, taken).answer(200, running);
  BOOST_TEST((start(client_options(), under("job-7", if_exists::adopt)).outcome == start_outcome::adopted));
  server.cut().answer(200, test::execution_json("job-7", "COMPLETED", long_ago), noon);
  BOOST_TEST((start(client_options(), under("job-7", if_exists::adopt)).outcome == start_outcome::adopted));
}

BOOST_AUTO_TEST_CASE(every_error_of_a_start_tells_the_id) {
  server.answer(422);
  const auto refused = start_fails<api_error>(client_options(), under("order-42"));
  BOOST_TEST(refused.execution_id() == "order-42");
  BOOST_TEST(std::string(refused.what()).find("order-42") == std::string::npos);
  server.refuse();
  client_options once;
  once.retry.max_attempts = 1;
  const auto unsent = start_fails<transport_error>(once, under("order-42"));
  BOOST_TEST(unsent.execution_id() == "order-42");
  BOOST_TEST(std::string(unsent.what()).find("execution id order-42") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_fails_after_the_start_is_an_error_of_the_start_and_says_that_it_was_done) {
  const workflows_api workflows(server.client());
  server.answer(200, R"({"workflow_name":"ticket","execution_id":"@id@","result":null})").answer(403);
  const auto waited = test::error_of<api_error>(io, [&]() -> awaitable<void> {
    co_await workflows.execute_and_wait("ticket", execute_request(), 10s);
  });
  server.answer(200, R"({"workflow_name":"ticket","execution_id":"@id@","result":null})").answer(403);
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
  const std::string null_result = R"({"workflow_name":"ticket","execution_id":"@id@","result":null})";
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

BOOST_AUTO_TEST_CASE(a_null_result_whose_get_lags_is_no_end_when_the_time_has_passed) {
  const workflows_api workflows(server.client());
  server.answer(200, R"({"workflow_name":"ticket","execution_id":"@id@","result":null})").late(20ms).absent();
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
  server.answer(200, R"({"workflow_name":"ticket","execution_id":"@id@","result":null})", "",
                [&] { handle->state->live().refuse_calls(); });
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
  const std::string no_status = R"({"workflow_name":"ticket","execution_id":"order-42","result":null})";
  server.answer(200, no_status).answer(200, no_status);
  cancelled(start_it());
  cancelled(wait_for_it());
  BOOST_TEST(server.requests.size() == 2u);
  last = "executions.get";
  server.cut().answer(200, test::execution_json("order-42", "RUNNING", "2026-11-22T12:00:00.5Z"), noon);
  cancelled(wait_for_it());
  BOOST_TEST(server.requests.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_key_supplier_that_fails_while_the_call_is_in_doubt_does_not_hide_the_doubt) {
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> awaitable<std::string> {
    if (++asked > 1) throw std::runtime_error("the vault is sealed");
    co_return "secret";
  };
  server.cut().absent().absent().answer(401);
  const auto e = start_fails<error>(options, under("order-42"));
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(e.execution_id() == "order-42");
  BOOST_TEST(posts() == 2);
}

BOOST_AUTO_TEST_CASE(a_header_hook_that_takes_long_makes_a_look_too_old) {
  client_options options;
  options.hooks.headers = [&](const attempt_info& info) {
    if (info.method == "POST" && posts() == 1)
      for (const auto began = std::chrono::steady_clock::now();
           std::chrono::steady_clock::now() - began < 300ms;) {
      }
    return call_hooks::header_list();
  };
  server.cut().absent().absent().absent().answer(200, running);
  options.retry.max_attempts = 2;
  const auto e = start_fails<transport_error>(options);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(posts() == 1);
}

BOOST_AUTO_TEST_CASE(the_get_that_follows_a_start_has_what_is_left_of_its_deadline) {
  client_options options;
  options.call_deadline = 3s;
  const std::string no_status = R"({"workflow_name":"ticket","execution_id":"order-42","result":null})";
  server.answer(200, no_status).late(2s).stall();
  const auto began = std::chrono::steady_clock::now();
  const auto e = start_fails<timeout_error>(options, under("order-42"));
  BOOST_TEST((std::chrono::steady_clock::now() - began < 4900ms));  // two deadlines would be 5 s at least
  BOOST_TEST((e.server_may_have_acted() == server_action::yes));
  BOOST_TEST(e.execution_id() == "order-42");
}

BOOST_AUTO_TEST_CASE(a_start_that_is_answered_for_another_id_is_never_sent_again) {
  server.answer(200, test::execution_json("another", "RUNNING", long_ago)).absent();
  const auto e = start_fails<start_unknown_error>();
  BOOST_TEST(e.found().execution_id == "another");
  BOOST_TEST(e.execution_id().size() == 36u);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(posts() == 1);
  server.answer(200, test::execution_json("another", "RUNNING", long_ago)).answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
}

BOOST_AUTO_TEST_CASE(a_read_that_is_answered_for_another_execution_is_repeated_on_another_connection) {
  server.answer(200, test::execution_json("another", "RUNNING", long_ago)).answer(200, running);
  const executions_api executions(server.client());
  test::run(io, [&]() -> awaitable<void> {
    const execution got = co_await executions.get("order 42");
    BOOST_TEST(got.execution_id == "order 42");
  });
  BOOST_TEST(server.connections == 2);
}

BOOST_AUTO_TEST_CASE(a_read_that_is_always_answered_for_another_execution_is_a_decode_error) {
  client_options options;
  options.retry.max_attempts = 2;
  const std::string another = test::execution_json("another", "RUNNING", long_ago);
  server.answer(503).answer(200, another);
  const executions_api executions(server.client(options));
  const auto e =
      test::error_of<decode_error>(io, [&]() -> awaitable<void> { co_await executions.get("order-42"); });
  BOOST_TEST(e.status() == 200);
  BOOST_TEST(e.attempts() == 2);
  BOOST_TEST((e.retries_ended() == retry_end::attempts));
  BOOST_TEST(e.excerpt().find("another") != std::string::npos);
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_start_that_is_answered_for_another_id_and_not_found_in_time_says_so) {
  client_options options;
  options.call_deadline = 1s;
  server.answer(200, test::execution_json("another", "RUNNING", long_ago)).stall();
  const auto e = start_fails<decode_error>(options);
  BOOST_TEST(e.status() == 200);
  BOOST_TEST(e.execution_id().size() == 36u);
  BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
}

BOOST_AUTO_TEST_CASE(a_look_that_is_answered_for_another_execution_is_made_again_on_another_connection) {
  server.cut().answer(200, test::execution_json("another", "RUNNING", long_ago)).answer(200, running);
  BOOST_TEST((start().outcome == start_outcome::adopted));
  BOOST_TEST(server.requests.size() == 3u);
  BOOST_TEST(server.connections == 3);  // that of the lost request was closed too
}

BOOST_AUTO_TEST_CASE(a_newer_run_that_begins_while_a_termination_waits_is_not_touched) {
  server.cut().answer(200, test::execution_json("e1", "RUNNING", long_ago, run_a), noon);
  server.answer(429, "{}", "Retry-After: 1\r\n");
  server.answer(200, test::execution_json("e1", "RUNNING", "2026-11-22T12:00:00.2Z", run_b), noon);
  terminate("e1");
  BOOST_TEST(posts() == 2);
}

BOOST_AUTO_TEST_CASE(a_handle_of_a_start_means_the_run_that_it_started) {
  const workflows_api workflows(server.client());
  server.answer(200, test::execution_json(test::asked_id, "RUNNING", "2026-11-22T12:00:00.1Z", run_a));
  server.cut().answer(200, test::execution_json(test::asked_id, "RUNNING", "2026-11-22T12:00:00.1Z", run_a),
                      noon);
  server.answer(204);
  test::run(io, [&]() -> awaitable<void> {
    const started_execution started = co_await workflows.execute("ticket");
    co_await started.terminate();
  });
  BOOST_TEST(posts() == 3);
}

BOOST_AUTO_TEST_CASE(a_workflow_called_by_its_uuid_is_the_same_in_either_case) {
  const std::string uuid = "0198c2f0-aaaa-7000-8000-00000000000a";
  const std::string there =
      R"({"workflow_name":"ticket","workflow_id":")" + uuid +
      R"(","execution_id":"order-42","root_execution_id":"order-42","status":"RUNNING",)"
      R"("start_time":"2026-11-22T12:00:00Z","end_time":null,"result":null})";
  const workflows_api workflows(server.client());
  server.cut().answer(200, there, noon);
  started_execution out;
  test::run(io, [&]() -> awaitable<void> {
    out = co_await workflows.execute("0198C2F0-AAAA-7000-8000-00000000000A", under("order-42"));
  });
  BOOST_TEST((out.outcome == start_outcome::adopted));
}

BOOST_AUTO_TEST_CASE(a_run_id_that_is_no_uuid_is_refused) {
  BOOST_CHECK_EXCEPTION(terminate("e1", end_options("run")), invalid_argument,
                        [](const invalid_argument& e) { return e.field() == "run_id"; });
}

BOOST_AUTO_TEST_SUITE_END()
