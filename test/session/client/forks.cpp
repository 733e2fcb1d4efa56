// What a child process may do with a client of its parent's, and that no two processes make the same ids.
#include "forked.hpp"
#include "session/client/closing.hpp"
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <set>
#include <string>
#include <utility>

using namespace mistral::workflows;
using boost::asio::awaitable;

namespace {

using test::told_by_child;

}  // namespace

BOOST_AUTO_TEST_SUITE(forks)

BOOST_AUTO_TEST_CASE(children_of_a_process_that_has_made_ids_make_others_than_it_and_each_other) {
  session::client_state::new_execution_id();
  session::client_state::random01();
  std::set<std::string> ids;
  const auto make = [] {
    std::string out;
    for (int i = 0; i < 100; ++i) out += session::client_state::new_execution_id();
    return out;
  };
  const auto take = [&](const std::string& text) {
    BOOST_REQUIRE(text.size() == 3600u);
    for (std::size_t at = 0; at < text.size(); at += 36)
      ids.insert(text.substr(at + 14, 22));  // without the time
  };
  for (int child = 0; child < 3; ++child) take(told_by_child(make));
  take(make());
  BOOST_TEST(ids.size() == 400u);
}

BOOST_AUTO_TEST_CASE(a_client_is_refused_in_a_child_of_the_process_that_made_it) {
  boost::asio::io_context io;
  test::script server(io);
  const executions_api executions(server.client());
  const auto use = [&]() -> std::string {
    try {
      test::run(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
    } catch (const invalid_argument& e) {
      return e.field();
    } catch (...) {
    }
    return "no such refusal";
  };
  BOOST_TEST(told_by_child(use) == "client");
  server.answer(200, test::execution_json("e1", "RUNNING", "2026-01-01T00:00:00Z"));
  test::run(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
}

// A child that has made a context of its own need not run the parent's, on which a call would end.
BOOST_AUTO_TEST_CASE(a_client_is_refused_in_a_child_that_runs_another_context_too) {
  boost::asio::io_context io;
  test::script server(io);
  const auto handle = server.client();
  const executions_api executions(handle);
  auto events = executions.stream("e1");
  server.stall();
  boost::asio::co_spawn(
      io, [&]() -> awaitable<void> { co_await executions.get("slow"); }, boost::asio::detached);
  io.run_for(std::chrono::milliseconds(50));
  BOOST_REQUIRE(server.requests.size() == 1u);
  const auto use = [&]() -> std::string {
    std::string out;
    boost::asio::io_context own;
    const auto run = [&](awaitable<void> operation) {
      boost::asio::co_spawn(own, std::move(operation), [&](std::exception_ptr failure) {
        try {
          if (failure) std::rethrow_exception(failure);
          out += "done;";
        } catch (const invalid_argument& e) {
          out += e.field() + ";";
        } catch (...) {
          out += "another error;";
        }
      });
      own.restart();
      own.run_for(std::chrono::seconds(5));
    };
    run([&]() -> awaitable<void> { co_await executions.get("e1"); }());
    run([&]() -> awaitable<void> { co_await executions.result("e1"); }());
    run([&]() -> awaitable<void> { co_await events.next(); }());
    run([&]() -> awaitable<void> { co_await events.wait(); }());
    run([&]() -> awaitable<void> { co_await session::close(handle->state, std::chrono::seconds(1)); }());
    return out;
  };
  BOOST_TEST(told_by_child(use) == "client;client;client;client;done;");
}

BOOST_AUTO_TEST_SUITE_END()
