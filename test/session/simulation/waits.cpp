// What a call concludes after waits of seconds and minutes, on a clock that jumps over them.
#include "session/script.hpp"
#include "session/simulation/virtual_time.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/unknown_outcome.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

constexpr const char* run_there = "01934c6e-7a3b-7def-8abc-00000000000a";

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  const simulation::time_point began = simulation::now();

  ~fixture() {
    // The server's ends of the connections, and what is still on its way.
    const auto at = simulation::now();
    simulation::run_until(io, [&] { return simulation::now() > at + 10min; });
  }

  std::chrono::milliseconds passed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(simulation::now() - began);
  }

  // By a server whose clock says noon at the beginning.
  static std::string at(std::chrono::milliseconds since_noon) {
    const auto n = since_noon.count();
    const std::string seconds = std::to_string(100 + n / 1000 % 60).substr(1);
    const std::string minutes = std::to_string(100 + n / 60'000).substr(1);
    return "12:" + minutes + ":" + seconds;
  }
  static std::string execution_begun(std::chrono::milliseconds since_noon) {
    const std::string fraction = std::to_string(1000 + since_noon.count() % 1000).substr(1);
    return test::execution_json(test::asked_id, "RUNNING",
                                "2026-11-22T" + at(since_noon) + "." + fraction + "Z", run_there);
  }
  // Answers with it, and with the date of then.
  void answer_at(std::chrono::milliseconds since_noon, int status, const std::string& body) {
    server.answer(status, body, "Date: Sun, 22 Nov 2026 " + at(since_noon) + " GMT\r\n");
  }

  template <class Error>
  Error error_of(std::function<awaitable<void>()> body) {
    std::exception_ptr failure;
    bool ended = false;
    boost::asio::co_spawn(io, body(), [&](std::exception_ptr thrown) {
      failure = std::move(thrown);
      ended = true;
    });
    BOOST_REQUIRE(simulation::run_until(io, [&] { return ended || passed() > 1h; }));
    BOOST_REQUIRE((ended && failure));
    try {
      std::rethrow_exception(failure);
    } catch (const Error& e) {
      return e;
    }
  }

  std::shared_ptr<const session::client_handle> client(client_options options = client_options()) {
    options.retry.look_distance = 500ms;
    options.retry.initial_backoff = 100ms;
    return server.client(std::move(options));
  }
  // One connection, which somebody's slow call holds for three seconds.
  std::shared_ptr<const session::client_handle> busy_client() {
    client_options options;
    options.max_connections = 1;
    auto out = client(std::move(options));
    answer_at(3s, 200, execution_begun(0s));
    server.late(3s);
    boost::asio::co_spawn(io, executions_api(out).get("slow"), boost::asio::detached);
    io.poll();
    BOOST_REQUIRE(server.requests.size() == 1u);
    return out;
  }
};

execute_request order() {
  execute_request out;
  out.execution_id = "order-42";
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(waits, fixture)

BOOST_AUTO_TEST_CASE(what_somebody_else_started_while_a_start_waited_for_a_connection_is_not_adopted) {
  const auto by = busy_client();
  server.cut();
  answer_at(3s, 200, execution_begun(1500ms));
  const auto error = error_of<start_unknown_error>(
      [&]() -> awaitable<void> { co_await workflows_api(by).execute("ticket", order()); });
  BOOST_TEST(error.found().run_id.value_or("") == run_there);
  BOOST_TEST(error.execution_id() == "order-42");
  BOOST_TEST(server.requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(what_was_started_behind_the_first_byte_of_the_lost_request_is) {
  const auto by = busy_client();
  server.cut();
  answer_at(3s, 200, execution_begun(3020ms));
  started_execution found;
  bool ended = false;
  boost::asio::co_spawn(
      io, [&]() -> awaitable<void> { found = co_await workflows_api(by).execute("ticket", order()); },
      [&](std::exception_ptr thrown) { ended = !thrown; });
  BOOST_REQUIRE(simulation::run_until(io, [&] { return ended || passed() > 1h; }));
  BOOST_TEST(ended);
  BOOST_TEST((found.outcome == start_outcome::adopted));
}

BOOST_AUTO_TEST_CASE(a_request_that_was_refused_is_no_beginning_of_doubt_however_long_its_gate_stays_closed) {
  server.answer(429, R"({"detail":"slow down"})", "Retry-After: 30\r\n");
  server.cut();
  answer_at(30s, 200, execution_begun(15s));
  const auto by = client();
  const auto error = error_of<start_unknown_error>(
      [&]() -> awaitable<void> { co_await workflows_api(by).execute("ticket", order()); });
  BOOST_TEST(error.found().run_id.value_or("") == run_there);
  BOOST_TEST(server.requests.size() == 3u);
  BOOST_TEST((passed() >= 30s && passed() < 32s));
}

BOOST_AUTO_TEST_CASE(a_run_that_began_while_its_end_waited_for_a_connection_is_not_taken_for_a_newer_one) {
  const auto by = busy_client();
  server.cut();
  answer_at(3s, 200, execution_begun(1500ms));  // it goes on: the request was lost unprocessed
  server.answer(204);
  bool ended = false;
  boost::asio::co_spawn(
      io, [&]() -> awaitable<void> { co_await executions_api(by).terminate("e1"); },
      [&](std::exception_ptr thrown) { ended = !thrown; });
  BOOST_REQUIRE(simulation::run_until(io, [&] { return ended || passed() > 1h; }));
  BOOST_TEST(ended);
  BOOST_REQUIRE(server.requests.size() == 4u);
  BOOST_TEST(server.line(3) == "POST /v1/workflows/executions/e1/terminate");
}

BOOST_AUTO_TEST_CASE(the_next_item_of_a_list_has_one_deadline_however_many_empty_pages_come_before_it) {
  for (int page = 0; page < 5; ++page) {
    server.answer(200, R"({"executions":[],"next_page_token":")" + std::to_string(page) + "\"}");
    server.late(25s);
  }
  client_options options;
  options.call_deadline = 60s;
  const auto by = client(std::move(options));
  error_of<timeout_error>([&]() -> awaitable<void> {
    auto all = runs_api(by).list_all();
    co_await all.next();
  });
  BOOST_TEST(passed().count() == 60'000);
  BOOST_TEST(server.requests.size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
