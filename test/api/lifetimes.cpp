// Who may die before whom, many calls at once on many threads, and options that cannot work.
#include "api/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <optional>
#include <thread>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using test::asio::awaitable;
using wf_client = mistral::workflows::client;

BOOST_FIXTURE_TEST_SUITE(lifetimes, test::local)

BOOST_AUTO_TEST_CASE(a_thousand_calls_at_once_from_four_threads_use_no_more_connections_than_allowed) {
  client_options settings = options();
  settings.max_connections = 16;
  settings.call_deadline = 5min;  // sanitizers are slow
  const wf_client busy(io, settings);
  run([&]() -> awaitable<void> {
    execute_request request;
    request.execution_id = "one";
    co_await client.workflows().execute("sleeps", request);
  });
  std::atomic<int> good = 0;
  for (int i = 0; i < 1000; ++i)
    boost::asio::co_spawn(io, busy.executions().get("one"),
                          [&good](std::exception_ptr thrown, const execution& state) {
                            if (!thrown && state.execution_id == "one") ++good;
                          });
  io.restart();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([this] { io.run(); });
  for (auto& thread : threads) thread.join();
  BOOST_TEST(good == 1000);
  BOOST_TEST(busy.stats().handshakes <= 16u);
  BOOST_TEST(busy.stats().connections_in_use == 0u);
  BOOST_TEST(busy.stats().calls == 1000u);
}

BOOST_AUTO_TEST_CASE(run_returns_with_an_idle_pool_and_without_close) {
  run([&]() -> awaitable<void> { co_await client.workflows().list(); });
  BOOST_TEST(client.stats().connections_idle == 1u);
}

BOOST_AUTO_TEST_CASE(a_client_that_outlives_its_io_context_does_no_harm) {
  auto context = std::make_unique<boost::asio::io_context>();
  std::optional<wf_client> left_over(std::in_place, *context, options());
  std::optional<event_stream> stream = left_over->executions().stream("e");
  BOOST_TEST((left_over->executor() == context->get_executor()));
  auto never_awaited = left_over->workflows().list();
  boost::asio::co_spawn(*context, left_over->workflows().list(),
                        [](std::exception_ptr thrown, const workflow_page&) { BOOST_TEST(!thrown); });
  context->run();
  // One more is under way when the context goes.
  boost::asio::co_spawn(*context, left_over->workflows().list(),
                        [](std::exception_ptr, const workflow_page&) {});
  context->restart();
  context->run_one();
  context.reset();
  BOOST_TEST(!left_over->executor());
  left_over->close();
  BOOST_TEST(left_over->stats().connections_in_use == 0u);
  stream.reset();
  left_over.reset();
}

BOOST_AUTO_TEST_CASE(handles_and_arguments_may_die_before_the_operation_is_awaited) {
  run([&]() -> awaitable<void> {
    std::optional<wf_client> short_lived(std::in_place, io, options());
    auto list = short_lived->workflows().list();
    auto start =
        short_lived->workflows().execute(std::string("echo"), execute_request(test::json::value("in")));
    auto missing = short_lived->executions().get(std::string(100, 'x'));
    short_lived.reset();
    const workflow_page page = co_await std::move(list);
    BOOST_TEST(page.workflows.size() == 6u);
    const started_execution started = co_await std::move(start);
    BOOST_TEST(!started.execution_id.empty());
    const auto none = co_await try_(std::move(missing));
    BOOST_TEST((none.code() == errc::api_error));
  });
}

BOOST_AUTO_TEST_CASE(every_call_form_of_the_readme_is_right_under_gcc_12) {
  run([&]() -> awaitable<void> {
    execute_request named(test::json::value("x"));
    named.execution_id = "named";
    co_await client.workflows().execute("echo", std::move(named));
    co_await client.workflows().execute("echo", execute_request("text"));
    co_await client.workflows().execute("echo", execute_request(test::json::value(7)));
    co_await client.workflows().execute("echo");
    co_await client.workflows().list();
    co_await client.workflows().list(workflow_list_request());
    co_await client.runs().list();
    co_await client.runs().list(run_list_request());
    const started_execution started = co_await client.workflows().execute("gate", execute_request());
    test::json::object by;
    by["by"] = "Ada";
    co_await client.executions().query(started.execution_id, query_request("state"));
    co_await client.executions().signal(started.execution_id, signal_request("go", by));
    co_await client.executions().result(started.execution_id);
    co_await client.executions().result(started.execution_id, result_options());
    co_await client.workflows().execute_and_wait("echo", execute_request("text"), 5s);
    auto events = client.executions().stream(started.execution_id, stream_options());
    while (auto event = co_await events.next()) BOOST_TEST(!event->type().empty());
  });
}

BOOST_AUTO_TEST_CASE(a_cancelled_a_late_and_a_failed_call_each_leave_the_pool_usable) {
  const auto stalled = server.faults().add(testing::fault().on("executions.get").times(2).hold());
  client_options settings = options();
  settings.max_connections = 1;
  const wf_client narrow(io, settings);

  call_options hurried;
  hurried.deadline = 200ms;
  const wf_client impatient = narrow.with(hurried);
  const auto late =
      error_of<timeout_error>([&]() -> awaitable<void> { co_await impatient.executions().get("e"); });
  BOOST_TEST((late.phase() == call_phase::waiting_for_answer));

  boost::asio::cancellation_signal cancel;
  std::exception_ptr problem;
  boost::asio::co_spawn(
      io, narrow.executions().get("e"),
      boost::asio::bind_cancellation_slot(
          cancel.slot(), [&](std::exception_ptr thrown, const execution&) { problem = std::move(thrown); }));
  const auto canceller = [&]() -> awaitable<void> {
    co_await server.until(
        [](const testing::server_counts& c) { return c.requests_of("executions.get") == 2; });
    cancel.emit(boost::asio::cancellation_type::terminal);
  };
  run(canceller);
  BOOST_CHECK_THROW(std::rethrow_exception(problem), cancelled_error);

  const auto failed =
      error_of<api_error>([&]() -> awaitable<void> { co_await narrow.executions().get("e"); });
  BOOST_TEST(failed.status() == 404);
  run([&]() -> awaitable<void> { co_await narrow.workflows().list(); });
  BOOST_TEST(narrow.stats().connections_in_use == 0u);
  BOOST_TEST(narrow.stats().connections_idle == 1u);
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_for_a_connection_until_its_deadline_says_so) {
  const auto held = server.faults().add(testing::fault().on("executions.get").hold());
  client_options settings = options();
  settings.max_connections = 1;
  const wf_client narrow(io, settings);
  call_options hurried;
  hurried.deadline = 200ms;
  boost::asio::co_spawn(io, narrow.executions().get("e"), [](std::exception_ptr, const execution&) {});
  const auto e = error_of<timeout_error>([&]() -> awaitable<void> {
    co_await server.until(
        [](const testing::server_counts& c) { return c.requests_of("executions.get") == 1; });
    const auto second = co_await try_(narrow.with(hurried).executions().get("f"));
    auto release = held;
    release.release();
    second.value();
  });
  BOOST_TEST((e.phase() == call_phase::waiting_for_connection));
  BOOST_TEST((e.server_may_have_acted() == server_action::no));
}

BOOST_AUTO_TEST_CASE(sessions_are_resumed_on_new_connections) {
  client_options settings = options();
  const wf_client reconnecting(io, settings);
  for (int i = 0; i < 5; ++i) {
    run([&]() -> awaitable<void> { co_await reconnecting.workflows().list(); });
    BOOST_TEST(server.wait_until([](const testing::server_counts& c) { return c.connections_idle == 1; }));
    server.close_idle_connections(testing::ending::reset);
    BOOST_TEST(server.wait_until([](const testing::server_counts& c) { return c.connections_open == 0; }));
  }
  BOOST_TEST(reconnecting.stats().handshakes == 5u);
  BOOST_TEST(reconnecting.stats().handshakes_resumed == 4u);
  BOOST_TEST(server.counts().handshakes_resumed == 4);
}

BOOST_AUTO_TEST_CASE(a_closed_client_refuses_operations) {
  client.close();
  const auto e = error_of<error>([&]() -> awaitable<void> { co_await client.workflows().list(); });
  BOOST_TEST((e.code() == errc::closed));
}

BOOST_AUTO_TEST_CASE(a_server_that_the_ca_did_not_sign_is_refused_by_reason) {
  client_options settings = options();
  settings.tls.ca_pem.clear();  // the system's roots
  const wf_client strict(io, settings);
  const auto e = error_of<transport_error>([&]() -> awaitable<void> { co_await strict.workflows().list(); });
  BOOST_TEST((e.phase() == call_phase::tls_handshake));
  BOOST_TEST(e.attempts() == 1);
  BOOST_TEST(std::string_view(e.what()).find("certificate") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_refused_by_name) {
  const auto refused = [&](std::string field, std::function<void(client_options&)> change) {
    client_options settings = options();
    change(settings);
    BOOST_CHECK_EXCEPTION(wf_client(io, settings), invalid_argument, [&](const invalid_argument& e) {
      BOOST_TEST(e.field() == field);
      BOOST_TEST(std::string_view(e.what()).find("s3cret") == std::string_view::npos);
      return e.field() == field;
    });
  };
  refused("client_options.api_key", [](client_options& o) { o.api_key = "s3cret\r\nX: y"; });
  refused("client_options.api_key",
          [](client_options& o) { o.api_key_supplier = []() -> awaitable<std::string> { co_return "k"; }; });
  refused("client_options.server_url", [](client_options& o) { o.server_url = "https://"; });
  refused("client_options.server_url", [](client_options& o) { o.server_url = "http://api.mistral.ai"; });
  refused("client_options.user_agent", [](client_options& o) { o.user_agent = std::string("s3cret\0", 7); });
  refused("client_options.headers", [](client_options& o) { o.headers.emplace_back("X-A", "s3cret\n"); });
  refused("client_options.headers", [](client_options& o) { o.headers.emplace_back("X A", "v"); });
  for (const char* name : {"host", "Authorization", "CONTENT-LENGTH", "Transfer-Encoding"})
    refused("client_options.headers", [name](client_options& o) { o.headers.emplace_back(name, "s3cret"); });
  refused("client_options.tls.ca_file", [](client_options& o) {
    o.tls.ca_pem.clear();
    o.tls.ca_file = "/does/not/exist";
  });
  refused("client_options.call_deadline", [](client_options& o) { o.call_deadline = 0ms; });
  refused("client_options.max_connections", [](client_options& o) { o.max_connections = 0; });
  refused("client_options.max_streams", [](client_options& o) { o.max_streams = -1; });
  refused("client_options.retry.max_attempts", [](client_options& o) { o.retry.max_attempts = 0; });

  call_options bad;
  bad.deadline = 0ms;
  BOOST_CHECK_EXCEPTION(client.with(bad), invalid_argument,
                        [](const invalid_argument& e) { return e.field() == "call_options.deadline"; });
}

BOOST_AUTO_TEST_SUITE_END()

// Nothing that a caller can build is an aggregate: GCC 12
// destroys aggregate temporaries twice in co_await expressions.
static_assert(!std::is_aggregate_v<client_options> && !std::is_aggregate_v<tls_options> &&
              !std::is_aggregate_v<retry_options> && !std::is_aggregate_v<call_options>);
static_assert(!std::is_aggregate_v<execute_request> && !std::is_aggregate_v<workflow_list_request> &&
              !std::is_aggregate_v<run_list_request> && !std::is_aggregate_v<signal_request> &&
              !std::is_aggregate_v<query_request> && !std::is_aggregate_v<update_request> &&
              !std::is_aggregate_v<reset_request> && !std::is_aggregate_v<result_options>);
static_assert(!std::is_aggregate_v<stream_options> && !std::is_aggregate_v<stream_hooks> &&
              !std::is_aggregate_v<finished> && !std::is_aggregate_v<still_running> &&
              !std::is_aggregate_v<client_stats> && !std::is_aggregate_v<error_context>);
