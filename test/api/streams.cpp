// Live streams against the local server, over TLS, as a user calls them.
#include "api/support.hpp"

#include <chrono>

#include <sys/socket.h>

using namespace mistral::workflows;
using test::asio::awaitable;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> types_of(const std::vector<stream_event>& events) {
  std::vector<std::string> types;
  for (const auto& one : events) types.emplace_back(one.type());
  return types;
}

// Writes the lines 1 to 12, and those up to 20 once the signal "go" has come.
awaitable<test::json::value> chatty(testing::workflow_context context) {
  for (int line = 1; line <= 20; ++line) {
    if (line == 13) co_await context.wait_signal("go");
    context.log("INFO", std::to_string(line));
  }
  co_return nullptr;
}

// A stream from the cursor of each of these, all events of an execution, brings what is behind it.
awaitable<void> begins_again_behind_each(const class client* of, std::string id,
                                         const std::vector<stream_event>* all) {
  for (auto at = all->begin(); at != all->end(); ++at) {
    stream_options options;
    options.from = at->cursor();
    auto rest = of->executions().stream(id, options);
    std::vector<stream_event> after;
    while (auto event = co_await rest.next()) after.push_back(std::move(*event));
    BOOST_TEST_CONTEXT("after event " << at - all->begin())
    BOOST_TEST((after == std::vector<stream_event>(at + 1, all->end())));
  }
}

// How many sockets of this process the system watches for peers that are gone.
int sockets_with_keep_alive() {
  int count = 0;
  for (int descriptor = 3; descriptor < 256; ++descriptor) {
    int on = 0;
    socklen_t size = sizeof on;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, &size) == 0 && on != 0) ++count;
  }
  return count;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(streams, test::local)

BOOST_AUTO_TEST_CASE(one_stream_never_blocks_another_nor_the_calls) {
  client_options one_call = options();
  one_call.max_connections = 1;
  const class client narrow(io, one_call);
  run([&]() -> awaitable<void> {
    std::vector<event_stream> open;
    for (int i = 0; i < 5; ++i) {
      const started_execution started = co_await narrow.workflows().execute("gate");
      open.push_back(narrow.executions().stream(started.execution_id));
      BOOST_TEST((co_await open.back().next())->type() == "WORKFLOW_EXECUTION_STARTED");
    }
    // All wait for the gate, none is read, and one is in the
    // middle of a wait: calls and the last stream go on.
    while (co_await open.front().next_for(5ms)) {
    }
    BOOST_TEST(server.counts().streams_open == 5);
    const started_execution last = co_await narrow.workflows().execute("echo");
    auto events = narrow.executions().stream(last.execution_id);
    int count = 0;
    while (auto event = co_await events.next()) ++count;
    BOOST_TEST(count == 2);
    BOOST_TEST(narrow.stats().handshakes <= 7u);
  });
}

BOOST_AUTO_TEST_CASE(closing_or_dropping_a_stream_frees_its_connection) {
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    {
      auto dropped = client.executions().stream(started.execution_id);
      co_await dropped.next();
      auto closed = client.executions().stream(started.execution_id);
      co_await closed.next();
      BOOST_TEST(server.counts().streams_open == 2);
      closed.close();
      co_await server.until([](const testing::server_counts& seen) { return seen.streams_open == 1; });
    }
    co_await server.until([](const testing::server_counts& seen) { return seen.streams_open == 0; });
  });
}

BOOST_AUTO_TEST_CASE(the_connection_of_a_stream_has_tcp_keep_alive) {
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    const int before = sockets_with_keep_alive();
    auto events = client.executions().stream(started.execution_id);
    co_await events.next();
    BOOST_TEST(sockets_with_keep_alive() == before + 1);
  });
}

BOOST_AUTO_TEST_CASE(an_execution_terminated_on_a_connection_that_sends_only_comments_ends_its_stream) {
  auto comments = server.faults().add(testing::fault().on("executions.stream").comments_only(5ms));
  stream_options options;
  options.status_check = 20ms;
  options.drain_time = 20ms;
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    auto events = client.executions().stream(started.execution_id, options);
    while (comments.struck() == 0) co_await events.next_for(5ms);
    BOOST_TEST(!events.ended());
    BOOST_TEST(comments.struck() == 1);
    co_await client.executions().terminate(started.execution_id);
    std::vector<stream_event> all;
    while (auto event = co_await events.next()) all.push_back(std::move(*event));
    BOOST_TEST(events.ended());
    BOOST_TEST(types_of(all).front() == "WORKFLOW_EXECUTION_STARTED");
  });
}

BOOST_AUTO_TEST_CASE(what_happens_after_a_connection_closed_arrives_before_the_stream_ends) {
  server.faults().add(testing::fault().on("executions.stream").cut_stream_after(1, testing::ending::clean));
  stream_options options;
  options.drain_time = 20ms;
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    auto events = client.executions().stream(started.execution_id, options);
    std::vector<stream_event> all;
    all.push_back(*co_await events.next());
    co_await server.until([](const testing::server_counts& seen) { return seen.streams_open == 0; });
    co_await client.executions().signal(started.execution_id, signal_request("go"));
    co_await client.executions().result(started.execution_id);
    while (auto event = co_await events.next()) all.push_back(std::move(*event));
    std::vector<stream_event> whole;
    auto again = client.executions().stream(started.execution_id);
    while (auto event = co_await again.next()) whole.push_back(std::move(*event));
    BOOST_TEST((all == whole));
    BOOST_TEST(types_of(all).back() == "WORKFLOW_EXECUTION_COMPLETED");
  });
}

BOOST_AUTO_TEST_CASE(an_executions_log_comes_once_and_in_order_through_cuts_and_ends_with_the_execution) {
  server.add_workflow(testing::workflow_definition("chatty", chatty));
  for (const auto how : {testing::ending::clean, testing::ending::reset, testing::ending::truncated_chunk})
    server.faults().add(testing::fault().on("executions.stream_logs").cut_stream_after(4, how));
  stream_options options;
  options.status_check = options.drain_time = 20ms;
  options.initial_backoff = 1ms;
  std::vector<std::string> lines;
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("chatty");
    auto log = client.executions().stream_logs(started.execution_id, log_stream_request(), options);
    for (int i = 0; i < 12; ++i) lines.push_back((co_await log.next())->body);
    BOOST_TEST(!(co_await log.next_for(5ms)).has_value());
    BOOST_TEST(!log.ended());
    co_await client.executions().signal(started.execution_id, signal_request("go"));
    while (auto record = co_await log.next()) lines.push_back(record->body);
  });
  std::vector<std::string> expected;
  for (int line = 1; line <= 20; ++line) expected.push_back(std::to_string(line));
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(live_is_opt_in_and_misses_what_came_before) {
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    stream_options from_now_on;
    from_now_on.source = stream_source::live;
    bool connected = false;
    from_now_on.hooks.connected = [&connected] { connected = true; };
    auto live = client.executions().stream(started.execution_id, from_now_on);
    while (!connected) BOOST_TEST(!(co_await live.next_for(5ms)).has_value());
    co_await client.executions().signal(started.execution_id, signal_request("go"));

    std::vector<stream_event> missed_some, all;
    while (auto event = co_await live.next()) missed_some.push_back(std::move(*event));
    auto whole = client.executions().stream(started.execution_id);
    while (auto event = co_await whole.next()) all.push_back(std::move(*event));
    BOOST_TEST(types_of(all).front() == "WORKFLOW_EXECUTION_STARTED");
    BOOST_TEST(types_of(missed_some).back() == "WORKFLOW_EXECUTION_COMPLETED");
    BOOST_TEST(missed_some.size() < all.size());
  });
}

BOOST_AUTO_TEST_CASE(every_event_carries_the_cursor_that_goes_on_after_it) {
  run([&]() -> awaitable<void> {
    test::json::object input;
    input["count"] = 6;
    const started_execution started = co_await client.workflows().execute("ticks", execute_request(input));
    auto events = client.executions().stream(started.execution_id);
    std::vector<stream_event> all;
    while (auto event = co_await events.next()) {
      BOOST_TEST(event->cursor() == events.cursor());
      all.push_back(std::move(*event));
    }
    co_await begins_again_behind_each(&client, started.execution_id, &all);
  });
}

BOOST_AUTO_TEST_CASE(a_stored_cursor_goes_on_in_the_execution_that_continued_the_one_asked_for) {
  run([&]() -> awaitable<void> {
    const test::json::object input = {{"left", 2}, {"then", "there"}, {"elsewhere", true}};
    const started_execution started = co_await client.workflows().execute("again", execute_request(input));
    auto events = client.executions().stream(started.execution_id);
    std::vector<stream_event> all;
    while (auto event = co_await events.next()) all.push_back(std::move(*event));
    BOOST_TEST(all.front().execution_id() == started.execution_id);
    BOOST_TEST(all.back().execution_id() != started.execution_id);
    BOOST_TEST(events.execution_id() == all.back().execution_id());
    co_await begins_again_behind_each(&client, started.execution_id, &all);
  });
}

BOOST_AUTO_TEST_CASE(the_cursor_stays_when_the_stream_is_closed_and_when_its_context_is_gone) {
  const started_execution started = [&] {
    started_execution out;
    run([&]() -> awaitable<void> { out = co_await client.workflows().execute("gate"); });
    return out;
  }();
  std::optional<event_stream> orphan;
  std::string seen;
  {
    boost::asio::io_context other;
    const class client elsewhere(other, options());
    const auto body = [&]() -> awaitable<void> {
      auto events = elsewhere.executions().stream(started.execution_id);
      const auto first = co_await events.next();
      seen = first->cursor();
      BOOST_TEST(events.cursor() == seen);
      auto closed = elsewhere.executions().stream(started.execution_id);
      co_await closed.next();
      closed.close();
      BOOST_TEST(closed.cursor() == seen);
      BOOST_TEST(closed.execution_id() == started.execution_id);
      orphan = std::move(events);
    };
    boost::asio::co_spawn(other, body, [](std::exception_ptr thrown) { BOOST_TEST(!thrown); });
    other.run();
  }
  BOOST_TEST(!seen.empty());
  BOOST_TEST(orphan->cursor() == seen);
  BOOST_TEST(orphan->execution_id() == started.execution_id);
}

BOOST_AUTO_TEST_CASE(hooks_tell_of_connections_their_ends_and_what_was_resumed) {
  std::vector<std::string> told;
  stream_options options;
  options.initial_backoff = 1ms;
  options.hooks.connected = [&told] { told.push_back("connected"); };
  options.hooks.resumed = [&told](const std::string& cursor) { told.push_back("resumed after " + cursor); };
  options.hooks.disconnected = [&told](const stream_disconnect& d) {
    told.emplace_back(to_string(d.reason));
  };
  std::string second;
  run([&]() -> awaitable<void> {
    test::json::object input;
    input["count"] = 3;
    const started_execution started = co_await client.workflows().execute("ticks", execute_request(input));
    co_await client.executions().result(started.execution_id);
    server.faults().add(testing::fault().on("executions.stream").cut_stream_after(2, testing::ending::reset));
    server.faults().add(testing::fault().on("executions.stream").answer(503));
    auto events = client.executions().stream(started.execution_id, options);
    co_await events.next();
    second = (co_await events.next())->cursor();
    while (co_await events.next()) {
    }
  });
  const std::vector<std::string> expected = {"connected", std::string(to_string(disconnect_reason::cut)),
                                             std::string(to_string(disconnect_reason::refused)),
                                             "resumed after " + second};
  BOOST_TEST_REQUIRE(told.size() >= expected.size());
  told.resize(expected.size());
  BOOST_TEST(told == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_refused_key_is_taken_anew_from_its_coroutine_once) {
  client_options rotating = options();
  rotating.api_key.clear();
  int asked = 0;
  rotating.api_key_supplier = [&]() -> awaitable<std::string> {
    co_return ++asked == 1 ? "old-key" : "test-key";
  };
  const class client renewing(io, rotating);
  int rejected = 0;
  bool connected = false;
  stream_options how;
  how.hooks.connected = [&connected] { connected = true; };
  how.hooks.disconnected = [&](const stream_disconnect& d) {
    if (d.reason == disconnect_reason::key_rejected) ++rejected;
  };
  run([&]() -> awaitable<void> {
    auto events = renewing.events().stream(event_stream_request(), how);
    while (!connected) BOOST_TEST(!(co_await events.next_for(5ms)).has_value());
  });
  BOOST_TEST(asked == 2);
  BOOST_TEST(rejected == 1);
}

BOOST_AUTO_TEST_SUITE_END()
