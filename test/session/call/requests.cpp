// What leaves with a call, and what its caller is shown of it.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/assert/source_location.hpp>
#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(requests_of_calls, fixture)

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
      boost::asio::co_spawn(
          io, executions.signal("e1", signal_request("second")),
          boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown, const signal_answer&) {
            second_ended = true;
            problem = thrown;
          }));
      test::run_until(io, second_ended);
      BOOST_REQUIRE(first_ended);
      BOOST_REQUIRE(server.requests.size() == 1u);
      BOOST_CHECK_EXCEPTION(std::rethrow_exception(problem), cancelled_error,
                            [](const cancelled_error& e) { return e.server_may_have_acted() == server_action::no; });
    }
  }
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

BOOST_AUTO_TEST_CASE(no_text_of_an_error_shows_a_position_in_boosts_sources) {
  const executions_api executions(server.client());
  for (int i = 0; i < 4; ++i) server.cut();
  const auto e =
      test::error_of<transport_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(std::string_view(e.what()).find(".hpp") == std::string_view::npos, e.what());
  static constexpr boost::source_location here = BOOST_CURRENT_LOCATION;
  const transport_error placed(boost::system::error_code(111, boost::system::system_category(), &here),
                               call_phase::connecting, "refused",
                               error_context("executions.get", 1, server_action::no));
  BOOST_TEST(std::string_view(placed.what()).find("calls.cpp") == std::string_view::npos, placed.what());
}

BOOST_AUTO_TEST_SUITE_END()
