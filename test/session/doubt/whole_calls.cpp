// Doubt belongs to the call: what follows a request that may have acted, whatever the later ones end like.
// Not what is asked after a start that was answered: after_a_start.cpp.
#include "session/doubt/doubtful_starts.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;
using test::noon;
using test::under;

namespace {

const std::string long_ago = "2026-11-22T10:00:00Z";
const std::string run_a = "01934c6e-7a3b-7def-8abc-00000000000a";
const std::string run_b = "01934c6e-7a3b-7def-8abc-00000000000b";
const std::string running = test::execution_json(test::asked_id, "RUNNING", long_ago);
const std::string taken = R"({"detail":"running","code":"WF_1101"})";

struct fixture : test::doubtful_starts {
  void terminate(const std::string& id, end_options options = end_options()) {
    const executions_api executions(server.client());
    test::run(io, [&]() -> awaitable<void> { co_await executions.terminate(id, std::move(options)); });
  }
};

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
