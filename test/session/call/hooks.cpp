// What hooks are told about each request, what they may add to it, and that they cannot disturb a call.
#include "session/script.hpp"

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/hooks.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

// A report as it is kept: its views end with the hook.
struct kept {
  kept(const attempt_report& r)  // NOLINT(google-explicit-constructor)
      : report(r),
        operation(r.operation),
        call(r.call),
        method(r.method),
        path(r.path),
        request_id(r.request_id) {}

  attempt_report report;
  std::string operation, call, method, path, request_id;
};

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  std::vector<kept> told;
  std::shared_ptr<const session::client_handle> handle;

  client_options watched() {
    client_options options;
    options.hooks.attempt = [this](const attempt_report& r) { told.emplace_back(r); };
    return options;
  }
  void get(client_options options) {
    handle = server.client(std::move(options));
    const executions_api executions(handle);
    test::run(io, [&]() -> awaitable<void> { co_await executions.get("e 1"); });
  }
};

std::chrono::nanoseconds sum(const phase_times& t) {
  return t.waiting_for_turn + t.waiting_for_connection + t.resolving + t.connecting + t.proxy +
         t.tls_handshake + t.sending + t.waiting_for_answer + t.reading_body;
}

std::string value_of(const std::string& request, const std::string& header) {
  const auto at = request.find(header + ": ");
  if (at == std::string::npos) return std::string();
  const auto from = at + header.size() + 2;
  return request.substr(from, request.find("\r\n", from) - from);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(hooks, fixture)

BOOST_AUTO_TEST_CASE(every_attempt_is_reported_with_what_it_was_and_how_it_went) {
  server.answer(503, "{}", "X-Request-Id: r-1\r\n").answer(200, running);
  get(watched());
  BOOST_REQUIRE(told.size() == 2u);
  const attempt_report& first = told[0].report;
  const attempt_report& second = told[1].report;
  BOOST_TEST(told[0].operation == "executions.get");
  BOOST_TEST(told[0].call == "executions.get");
  BOOST_TEST(told[0].method == "GET");
  BOOST_TEST(told[0].path == "/v1/workflows/executions/e%201");
  BOOST_TEST(told[0].request_id == "r-1");
  BOOST_TEST(first.status == 503);
  BOOST_TEST(second.status == 200);
  BOOST_TEST(first.attempt == 1);
  BOOST_TEST(second.attempt == 2);
  BOOST_TEST(first.call_number == second.call_number);
  BOOST_TEST(!first.reused);
  BOOST_TEST(second.reused);
  BOOST_TEST(first.bytes_sent == server.requests[0].size());
  BOOST_TEST(second.bytes_received > running.size());
  for (const attempt_report* one : {&first, &second}) {
    BOOST_TEST(!one->failure);
    BOOST_TEST((one->duration > 0ns));
    BOOST_TEST((one->times.waiting_for_answer > 0ns));
    BOOST_TEST((sum(one->times) <= one->duration));
  }
  BOOST_TEST((first.times.connecting > 0ns));
  BOOST_TEST((second.times.connecting == 0ns));
  BOOST_TEST((second.began >=
              first.began + std::chrono::floor<std::chrono::system_clock::duration>(first.duration) - 1ms));
}

BOOST_AUTO_TEST_CASE(a_failed_attempt_is_reported_with_its_cause) {
  server.refuse().cut().answer(200, running);
  get(watched());
  BOOST_REQUIRE(told.size() == 3u);
  BOOST_TEST(told[0].report.failure == boost::asio::error::connection_refused);
  BOOST_TEST(told[0].report.bytes_sent == 0u);
  BOOST_TEST(told[1].report.failure.failed());
  BOOST_TEST(told[1].report.status == 0);
  BOOST_TEST(told[1].report.bytes_sent > 0u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_attempt_is_reported_too) {
  boost::asio::cancellation_signal cancel;
  server.stall([&] { cancel.emit(boost::asio::cancellation_type::terminal); });
  const executions_api executions(server.client(watched()));
  bool ended = false;
  boost::asio::co_spawn(io, executions.get("e1"),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr, const execution&) { ended = true; }));
  test::run_until(io, ended);
  BOOST_REQUIRE(told.size() == 1u);
  BOOST_TEST(told[0].report.failure == boost::asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(a_look_for_what_an_execute_did_is_reported_under_its_call) {
  server.cut().answer(200, running);
  const workflows_api workflows(server.client(watched()));
  test::run(io, [&]() -> awaitable<void> { co_await workflows.execute("ticket"); });
  BOOST_REQUIRE(told.size() == 2u);
  BOOST_TEST(told[1].operation == "executions.get");
  BOOST_TEST(told[1].call == "workflows.execute");
  BOOST_TEST(told[1].report.attempt == 2);
  BOOST_TEST(told[1].report.call_number == told[0].report.call_number);
}

BOOST_AUTO_TEST_CASE(a_streams_connections_are_reported) {
  server.answer(404, R"({"detail":"no such execution","code":"WF_1105"})");
  auto stream = executions_api(server.client(watched())).stream("e1");
  BOOST_CHECK_THROW(test::run(io, [&]() -> awaitable<void> { co_await stream.next(); }), api_error);
  BOOST_REQUIRE(told.size() == 1u);
  BOOST_TEST(told[0].operation == "executions.stream");
  BOOST_TEST(told[0].report.status == 404);
  BOOST_TEST(told[0].report.attempt == 1);
}

BOOST_AUTO_TEST_CASE(headers_are_asked_for_with_each_request) {
  server.answer(503).answer(200, running);
  client_options options;
  options.headers.emplace_back("X-Team", "support");
  options.hooks.headers = [](const attempt_info& info) {
    call_hooks::header_list out;
    out.emplace_back("traceparent",
                     "00-" + std::to_string(info.call_number) + "-" + std::to_string(info.attempt));
    out.emplace_back("x-team", "of the hook");
    return out;
  };
  get(options);
  BOOST_TEST(value_of(server.requests[0], "traceparent") == "00-1-1");
  BOOST_TEST(value_of(server.requests[1], "traceparent") == "00-1-2");
  BOOST_TEST(value_of(server.requests[0], "x-team") == "of the hook");
  BOOST_TEST(value_of(server.requests[0], "X-Team").empty());
}

BOOST_AUTO_TEST_CASE(headers_that_only_the_client_sets_are_left_out_and_counted) {
  server.answer(200, running);
  client_options options;
  options.hooks.headers = [](const attempt_info&) {
    call_hooks::header_list out;
    for (const char* name :
         {"Authorization", "host", "Content-Length", "Transfer-Encoding", "Connection", "a b", ""})
      out.emplace_back(name, "stolen");
    out.emplace_back("X-Split", "a\r\nAuthorization: stolen");
    out.emplace_back("tracestate", "k=v");
    return out;
  };
  get(options);
  BOOST_TEST(server.requests[0].find("stolen") == std::string::npos);
  BOOST_TEST(value_of(server.requests[0], "tracestate") == "k=v");
  BOOST_TEST(value_of(server.requests[0], "Authorization") == "Bearer secret-key");
  BOOST_TEST(handle->state->counters().hook_failures == 8u);
}

BOOST_AUTO_TEST_CASE(a_hook_that_throws_disturbs_no_call_and_is_counted) {
  server.answer(200, running);
  client_options options;
  options.hooks.attempt = [](const attempt_report&) { throw std::runtime_error("from a hook"); };
  options.hooks.headers = [](const attempt_info&) -> call_hooks::header_list { throw 7; };
  get(options);
  BOOST_TEST(handle->state->counters().hook_failures == 2u);
}

BOOST_AUTO_TEST_CASE(a_handles_hooks_take_the_place_of_the_clients_one_by_one) {
  server.answer(200, running).answer(200, running);
  client_options options = watched();
  options.hooks.headers = [](const attempt_info&) {
    call_hooks::header_list out;
    out.emplace_back("traceparent", "of the client");
    return out;
  };
  const auto shared = server.client(options);
  auto own = std::make_shared<call_options>();
  int own_told = 0;
  own->hooks.attempt = [&](const attempt_report&) { ++own_told; };
  const executions_api executions(std::make_shared<const session::client_handle>(shared->state, own));
  test::run(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(own_told == 1);
  BOOST_TEST(told.empty());
  BOOST_TEST(value_of(server.requests[0], "traceparent") == "of the client");
}

BOOST_AUTO_TEST_CASE(bytes_and_repeats_are_counted_without_any_hook) {
  server.answer(503).answer(429, "{}", "Retry-After: 0\r\n").answer(200, running);
  get(client_options());
  const session::call_counters& counted = handle->state->counters();
  BOOST_TEST(counted.calls == 1u);
  BOOST_TEST(counted.attempts == 3u);
  BOOST_TEST(counted.retries == 2u);
  BOOST_TEST(counted.rate_limited == 1u);
  BOOST_TEST(counted.gate_closings == 1u);
  BOOST_TEST(counted.failures == 0u);
  std::size_t sent = 0;
  for (const std::string& request : server.requests) sent += request.size();
  BOOST_TEST(counted.bytes_sent == sent);
  BOOST_TEST(counted.bytes_received > running.size());
}

BOOST_AUTO_TEST_SUITE_END()
