#include <mistral/workflows.hpp>
#include <mistral/workflows/testing/local_server.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
using wf::testing::ending;

// STARTED, the task's beginning, its progress and COMPLETED: 60 events.
asio::awaitable<boost::json::value> sixty_events(wf::testing::workflow_context context) {
  const auto task = context.start_task("clock");
  for (int tick = 1; tick <= 57; ++tick) task.progress(tick);
  co_return "done";
}

// A local server over TLS with one execution that has ended, and a client of it.
struct finished_execution {
  explicit finished_execution(std::string key = "key")
      : server(options()), client(io, client_options(server, std::move(key))) {
    run([this]() -> asio::awaitable<void> {
      const wf::execution started = co_await client.workflows().execute("sixty");
      id = started.execution_id;
      co_await client.executions().result(id);
    });
  }

  static wf::testing::local_server_options options() {
    wf::testing::local_server_options made;
    made.workflows.emplace_back("sixty", sixty_events);
    return made;
  }
  static wf::client_options client_options(const wf::testing::local_server& server, std::string key) {
    wf::client_options made;
    made.server_url = server.url();
    made.api_key = std::move(key);
    made.tls.ca_pem = server.ca_pem();
    return made;
  }

  void run(std::function<asio::awaitable<void>()> story) {
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(story), [&](std::exception_ptr e) { failure = e; });
    io.restart();
    io.run();
    if (failure) std::rethrow_exception(failure);
  }

  std::vector<std::string> read() {
    std::vector<std::string> ids;
    run([&]() -> asio::awaitable<void> {
      auto events = client.executions().stream(id);
      while (auto event = co_await events.next()) ids.push_back(event->data.event_id);
    });
    return ids;
  }

  asio::io_context io;
  wf::testing::local_server server;
  wf::client client;
  std::string id;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stream_over_tls)

BOOST_AUTO_TEST_CASE(starts_at_the_first_event_of_the_execution_with_the_default_source_hybrid) {
  finished_execution execution;
  BOOST_TEST(execution.read().size() == 60U);
}

BOOST_AUTO_TEST_CASE(needs_no_key_where_the_server_asks_for_none) {
  ::unsetenv("MISTRAL_API_KEY");
  finished_execution execution("");
  BOOST_TEST(execution.read().size() == 60U);
}

BOOST_AUTO_TEST_CASE(gives_exactly_the_60_events_once_and_in_order_wherever_it_is_cut) {
  finished_execution execution;
  const auto expected = execution.read();
  BOOST_TEST_REQUIRE(expected.size() == 60U);
  for (const ending how : {ending::clean, ending::reset, ending::truncated_chunk}) {
    for (std::size_t offset = 1;; offset += 97) {
      auto cut = execution.server.faults().add(
          wf::testing::fault().on("executions.stream").cut_stream_at(offset, how));
      const auto connections = [&] { return execution.server.counts().requests_of("executions.stream"); };
      const auto before = connections();
      const auto got = execution.read();
      cut.remove();
      BOOST_TEST_CONTEXT("cut at byte " << offset) BOOST_TEST_REQUIRE((got == expected));
      if (connections() == before + 1) break;  // the whole stream is shorter
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
