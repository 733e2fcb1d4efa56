// Streams that are closed or destroyed while they wait, and what outlives what: stream, context, signal.
#include "session/follow/silent_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

namespace {

using namespace scripted;
using namespace std::chrono_literals;

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

}  // namespace

BOOST_AUTO_TEST_SUITE(next_of_a_stream)

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
  // The break is over when the context runs again. Only time brings that: an event would have to run in it.
  std::this_thread::sleep_for(80ms);
  events.close();
  until_it_waits(context);
  BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(outcome), wf::cancelled_error, is_aborted);
  BOOST_TEST(left == 0);
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
