// client.close(grace): what is refused, what may end, what is ended, and that it never lasts.
#include "session/script.hpp"

#include "session/client/closing.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  std::shared_ptr<const session::client_handle> handle = server.client();
  executions_api executions{handle};

  struct outcome {
    bool ended = false;
    std::exception_ptr problem;

    bool is_closed() const {
      try {
        if (problem) std::rethrow_exception(problem);
      } catch (const error& e) {
        return e.code() == make_error_condition(errc::closed);
      }
      return false;
    }
  };

  void spawn(awaitable<void> body, outcome& out) {
    boost::asio::co_spawn(io, std::move(body), [&out](std::exception_ptr thrown) {
      out.ended = true;
      out.problem = std::move(thrown);
    });
  }
  awaitable<void> get() { co_await executions.get("e1"); }
  awaitable<void> pull(event_stream* stream) { co_await stream->next(); }
  awaitable<void> close(std::chrono::milliseconds grace) { return session::close(handle->state, grace); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(closing, fixture)

BOOST_AUTO_TEST_CASE(an_idle_client_is_closed_at_once_and_refuses_what_comes_later) {
  server.answer(200, running);
  test::run(io, [&] { return get(); });
  BOOST_TEST(handle->state->pool().stats().idle == 1);
  test::run(io, [&] { return close(1h); });
  BOOST_TEST(handle->state->pool().stats().idle == 0);
  outcome later;
  spawn(get(), later);
  test::run_until(io, later.ended);
  BOOST_TEST(later.is_closed());
  BOOST_TEST(server.requests.size() == 1u);
  test::run(io, [&] { return close(1h); });
}

BOOST_AUTO_TEST_CASE(a_call_under_way_may_end_within_the_grace_with_its_repeats) {
  server.answer(503).answer(200, running);
  outcome call, end, late;
  spawn(get(), call);
  while (server.requests.empty()) io.run_one();
  spawn(close(1h), end);
  test::run_until(io, end.ended);
  BOOST_TEST(call.ended);
  BOOST_TEST(!call.problem);
  BOOST_TEST(!end.problem);
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_does_not_end_within_the_grace_is_ended_wherever_it_waits) {
  client_options options;
  options.rate.max_in_flight = 1;
  handle = server.client(options);
  executions = executions_api(handle);
  server.stall();
  outcome in_exchange, in_line, end;
  spawn(get(), in_exchange);
  spawn(get(), in_line);
  while (server.requests.empty()) io.run_one();
  spawn(close(20ms), end);
  test::run_until(io, end.ended);
  BOOST_TEST(!end.problem);
  BOOST_TEST(in_exchange.is_closed());
  BOOST_TEST(in_line.is_closed());
  try {
    std::rethrow_exception(in_exchange.problem);
  } catch (const error& e) {
    BOOST_TEST((e.server_may_have_acted() == server_action::unknown));
    BOOST_TEST(e.operation() == "executions.get");
    BOOST_TEST(e.attempts() == 1);
  }
  BOOST_TEST(handle->state->pool().stats().in_use == 0);
  BOOST_TEST(handle->state->live().calls() == 0u);
}

BOOST_AUTO_TEST_CASE(a_call_in_its_back_off_is_ended_too) {
  server.answer(503);
  auto slow = std::make_shared<call_options>();
  slow->retry.emplace();
  slow->retry->initial_backoff = slow->retry->max_backoff = 1h;
  executions = executions_api(std::make_shared<const session::client_handle>(handle->state, slow));
  outcome call, end;
  spawn(get(), call);
  while (handle->state->pool().stats().idle == 0) io.run_one();
  spawn(close(0ms), end);
  test::run_until(io, end.ended);
  BOOST_TEST(call.is_closed());
}

BOOST_AUTO_TEST_CASE(a_stream_ends_with_closed_also_when_nobody_waited_for_it) {
  server.stall();
  event_stream waited_for = executions.stream("e1");
  event_stream lying_idle = executions.stream("e2");
  outcome next, end, later;
  spawn(pull(&waited_for), next);
  while (server.requests.empty()) io.run_one();
  spawn(close(1h), end);  // streams get no grace: they would take all of it
  test::run_until(io, next.ended);
  BOOST_TEST(next.is_closed());
  spawn(pull(&lying_idle), later);
  test::run_until(io, later.ended);
  BOOST_TEST(later.is_closed());
  if (!end.ended) test::run_until(io, end.ended);
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_stream_opened_afterwards_ends_with_closed) {
  test::run(io, [&] { return close(0ms); });
  event_stream stream = executions.stream("e1");
  outcome next;
  spawn(pull(&stream), next);
  test::run_until(io, next.ended);
  BOOST_TEST(next.is_closed());
}

BOOST_AUTO_TEST_CASE(a_cancelled_close_ends_what_is_under_way_and_says_that_it_was_cancelled) {
  server.stall();
  outcome call;
  spawn(get(), call);
  while (server.requests.empty()) io.run_one();
  boost::asio::cancellation_signal cancel;
  outcome end;
  boost::asio::co_spawn(io, close(1h),
                        boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr thrown) {
                          end.ended = true;
                          end.problem = std::move(thrown);
                        }));
  io.poll();
  BOOST_TEST(!end.ended);
  cancel.emit(boost::asio::cancellation_type::terminal);
  test::run_until(io, end.ended);
  BOOST_TEST(call.is_closed());
  BOOST_REQUIRE(end.problem);
  BOOST_CHECK_THROW(std::rethrow_exception(end.problem), cancelled_error);
}

BOOST_AUTO_TEST_CASE(two_that_close_at_the_same_time_both_see_the_end) {
  server.stall();
  outcome call, first, second;
  spawn(get(), call);
  while (server.requests.empty()) io.run_one();
  spawn(close(1h), first);
  spawn(close(10ms), second);
  test::run_until(io, second.ended);
  if (!first.ended) test::run_until(io, first.ended);
  BOOST_TEST(call.is_closed());
  BOOST_TEST(!first.problem);
}

BOOST_AUTO_TEST_CASE(a_client_can_be_closed_after_its_io_context_is_gone) {
  auto context = std::make_unique<boost::asio::io_context>();
  client_options options;
  options.server_url = "http://localhost:1";
  options.api_key = "any-key";
  const auto left_over = std::make_shared<session::client_state>(context->get_executor(), options);
  event_stream stream =
      executions_api(std::make_shared<const session::client_handle>(left_over)).stream("e1");
  boost::asio::co_spawn(*context,
                        executions_api(std::make_shared<const session::client_handle>(left_over)).get("e1"),
                        [](std::exception_ptr, const execution&) {});
  while (left_over->live().calls() == 0) BOOST_REQUIRE(context->run_one() == 1u);
  context.reset();
  BOOST_TEST(left_over->live().calls() == 0u);
  test::run(io, [&] { return session::close(left_over, 1h); });
}

BOOST_AUTO_TEST_SUITE_END()
