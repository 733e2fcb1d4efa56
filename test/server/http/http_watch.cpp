#include "server/http/http_workflows.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <thread>

namespace asio = boost::asio;
using namespace server_test;

BOOST_AUTO_TEST_SUITE(http_watch)

BOOST_AUTO_TEST_CASE(a_wait_that_takes_too_long_is_false) {
  wft::local_server server(plain_options());
  BOOST_TEST(!server.wait_for_requests("executions.get", 1, std::chrono::milliseconds(1)));
}

BOOST_AUTO_TEST_CASE(a_coroutine_waits_for_a_request_without_blocking_its_thread) {
  wft::local_server server(plain_options());
  asio::io_context io;
  bool seen = false;
  const auto condition = [](const wft::server_counts& counts) {
    return counts.requests_of("workflows.list") >= 2;
  };
  asio::co_spawn(io, server.until(condition), [&seen](std::exception_ptr failure) { seen = !failure; });
  io.poll();
  BOOST_TEST(!seen);
  raw_client client(server);
  client.ask("GET", api);
  client.ask("GET", api);
  io.run();
  BOOST_TEST(seen);
}

BOOST_AUTO_TEST_CASE(a_condition_that_holds_already_completes_at_once) {
  wft::local_server server(plain_options());
  asio::io_context io;
  bool seen = false;
  const auto condition = [](const wft::server_counts&) { return true; };
  asio::co_spawn(io, server.until(condition), [&seen](std::exception_ptr failure) { seen = !failure; });
  io.run();
  BOOST_TEST(seen);
}

BOOST_AUTO_TEST_CASE(a_waiting_coroutine_can_be_cancelled) {
  wft::local_server server(plain_options());
  asio::io_context io;
  asio::cancellation_signal stop;
  bool aborted = false;
  const auto never = [](const wft::server_counts&) { return false; };
  const auto done = [&aborted](std::exception_ptr failure) { aborted = failure != nullptr; };
  asio::co_spawn(io, server.until(never), asio::bind_cancellation_slot(stop.slot(), done));
  io.poll();
  stop.emit(asio::cancellation_type::terminal);
  io.run();
  BOOST_TEST(aborted);
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_ends_the_waiting) {
  wft::local_server server(plain_options());
  asio::io_context io;
  bool aborted = false;
  const auto never = [](const wft::server_counts&) { return false; };
  asio::co_spawn(io, server.until(never),
                 [&aborted](std::exception_ptr failure) { aborted = failure != nullptr; });
  io.poll();
  std::thread stopper([&server] { server.stop(); });
  io.run();
  stopper.join();
  BOOST_TEST(aborted);
}

BOOST_AUTO_TEST_CASE(a_manual_clock_moves_when_told) {
  wft::local_server_options options = plain_options();
  options.manual_clock = true;
  const auto nap = [](wft::workflow_context context) -> asio::awaitable<boost::json::value> {
    co_await context.sleep_for(std::chrono::hours(24));
    co_return "rested";
  };
  options.workflows.emplace_back("nap", nap);
  wft::local_server server(options);
  raw_client client(server);
  client.request("POST", api + "/nap/execute", R"({"execution_id": "n", "wait_for_result": true})");
  BOOST_TEST(server.wait_for_requests("workflows.execute", 1));
  raw_client other(server);
  BOOST_TEST(other.ask("GET", executions + "n").json().at("status") == "RUNNING");
  server.advance(std::chrono::hours(24));
  BOOST_TEST(client.answer().json().at("result") == "rested");
}

BOOST_AUTO_TEST_CASE(a_workflow_can_be_added_later) {
  wft::local_server server(plain_options());
  raw_client client(server);
  BOOST_TEST(client.ask("POST", api + "/late/execute", "{}").status == 404);
  wft::workflow_definition late = mirror();
  late.name = "late";
  server.add_workflow(late);
  BOOST_TEST(client.ask("POST", api + "/late/execute", "{}").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
