// Tasks by themselves: what they return and throw, how they wait, how they are interrupted and given up.
#include "session/frame/task.hpp"

#include "net/common/asio_compat.hpp"
#include "net/common/gate.hpp"
#include "session/frame/task_wait.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;
using namespace mistral::workflows;
using session::completion_of;
using session::task;

namespace {

struct outcome {
  bool ended = false;
  bool given_up = false;
  std::exception_ptr failure;
};

struct frame_memory {
  alignas(std::max_align_t) std::array<std::byte, 4096> bytes;
};

class scope_under_test final : private frame_memory, public session::task_scope {
 public:
  scope_under_test(asio::io_context& io, std::function<task<void>()> body, outcome& out)
      : task_scope(io.get_executor(), bytes), body_(std::move(body)), out_(out) {}

  void begin(std::shared_ptr<scope_under_test> self) { start(std::move(self)); }

 private:
  std::function<task<void>()> body_;
  outcome& out_;

  task<void> run() override { return body_(); }
  void ended(std::shared_ptr<task_scope>, std::exception_ptr failure) override {
    out_.ended = true;
    out_.failure = std::move(failure);
  }
  void given_up() noexcept override { out_.given_up = true; }
};

struct tells_its_end {
  explicit tells_its_end(std::vector<std::string>& to, std::string what) : log(to), name(std::move(what)) {}
  ~tells_its_end() { log.push_back(name); }
  std::vector<std::string>& log;
  std::string name;
};

struct tasks {
  asio::io_context io;
  outcome out;

  std::shared_ptr<scope_under_test> begin(std::function<task<void>()> body) {
    auto scope = std::make_shared<scope_under_test>(io, std::move(body), out);
    scope->begin(scope);
    return scope;
  }
};

task<int> sum(int from, int to) {
  if (from == to) co_return from;
  const int rest = co_await sum(from + 1, to);
  co_return from + rest;
}

task<std::string> fails() {
  throw std::runtime_error("as it must");
  co_return std::string();
}

asio::awaitable<std::string> of_asio(std::shared_ptr<net::gate> gate) {
  co_await gate->async_wait(net::plain);
  co_return "came";
}

bool is_aborted(const boost::system::system_error& e) { return e.code() == asio::error::operation_aborted; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tasks_of_an_operation, tasks)

BOOST_AUTO_TEST_CASE(a_task_gives_its_value_also_where_the_frames_need_more_memory_than_the_operation_has) {
  int got = 0;
  begin([&]() -> task<void> { got = co_await sum(1, 200); });
  BOOST_TEST(out.ended);
  BOOST_TEST(got == 20'100);
}

BOOST_AUTO_TEST_CASE(
    what_a_task_throws_is_thrown_where_it_is_awaited_and_ends_the_operation_where_nobody_catches_it) {
  std::string caught;
  begin([&]() -> task<void> {
    try {
      co_await fails();
    } catch (const std::runtime_error& e) {
      caught = e.what();
    }
    co_await fails();
  });
  BOOST_TEST(caught == "as it must");
  BOOST_REQUIRE(out.ended);
  BOOST_REQUIRE(out.failure);
  BOOST_CHECK_THROW(std::rethrow_exception(out.failure), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_task_waits_for_an_operation_and_for_a_coroutine_of_asio) {
  const auto gate = std::make_shared<net::gate>();
  std::string got;
  begin([&]() -> task<void> {
    asio::steady_timer timer(io, asio::steady_timer::duration(0));
    co_await completion_of(timer.async_wait(net::plain));
    got = co_await completion_of(of_asio(gate));
  });
  BOOST_TEST(!out.ended);
  io.poll();
  BOOST_TEST(!out.ended);
  gate->open();
  io.run();
  BOOST_TEST(out.ended);
  BOOST_TEST(got == "came");
}

BOOST_AUTO_TEST_CASE(a_coroutine_of_asio_that_does_not_wait_ends_before_its_start_returns) {
  const auto gate = std::make_shared<net::gate>();
  std::string got;
  begin([&]() -> task<void> {
    asio::awaitable<std::string> nested = [](std::shared_ptr<net::gate>) -> asio::awaitable<std::string> {
      co_return "at once";
    }(gate);
    got = co_await completion_of(std::move(nested));
  });
  io.run();
  BOOST_TEST(out.ended);
  BOOST_TEST(got == "at once");
}

BOOST_AUTO_TEST_CASE(an_interruption_ends_the_wait_under_way_and_every_later_one) {
  const auto never = std::make_shared<net::gate>();
  int ended = 0;
  const auto scope = begin([&]() -> task<void> {
    for (const bool nested : {false, true, false}) {
      try {
        if (nested)
          co_await completion_of(of_asio(never));
        else
          co_await completion_of(never->async_wait(net::plain));
      } catch (const boost::system::system_error& e) {
        ended += is_aborted(e);
      }
    }
  });
  BOOST_TEST(ended == 0);
  scope->interrupt();
  io.run();
  BOOST_TEST(ended == 3);
  BOOST_TEST(out.ended);
}

BOOST_AUTO_TEST_CASE(an_interruption_reaches_a_coroutine_of_asio) {
  const auto never = std::make_shared<net::gate>();
  const auto scope = begin([&]() -> task<void> { co_await completion_of(of_asio(never)); });
  io.poll();
  scope->interrupt();
  io.restart();
  io.run();
  BOOST_REQUIRE(out.failure);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(out.failure), boost::system::system_error, is_aborted);
}

BOOST_AUTO_TEST_CASE(a_context_that_goes_away_ends_the_tasks_that_wait_on_it_from_the_inside_out) {
  std::vector<std::string> log;
  {
    auto context = std::make_unique<asio::io_context>();
    const auto never = std::make_shared<net::gate>();
    auto inner = [&]() -> task<void> {
      const tells_its_end last(log, "inner");
      co_await completion_of(never->async_wait(net::plain));
    };
    auto body = [&]() -> task<void> {
      const tells_its_end last(log, "outer");
      co_await inner();
    };
    auto scope = std::make_shared<scope_under_test>(*context, body, out);
    scope->begin(scope);
    scope.reset();
    context.reset();
  }
  BOOST_TEST(out.given_up);
  BOOST_TEST(!out.ended);
  BOOST_TEST(log == (std::vector<std::string>{"inner", "outer"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_operation_that_loses_its_handler_while_it_starts_gives_the_tasks_up) {
  std::vector<std::string> log;
  auto loses = [](auto handler) { const auto lost = std::move(handler); };
  begin([&]() -> task<void> {
    const tells_its_end last(log, "task");
    co_await completion_of(loses);
  });
  BOOST_TEST(out.given_up);
  BOOST_TEST(log.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
