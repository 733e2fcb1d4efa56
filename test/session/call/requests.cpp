// What leaves with a call, and what its caller is shown of it.
#include "session/client/option_checks.hpp"
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/assert/source_location.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace mistral::workflows;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

}  // namespace

BOOST_FIXTURE_TEST_SUITE(requests_of_calls, test::with_script)

BOOST_AUTO_TEST_CASE(a_call_that_is_cancelled_as_another_hands_it_the_connection_sends_nothing) {
  for (const bool single_threaded : {false, true}) {
    client_options options;
    options.max_connections = 1;
    options.single_threaded = single_threaded;
    const executions_api executions(server.client(options));
    for (int i = 0; i < 100; ++i) {
      server.requests.clear();
      server.answer(202, R"({"message":"done"})");
      boost::asio::cancellation_signal stop;
      bool first_ended = false;
      bool second_ended = false;
      std::exception_ptr problem;
      boost::asio::co_spawn(io, executions.signal("e1", signal_request("first")),
                            [&](std::exception_ptr, const signal_answer&) {
                              first_ended = true;
                              stop.emit(boost::asio::cancellation_type::terminal);
                            });
      boost::asio::co_spawn(io, executions.signal("e1", signal_request("second")),
                            boost::asio::bind_cancellation_slot(
                                stop.slot(), [&](std::exception_ptr thrown, const signal_answer&) {
                                  second_ended = true;
                                  problem = thrown;
                                }));
      test::run_until(io, second_ended);
      BOOST_REQUIRE(first_ended);
      BOOST_REQUIRE(server.requests.size() == 1u);
      BOOST_CHECK_EXCEPTION(std::rethrow_exception(problem), cancelled_error, [](const cancelled_error& e) {
        return e.server_may_have_acted() == server_action::no;
      });
    }
  }
}

BOOST_AUTO_TEST_CASE(a_call_that_a_hook_cancels_before_one_more_look_does_not_look) {
  server.cut().absent().absent().stall();
  boost::asio::cancellation_signal stop;
  int starts = 0;
  int looks = 0;
  client_options options;
  options.hooks.headers = [&](const attempt_info& info) {
    // So long that the look before it is too old when it is to leave; its age is by the steady clock.
    if (info.method == "POST" && ++starts == 2) std::this_thread::sleep_for(std::chrono::milliseconds(260));
    if (info.method == "GET" && ++looks == 3) stop.emit(boost::asio::cancellation_type::terminal);
    return call_hooks::header_list();
  };
  const workflows_api workflows(server.client(options));
  const auto call = [&]() -> boost::asio::awaitable<void> { co_await workflows.execute("ticket"); };
  const std::exception_ptr problem = test::failure_of(io, stop, call);
  io.poll();
  BOOST_TEST(looks == 3);
  BOOST_TEST(server.requests.size() == 3u);
  BOOST_REQUIRE(problem);
  BOOST_CHECK_THROW(std::rethrow_exception(problem), cancelled_error);
}

BOOST_AUTO_TEST_CASE(a_user_agent_among_the_headers_is_the_option_and_is_sent_once) {
  client_options options;
  options.headers.emplace_back("user-agent", "mine/2");
  const executions_api executions(server.client(options));
  server.answer(200, running);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  const std::string& sent = server.requests.back();
  BOOST_TEST(sent.find("User-Agent: mine/2\r\n") != std::string::npos);
  BOOST_TEST(sent.find("user-agent") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_user_agent_of_one_call_or_of_a_hook_is_sent_once_and_wins) {
  client_options options;
  options.user_agent = "mine/2";
  options.hooks.headers = [](const attempt_info& info) {
    call_hooks::header_list out;
    if (info.call_number == 2) out.emplace_back("USER-AGENT", "hook/4");
    return out;
  };
  const auto shared = server.client(options);
  call_options own;
  own.headers.emplace_back("user-agent", "call/3");
  const executions_api executions(std::make_shared<const session::client_handle>(
      shared->state, std::make_shared<const call_options>(session::checked(own))));
  server.answer(200, running).answer(200, running);
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    co_await executions.get("e1");
    co_await executions.get("e1");
  });
  for (std::size_t i = 0; i < 2; ++i) {
    std::string sent = server.requests[i];
    std::transform(sent.begin(), sent.end(), sent.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    const auto at = sent.find(i == 0 ? "user-agent: call/3\r\n" : "user-agent: hook/4\r\n");
    BOOST_TEST(at != std::string::npos, server.requests[i]);
    BOOST_TEST(sent.find("user-agent") == at);
    BOOST_TEST(sent.find("user-agent", at + 1) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_key_in_the_name_of_a_header_is_shown_to_no_error_and_no_hook) {
  client_options options;
  std::string told;
  options.hooks.attempt = [&](const attempt_report& r) {
    for (const auto& [name, value] : r.headers) told += name + ":" + value + ";";
  };
  const executions_api executions(server.client(options));
  server.answer(403, "{}", "x-ratelimit-secret-key: 7\r\n");
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(told == "x-ratelimit-[redacted]:7;");
  BOOST_REQUIRE(e.details().headers.size() == 1u);
  BOOST_TEST(e.details().headers[0].first == "x-ratelimit-[redacted]");
}

BOOST_AUTO_TEST_CASE(
    an_error_and_a_hook_tell_the_limits_and_the_request_id_of_an_answer_and_no_other_header) {
  client_options options;
  std::vector<std::string> told;
  options.hooks.attempt = [&](const attempt_report& r) {
    told.push_back(std::to_string(r.status) + " " + std::string(r.request_id) + " " +
                   std::string(r.header("x-ratelimit-remaining")) + " " + std::to_string(r.headers.size()));
  };
  const std::string limits =
      "X-RateLimit-Remaining: 7\r\nSet-Cookie: a=b\r\nRateLimit: limit=10, remaining=7\r\nCF-Ray: "
      "ray-1\r\nServer: "
      "x\r\n";
  const executions_api executions(server.client(options));
  server.answer(200, running, limits)
      .answer(403, "{}", limits + "Mistral-Correlation-Id: c-9\r\nRetry-After: 3\r\n");
  const auto e = test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> {
    co_await executions.get("e1");
    co_await executions.get("e1");
  });
  BOOST_TEST(told.size() == 2u);
  BOOST_TEST(told[0] == "200 ray-1 7 3");
  BOOST_TEST(told[1] == "403 c-9 7 5");
  BOOST_TEST(e.header("x-ratelimit-remaining").value() == "7");
  BOOST_TEST(e.header("RATELIMIT").value() == "limit=10, remaining=7");
  BOOST_TEST(e.header("retry-after").value() == "3");
  BOOST_TEST(e.header("cf-ray").value() == "ray-1");
  BOOST_TEST(e.details().request_id == "c-9");
  BOOST_TEST(!e.header("set-cookie").has_value());
  BOOST_TEST(!e.header("server").has_value());
}

BOOST_AUTO_TEST_CASE(headers_that_are_told_are_bounded) {
  std::string many;
  for (int i = 0; i < 40; ++i)
    many += "x-ratelimit-" + std::to_string(i) + ": " + std::string(600, 'x') + "\r\n";
  const executions_api executions(server.client());
  server.answer(403, "{}", many);
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.details().headers.size() == 32u);
  BOOST_TEST(e.header("x-ratelimit-0").value().size() == 512u);
}

BOOST_AUTO_TEST_CASE(each_request_says_once_that_it_takes_no_coding_and_the_option_cannot_say_otherwise) {
  const auto shared = server.client();
  server.answer(200, running).answer(202, R"({"message":"done"})");
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    co_await executions_api(shared).get("e1");
    co_await executions_api(shared).signal("e1", signal_request("go"));
  });
  for (const std::string& sent : server.requests) {
    const auto at = sent.find("Accept-Encoding: identity\r\n");
    BOOST_TEST(at != std::string::npos);
    BOOST_TEST(sent.find("Accept-Encoding", at + 1) == std::string::npos);
  }
  client_options options;
  options.headers.emplace_back("accept-encoding", "gzip");
  BOOST_CHECK_THROW(server.client(options), invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_status_of_a_coded_answer_counts_and_its_connection_is_closed) {
  const executions_api executions(server.client());
  server.answer(503, "\x1f\x8b", "Content-Encoding: gzip\r\n").answer(200, running);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(server.requests.size() == 2u);
  BOOST_TEST(server.connections == 2);
  server.answer(403, "\x1f\x8b", "Content-Encoding: identity, br\r\n");
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(e.status() == 403);
  BOOST_TEST(std::string_view(e.what()).find("coded as br") != std::string_view::npos, e.what());
  server.answer(204, "", "Content-Encoding: gzip\r\n");
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.terminate("e1"); });
  BOOST_TEST(server.connections == 3);
}

BOOST_AUTO_TEST_CASE(a_coded_2xx_to_a_start_has_acted_and_its_error_names_the_coding_and_the_id) {
  server.answer(200, "\x1f\x8b", "Content-Encoding:\r\ncontent-encoding: GZip\r\n");
  const workflows_api workflows(server.client());
  const auto e = test::error_of<decode_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await workflows.execute("ticket"); });
  BOOST_TEST((e.server_may_have_acted() == server_action::yes));
  BOOST_TEST(e.execution_id().size() == 36u);
  BOOST_TEST(e.status() == 200);
  BOOST_TEST(std::string_view(e.what()).find("coded as GZip") != std::string_view::npos, e.what());
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(identity_and_an_empty_value_are_no_coding) {
  const executions_api executions(server.client());
  for (const char* none : {"identity", "", " Identity , ,", ","})
    server.answer(200, running, "Content-Encoding: " + std::string(none) + "\r\n");
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    for (int i = 0; i < 4; ++i) co_await executions.get("e1");
  });
  BOOST_TEST(server.connections == 1);
}

BOOST_AUTO_TEST_CASE(no_text_of_an_error_shows_a_position_in_boosts_sources) {
  const executions_api executions(server.client());
  for (int i = 0; i < 4; ++i) server.cut();
  const auto e = test::error_of<transport_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(std::string_view(e.what()).find(".hpp") == std::string_view::npos, e.what());
  static constexpr boost::source_location here = BOOST_CURRENT_LOCATION;
  const transport_error placed(boost::system::error_code(111, boost::system::system_category(), &here),
                               call_phase::connecting, "refused",
                               error_context("executions.get", 1, server_action::no));
  BOOST_TEST(std::string_view(placed.what()).find("calls.cpp") == std::string_view::npos, placed.what());
}

BOOST_AUTO_TEST_SUITE_END()
