// The rate gate and the client's own limits, as calls meet them.
// The rules themselves: test/protocol/calls/rate_gate.cpp.
#include "session/script.hpp"

#include "session/client/admission.hpp"

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  int ended = 0;
  std::vector<std::exception_ptr> problems;

  void spawn(awaitable<void> call) {
    boost::asio::co_spawn(io, std::move(call), [this](std::exception_ptr thrown) {
      ++ended;
      if (thrown) problems.push_back(std::move(thrown));
    });
  }
  // Not run(): the server's end of an idle connection waits for ever.
  void run_until_ended(int count) {
    while (ended < count) BOOST_REQUIRE(io.run_one() == 1);
  }
  awaitable<void> get(executions_api executions, std::string id) { co_await executions.get(id); }
  awaitable<void> cancel(executions_api executions, std::string id) { co_await executions.cancel(id); }
};

struct in_line : fixture {
  using clock = session::admission::clock;
  using turn_or_refusal = session::admission::turn_or_refusal;
  static constexpr auto usual = protocol::waiting_line::usual;

  std::shared_ptr<session::admission> gate =
      std::make_shared<session::admission>(io.get_executor(), protocol::rate_limits());
  std::vector<std::string> order;

  awaitable<void> visit(std::string name, protocol::waiting_line line,
                        clock::time_point deadline = clock::time_point::max()) {
    turn_or_refusal mine = co_await session::admission::enter(gate, line, deadline);
    order.push_back(name + (mine.refused_until ? " refused" : ""));
    mine.held.done(true);
  }
  awaitable<void> keep_turn(turn_or_refusal* out) {
    *out = co_await session::admission::enter(gate, usual, clock::time_point::max());
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(rate_limits)

BOOST_FIXTURE_TEST_CASE(who_waits_at_the_gate_goes_in_order_and_those_that_end_something_go_first, in_line) {
  gate->refused(clock::now() + 20ms);
  for (const char* name : {"a", "b", "c"}) spawn(visit(name, usual));
  spawn(visit("cancel", protocol::waiting_line::first));
  io.run();
  BOOST_TEST(order == std::vector<std::string>({"cancel", "a", "b", "c"}));
  BOOST_TEST(gate->waiting() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_cancelled_waiter_leaves_nothing_behind, in_line) {
  gate->refused(clock::now() + 50s);
  boost::asio::cancellation_signal cancel;
  boost::asio::co_spawn(io, visit("a", usual),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr e) {
                          BOOST_TEST(static_cast<bool>(e));
                          ++ended;
                        }));
  io.poll();
  BOOST_TEST(gate->waiting() == 1u);
  cancel.emit(boost::asio::cancellation_type::terminal);
  io.run();  // returns: no timer is left
  BOOST_TEST(ended == 1);
  BOOST_TEST(gate->waiting() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_turn_given_to_somebody_who_was_cancelled_goes_to_the_next, in_line) {
  gate->refused(clock::now());
  turn_or_refusal probe;
  spawn(keep_turn(&probe));
  io.poll();
  io.restart();
  boost::asio::cancellation_signal cancel;
  boost::asio::co_spawn(io, visit("a", usual),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  spawn(visit("b", usual));
  io.poll();
  BOOST_TEST(gate->waiting() == 2u);
  cancel.emit(boost::asio::cancellation_type::terminal);
  io.poll_one();           // the cancellation arrives, but a has not noticed yet
  probe.held.done(false);  // and now it would be a's turn
  io.run();
  BOOST_TEST(order == std::vector<std::string>({"b"}));
}

BOOST_FIXTURE_TEST_CASE(waiters_whose_deadline_comes_before_a_later_opening_are_told_at_once, in_line) {
  gate->refused(clock::now() + 20s);
  spawn(visit("a", usual, clock::now() + 30s));
  io.poll();
  BOOST_TEST(order.empty());
  gate->refused(clock::now() + 40s);
  io.run();
  BOOST_TEST(order == std::vector<std::string>({"a refused"}));
}

BOOST_FIXTURE_TEST_CASE(the_gate_may_outlive_the_context_that_somebody_waits_on, in_line) {
  auto context = std::make_unique<boost::asio::io_context>();
  gate = std::make_shared<session::admission>(context->get_executor(), protocol::rate_limits());
  gate->refused(clock::now() + 50s);
  for (const char* name : {"a", "b"})
    boost::asio::co_spawn(*context, visit(name, usual), [](std::exception_ptr) {});
  context->poll();
  BOOST_TEST(gate->waiting() == 2u);
  context.reset();
  BOOST_TEST(gate->waiting() == 0u);
  BOOST_TEST(order.empty());
}

BOOST_FIXTURE_TEST_CASE(after_a_429_with_a_time_all_calls_wait_for_it_and_a_cancel_goes_first, fixture) {
  server.answer(429, "{}", "Retry-After: 1\r\n").answer(204).answer(200, running).answer(200, running);
  const auto handle = server.client();
  const executions_api executions(handle);
  const auto began = std::chrono::steady_clock::now();
  spawn(get(executions, "refused"));
  while (server.requests.empty() || handle->state->admission()->unrestricted()) io.run_one();
  spawn(get(executions, "second"));
  spawn(cancel(executions, "third"));
  run_until_ended(3);
  BOOST_TEST(problems.empty());
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 1s));
  BOOST_REQUIRE(server.requests.size() == 4u);
  BOOST_TEST(server.line(1) == "POST /v1/workflows/executions/third/cancel");
  BOOST_TEST(server.line(2) == "GET /v1/workflows/executions/refused");
  BOOST_TEST(server.line(3) == "GET /v1/workflows/executions/second");
}

BOOST_FIXTURE_TEST_CASE(who_waits_for_a_connection_while_the_gate_closes_waits_for_the_gate_too, fixture) {
  client_options options;
  options.max_connections = 1;
  options.rate.max_in_flight = 2;  // so that the second has its turn before
  const auto handle = server.client(options);
  const executions_api executions(handle);
  std::chrono::steady_clock::time_point refused, asked;
  server.answer(429, "{}", "Retry-After: 1\r\n", [&] { refused = std::chrono::steady_clock::now(); })
      .late(50ms);
  server.answer(200, running, "", [&] { asked = std::chrono::steady_clock::now(); }).answer(200, running);
  spawn(get(executions, "first"));
  spawn(get(executions, "second"));
  run_until_ended(2);
  BOOST_TEST(problems.empty());
  BOOST_REQUIRE(server.requests.size() == 3u);
  BOOST_TEST((asked - refused >= 1s));
}

BOOST_FIXTURE_TEST_CASE(a_call_whose_deadline_comes_before_the_opening_fails_at_once_with_the_time, fixture) {
  server.answer(429, "{}", "Retry-After: 50\r\n");
  client_options options;
  const auto handle = server.client(options);
  const executions_api executions(handle);
  boost::asio::cancellation_signal cancel;
  bool gave_up = false;
  boost::asio::co_spawn(
      io, get(executions, "patient"),
      boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { gave_up = true; }));
  while (handle->state->admission()->waiting() == 0) io.run_one();

  auto quick = std::make_shared<call_options>();
  quick->deadline = 5s;
  const executions_api hasty(std::make_shared<const session::client_handle>(handle->state, quick));
  spawn(get(hasty, "hasty"));
  run_until_ended(1);
  BOOST_REQUIRE(problems.size() == 1u);
  BOOST_CHECK_EXCEPTION(
      std::rethrow_exception(problems[0]), rate_limited_error, [](const rate_limited_error& e) {
        return e.code() == errc::rate_limited && e.retry_in() > 45s && e.retry_in() <= 50s &&
               e.attempts() == 0 && e.server_may_have_acted() == server_action::no &&
               std::string(e.what()).find(" ms") != std::string::npos;
      });
  BOOST_TEST(server.requests.size() == 1u);
  cancel.emit(boost::asio::cancellation_type::terminal);
  test::run_until(io, gave_up);
}

BOOST_FIXTURE_TEST_CASE(calls_that_were_refused_together_all_succeed_when_the_gate_opens, fixture) {
  for (int i = 0; i < 8; ++i) server.answer(429, "{}", "Retry-After: 0\r\n");
  for (int i = 0; i < 8; ++i) server.answer(200, running);
  client_options options;
  options.retry_budget.capacity = 1;  // not asked for: the gate does its work here
  const auto handle = server.client(options);
  const executions_api executions(handle);
  for (int i = 0; i < 8; ++i) spawn(get(executions, "e1"));
  run_until_ended(8);
  BOOST_TEST(problems.empty());
  BOOST_TEST(handle->state->counters().rate_limited == 8u);
  BOOST_TEST(handle->state->counters().retries_refused == 0u);
}

BOOST_FIXTURE_TEST_CASE(no_more_requests_are_in_flight_than_the_client_allows_itself, fixture) {
  for (int i = 0; i < 5; ++i) server.answer(200, running);
  client_options options;
  options.rate.max_in_flight = 1;
  const executions_api executions(server.client(options));
  for (int i = 0; i < 5; ++i) spawn(get(executions, "e" + std::to_string(i)));
  run_until_ended(5);
  BOOST_TEST(problems.empty());
  BOOST_TEST(server.connections == 1);  // a second request at the same time would have opened another
  for (std::size_t i = 0; i < 5; ++i)
    BOOST_TEST(server.line(i) == "GET /v1/workflows/executions/e" + std::to_string(i));
}

BOOST_FIXTURE_TEST_CASE(requests_are_spread_over_time_as_the_options_say, fixture) {
  for (int i = 0; i < 4; ++i) server.answer(200, running);
  client_options options;
  options.rate.requests_per_second = 50;
  options.rate.burst = 2;
  const executions_api executions(server.client(options));
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) spawn(get(executions, "e1"));
  run_until_ended(4);
  BOOST_TEST(problems.empty());
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 40ms));
}

BOOST_FIXTURE_TEST_CASE(a_deadline_in_the_line_says_where_time_ran_out, fixture) {
  server.stall();
  client_options options;
  options.rate.max_in_flight = 1;
  const auto handle = server.client(options);
  auto hasty = std::make_shared<call_options>();
  hasty->deadline = 40ms;
  boost::asio::cancellation_signal cancel;
  bool gave_up = false;
  boost::asio::co_spawn(
      io, get(executions_api(handle), "first"),
      boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { gave_up = true; }));
  while (server.requests.empty()) io.run_one();
  spawn(get(executions_api(std::make_shared<const session::client_handle>(handle->state, hasty)), "second"));
  run_until_ended(1);
  cancel.emit(boost::asio::cancellation_type::terminal);
  test::run_until(io, gave_up);
  BOOST_REQUIRE(problems.size() == 1u);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(problems[0]), timeout_error, [](const timeout_error& e) {
    return e.server_may_have_acted() == server_action::no && e.phase() == call_phase::waiting_for_turn;
  });
}

BOOST_FIXTURE_TEST_CASE(limits_that_cannot_work_are_refused_by_name, fixture) {
  const auto field_of = [&](auto change) {
    client_options options;
    change(options);
    try {
      server.client(options);
    } catch (const invalid_argument& e) {
      return e.field();
    }
    return std::string();
  };
  const std::string rate = "client_options.rate.";
  const std::string budget = "client_options.retry_budget.";
  BOOST_TEST(field_of([](client_options& o) { o.rate.requests_per_second = -1; }) ==
             rate + "requests_per_second");
  BOOST_TEST(field_of([](client_options& o) { o.rate.requests_per_second = 2e6; }) ==
             rate + "requests_per_second");
  BOOST_TEST(field_of([](client_options& o) { o.rate.burst = 0; }) == rate + "burst");
  BOOST_TEST(field_of([](client_options& o) { o.rate.max_in_flight = -1; }) == rate + "max_in_flight");
  BOOST_TEST(field_of([](client_options& o) { o.retry_budget.capacity = -1; }) == budget + "capacity");
  BOOST_TEST(field_of([](client_options& o) { o.retry_budget.per_success = 1.5; }) == budget + "per_success");
  BOOST_TEST(field_of([](client_options& o) { o.retry_budget.per_second = -0.1; }) == budget + "per_second");
}

BOOST_FIXTURE_TEST_CASE(a_spent_retry_budget_ends_calls_with_the_failure_they_had_and_says_so, fixture) {
  for (int i = 0; i < 3; ++i) server.answer(503, R"({"detail":"down"})");
  client_options options;
  options.retry_budget.capacity = 1;
  options.retry_budget.per_second = 0;
  const auto handle = server.client(options);
  spawn(get(executions_api(handle), "a"));
  run_until_ended(1);
  BOOST_REQUIRE(problems.size() == 1u);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(problems[0]), api_error, [](const api_error& e) {
    return e.status() == 503 && e.attempts() == 2 && e.retries_ended() == retry_end::budget &&
           std::string(e.what()).find("retry budget is spent") != std::string::npos;
  });
  BOOST_TEST(handle->state->counters().retries == 1u);
  BOOST_TEST(handle->state->counters().retries_refused == 1u);

  // Nobody else has one either, but a handle may do without.
  auto outside = std::make_shared<call_options>();
  outside->retry.emplace();
  outside->retry->within_budget = false;
  outside->retry->initial_backoff = outside->retry->max_backoff = 1ms;
  server.answer(200, running);
  spawn(get(executions_api(std::make_shared<const session::client_handle>(handle->state, outside)), "b"));
  run_until_ended(2);
  BOOST_TEST(problems.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
