// Waits for an event that are cancelled, given up or made twice: none loses an event or a connection.
#include "session/follow/silent_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace scripted;
using namespace std::chrono_literals;

}  // namespace

BOOST_AUTO_TEST_SUITE(next_of_a_stream)

BOOST_AUTO_TEST_CASE(can_be_cancelled_and_called_again_without_a_new_connection_and_without_a_loss) {
  for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                          asio::cancellation_type::total}) {
    asio::io_context context;
    auto server = std::make_shared<host>(context);
    server->answer = [](const std::string&, int) {
      return act(recorded::progress(1) + recorded::progress(2), finish::open);
    };
    auto events = open(server, patient());
    asio::cancellation_signal stop;
    std::optional<std::exception_ptr> outcome;
    auto follow = [&]() -> asio::awaitable<void> {
      co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
      for (int i = 1; i <= 3; ++i) co_await events.next();
    };
    asio::co_spawn(context, follow(),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) { outcome = e; }));
    until_it_waits(context);
    BOOST_TEST(!outcome.has_value());
    stop.emit(type);
    until_it_waits(context);
    BOOST_TEST_REQUIRE(outcome.has_value());
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(*outcome), wf::cancelled_error, is_aborted);
    BOOST_TEST(events.cursor() == "w1:exec-1:2");
    BOOST_TEST(server->targets.size() == 1U);
    BOOST_TEST(server->open_connections == 1);
  }
}

BOOST_AUTO_TEST_CASE(with_a_limit_gives_up_without_leaving_the_connection) {
  asio::io_context context;
  auto server = silent_after(context, 1);
  auto events = open(server, patient());
  auto story = [&]() -> asio::awaitable<void> {
    BOOST_TEST((co_await events.next_for(1h)).has_value());
    for (int i = 0; i < 5; ++i) BOOST_TEST(!(co_await events.next_for(2ms)).has_value());
    BOOST_TEST(!(co_await events.next_for(0ms)).has_value());
    BOOST_TEST(!events.ended());
  };
  run(context, story());
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(with_a_limit_finds_what_has_been_received_even_when_the_limit_is_nothing) {
  asio::io_context context;
  auto server = silent_after(context, 3);
  auto events = open(server, patient());
  auto story = [&]() -> asio::awaitable<void> {
    BOOST_TEST((co_await events.next_for(1h)).has_value());
    for (int i = 0; i < 2; ++i) BOOST_TEST((co_await events.next_for(0ms)).has_value());
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(with_short_limits_in_a_loop_still_sees_the_stream_end) {
  asio::io_context context;
  auto server = silent_after(context, 2);
  server->look = [](const std::string&, int) { return terminated(); };
  auto events = open(server, quick());
  std::vector<std::int64_t> got;
  auto story = [&]() -> asio::awaitable<void> {
    while (!events.ended()) {
      const auto event = co_await events.next_for(1ms);
      if (event) got.push_back(event->broker_sequence);
    }
  };
  run(context, story());
  BOOST_TEST((got == numbers(1, 2)));
}

// The event is there and the timer has expired in the same
// turn of the loop: `||` keeps one and throws the other away.
BOOST_AUTO_TEST_CASE(wait_or_a_timer_never_swallows_an_event_whoever_wins) {
  using namespace asio::experimental::awaitable_operators;
  for (const bool timer_first : {true, false}) {
    asio::io_context context;
    auto server = silent_after(context, 50);
    auto events = open(server, patient());
    std::vector<std::int64_t> got;
    auto story = [&]() -> asio::awaitable<void> {
      asio::steady_timer timer(context);
      while (got.size() < 50) {
        timer.expires_at(asio::steady_timer::time_point::min());
        if (timer_first)
          co_await (timer.async_wait(asio::use_awaitable) || events.wait());
        else
          co_await (events.wait() || timer.async_wait(asio::use_awaitable));
        while (auto event = events.try_next()) got.push_back(event->broker_sequence);
        // The loop above may never let a connection be made; a call without a limit does.
        if (got.empty()) co_await events.wait();
      }
    };
    run(context, story());
    BOOST_TEST((got == numbers(1, 50)));
  }
}

BOOST_AUTO_TEST_CASE(that_is_cancelled_just_as_an_event_arrives_returns_it_or_leaves_it_for_the_next_call) {
  // The cancellation comes after n handlers of the loop have run, for every n there is. The
  // first begins the coroutine: what comes of a cancellation before that is Asio's affair.
  for (int n = 1; n < 60; ++n) {
    asio::io_context context;
    auto server = silent_after(context, 3);
    auto events = open(server, patient());
    asio::cancellation_signal stop;
    std::vector<std::int64_t> got;
    bool over = false;
    auto follow = [&]() -> asio::awaitable<void> {
      for (int i = 0; i < 3; ++i) {
        const auto event = co_await events.next();
        got.push_back(event->broker_sequence);
      }
    };
    asio::co_spawn(context, follow(),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { over = true; }));
    for (int i = 0; i < n && !over; ++i) context.run_one();
    stop.emit(asio::cancellation_type::terminal);
    context.run();
    context.restart();
    auto rest = [&]() -> asio::awaitable<void> {
      while (got.size() < 3) got.push_back((co_await events.next())->broker_sequence);
    };
    run(context, rest());
    BOOST_TEST_CONTEXT("cancelled after " << n << " handlers") BOOST_TEST((got == numbers(1, 3)));
  }
}

BOOST_AUTO_TEST_CASE(that_is_cancelled_just_as_the_connection_breaks_is_followed_by_one_that_connects_again) {
  for (const bool limited : {false, true}) {
    asio::io_context context;
    auto server = std::make_shared<host>(context);
    server->answer = [](const std::string&, int number) {
      if (number > 1) return act(recorded::progress(1), finish::open);
      act breaks(std::string(), finish::reset_later);
      breaks.comment_interval = 60ms;
      return breaks;
    };
    auto events = open(server, patient());
    asio::cancellation_signal stop;
    std::exception_ptr outcome;
    asio::co_spawn(
        context, limited ? events.next_for(50ms) : events.next(),
        asio::bind_cancellation_slot(
            stop.slot(), [&](std::exception_ptr e, std::optional<wf::stream_event>) { outcome = e; }));
    until_it_waits(context);
    // The limit and then the break are over when the context runs again, and the cancellation is before them
    // in its queue. Only time brings that: an event would have to run in it.
    std::this_thread::sleep_for(80ms);
    stop.emit(asio::cancellation_type::terminal);
    until_it_waits(context);
    BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(outcome), wf::cancelled_error, is_aborted);
    BOOST_TEST(server->open_connections == 0);
    auto rest = [&]() -> asio::awaitable<void> {
      BOOST_TEST((co_await events.next())->broker_sequence == 1);
    };
    run(context, rest());
    BOOST_TEST(server->targets.size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(throws_when_called_while_another_is_pending) {
  asio::io_context context;
  auto server = silent_after(context, 0);
  auto events = open(server, patient());
  asio::co_spawn(context, events.next(), asio::detached);
  until_it_waits(context);
  BOOST_CHECK_THROW(events.try_next(), wf::invalid_argument);
  std::exception_ptr second;
  asio::co_spawn(context, events.wait(), [&](std::exception_ptr e, bool) { second = e; });
  until_it_waits(context);
  BOOST_TEST_REQUIRE(static_cast<bool>(second));
  BOOST_CHECK_THROW(std::rethrow_exception(second), wf::invalid_argument);
}

BOOST_AUTO_TEST_CASE(goes_on_with_what_an_earlier_one_began_when_that_was_cancelled) {
  asio::io_context context;
  auto server = silent_after(context, 1);
  server->opening = 30ms;
  auto events = open(server, patient());
  for (int i = 0; i < 3; ++i) {
    asio::cancellation_signal stop;
    asio::co_spawn(context, events.next(),
                   asio::bind_cancellation_slot(stop.slot(),
                                                [](std::exception_ptr, std::optional<wf::stream_event>) {}));
    until_it_waits(context);
    stop.emit(asio::cancellation_type::terminal);
    until_it_waits(context);
  }
  auto story = [&]() -> asio::awaitable<void> { BOOST_TEST((co_await events.next())->broker_sequence == 1); };
  run(context, story());
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(works_on_an_io_context_that_several_threads_run) {
  asio::io_context context;
  std::vector<std::vector<std::int64_t>> got(8);
  std::vector<std::shared_ptr<host>> servers;
  for (std::size_t i = 0; i < got.size(); ++i) {
    auto server = std::make_shared<host>(context);
    server->answer = [](const std::string& target, int) {
      const auto from = static_cast<std::size_t>(cursor_in(target));
      return act(joined(recorded::frames(), from, from + 7), finish::reset);
    };
    server->look = [](const std::string&, int) { return ended(); };
    servers.push_back(server);
    auto follow = [&mine = got[i], server]() -> asio::awaitable<void> {
      auto events = open(server);
      while (mine.size() < 60) {
        // Half of the waits are given up, from whichever thread the timer is on.
        std::optional<wf::stream_event> event;
        if (mine.size() % 2 == 0)
          event = co_await events.next();
        else
          event = co_await events.next_for(1ms);
        if (event) mine.push_back(event->broker_sequence);
      }
    };
    asio::co_spawn(asio::make_strand(context), follow, asio::detached);
  }
  std::vector<std::future<void>> threads;
  for (int i = 0; i < 4; ++i) threads.push_back(std::async(std::launch::async, [&] { context.run(); }));
  for (auto& thread : threads) thread.get();
  for (const auto& mine : got) BOOST_TEST((mine == numbers(1, 60)));
}

BOOST_AUTO_TEST_SUITE_END()
