#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace {

using namespace scripted;
using namespace std::chrono_literals;
using wf::errc;

// A server whose connection stays open after these events and is silent.
std::shared_ptr<host> silent_after(asio::io_context& context, std::int64_t events) {
  auto server = std::make_shared<host>(context);
  server->answer = [events](const std::string& target, int) {
    std::string text;
    for (auto n = cursor_in(target) + 1; n <= events; ++n) text += recorded::progress(n);
    return act(text, finish::open);
  };
  server->look = [](const std::string&, int) { return running(); };
  return server;
}

wf::stream_options patient() {
  auto options = quick();
  options.idle_limit = options.status_check = 1h;
  return options;
}

bool is_aborted(const wf::error& e) { return e.code() == asio::error::operation_aborted; }

// Brings nothing, and breaks right after something else has happened.
class breaking_connection final : public session::stream_connection {
 public:
  explicit breaking_connection(std::function<void()> before) : before_(std::move(before)) {
    head_.status = 200;
    head_.content_type = "text/event-stream";
  }

  const session::stream_head& head() const noexcept override { return head_; }
  std::string_view next_piece() noexcept override { return std::string_view(); }
  bool complete() const noexcept override { return false; }
  bool try_receive(bool) noexcept override { return false; }
  bool flowing() const noexcept override { return false; }
  asio::awaitable<void> receive() override {
    before_();
    throw system_error(asio::error::connection_reset);
    co_return;
  }

 private:
  session::stream_head head_;
  std::function<void()> before_;
};

class breaking_host final : public host {
 public:
  breaking_host(asio::io_context& context, std::function<void()> before)
      : host(context), before_(std::move(before)) {}

  asio::awaitable<std::unique_ptr<session::stream_connection>> open(protocol::request) override {
    co_return std::make_unique<breaking_connection>(before_);
  }

 private:
  std::function<void()> before_;
};

// Everything that waits on the context has begun to wait once it has nothing left to run.
void until_it_waits(asio::io_context& context) {
  context.restart();
  while (context.poll() > 0) {
  }
}

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

BOOST_AUTO_TEST_CASE(that_is_closed_just_as_the_connection_breaks_tells_the_hooks_of_none) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    act breaks(std::string(), finish::reset_later);
    breaks.comment_interval = 60ms;
    return breaks;
  };
  auto options = patient();
  int left = 0;
  options.hooks.disconnected = [&](const wf::stream_disconnect&) { ++left; };
  auto events = open(server, options);
  std::exception_ptr outcome;
  asio::co_spawn(context, events.next(),
                 [&](std::exception_ptr e, std::optional<wf::stream_event>) { outcome = e; });
  until_it_waits(context);
  std::this_thread::sleep_for(80ms);  // as above
  events.close();
  until_it_waits(context);
  BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(outcome), wf::cancelled_error, is_aborted);
  BOOST_TEST(left == 0);
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

BOOST_AUTO_TEST_CASE(
    ends_with_operation_aborted_when_the_stream_is_closed_or_destroyed_and_frees_the_connection) {
  for (const bool destroy : {true, false}) {
    asio::io_context context;
    auto server = silent_after(context, 0);
    auto events = std::make_unique<wf::event_stream>(open(server, patient()));
    std::exception_ptr outcome;
    asio::co_spawn(context, events->next(),
                   [&](std::exception_ptr e, std::optional<wf::stream_event>) { outcome = e; });
    until_it_waits(context);
    BOOST_TEST(server->open_connections == 1);
    if (destroy)
      events.reset();
    else
      events->close();
    context.restart();
    context.run();
    BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(outcome), wf::cancelled_error, is_aborted);
    BOOST_TEST(server->open_connections == 0);
    if (events) BOOST_CHECK_THROW(events->try_next(), wf::cancelled_error);
  }
}

BOOST_AUTO_TEST_CASE(leaves_nothing_pending_so_that_the_io_context_returns_while_the_stream_is_open) {
  asio::io_context context;
  auto server = silent_after(context, 1);
  auto events = open(server, patient());
  auto story = [&]() -> asio::awaitable<void> { co_await events.next(); };
  run(context, story());  // returns only if nothing is left to do
  BOOST_TEST(server->open_connections == 1);
  events.close();
  BOOST_TEST(server->open_connections == 0);
}

BOOST_AUTO_TEST_CASE(does_no_harm_when_the_stream_outlives_its_io_context) {
  auto context = std::make_unique<asio::io_context>();
  auto server = silent_after(*context, 1);
  auto idle = open(server, patient());
  auto busy = open(server, patient());
  asio::co_spawn(*context, idle.next(), asio::detached);
  asio::co_spawn(
      *context,
      [&]() -> asio::awaitable<void> {
        for (;;) co_await busy.next();
      },
      asio::detached);
  until_it_waits(*context);
  server.reset();  // the host's strand belongs to the context as well
  context.reset();
  BOOST_TEST(idle.ended());
  BOOST_CHECK_THROW(idle.try_next(), wf::cancelled_error);
  busy.close();
}

BOOST_AUTO_TEST_CASE(does_no_harm_when_the_callers_signal_outlives_the_io_context) {
  asio::cancellation_signal stop;
  auto context = std::make_unique<asio::io_context>();
  auto server = silent_after(*context, 0);
  auto events = open(server, patient());
  asio::co_spawn(*context, events.next(), asio::bind_cancellation_slot(stop.slot(), asio::detached));
  until_it_waits(*context);
  server.reset();
  context.reset();
  BOOST_TEST(events.ended());
}

BOOST_AUTO_TEST_CASE(does_no_harm_when_its_context_dies_while_it_connects_or_asks) {
  for (const bool asks : {false, true}) {
    for (const bool closed : {false, true}) {
      auto context = std::make_unique<asio::io_context>();
      auto server = silent_after(*context, 0);
      (asks ? server->looking : server->opening) = 1h;
      auto options = quick();
      options.idle_limit = 1h;
      auto events = open(server, options);
      asio::co_spawn(*context, events.next_for(50ms), asio::detached);
      context->run_for(100ms);
      BOOST_TEST((asks ? server->looks : static_cast<int>(server->targets.size())) == 1);
      if (closed) events.close();
      server.reset();
      context.reset();
      BOOST_TEST(events.ended());
    }
  }
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

BOOST_AUTO_TEST_CASE(is_told_of_no_loss_that_comes_as_another_thread_closes_the_stream) {
  asio::io_context context;
  std::optional<wf::event_stream> events;
  const auto close_elsewhere = [&] {
    std::thread other([&] { events->close(); });
    other.join();
  };
  auto options = patient();
  int told = 0;
  options.hooks.disconnected = [&](const wf::stream_disconnect&) { ++told; };
  events.emplace(open(std::make_shared<breaking_host>(context, close_elsewhere), options));
  const auto wait = [&]() -> asio::awaitable<void> { co_await events->next(); };
  BOOST_CHECK_THROW(run(context, wait()), wf::cancelled_error);
  BOOST_TEST(told == 0);
}

BOOST_AUTO_TEST_SUITE_END()
