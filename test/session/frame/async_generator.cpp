#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <stdexcept>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

using generator = wf::async_generator<std::unique_ptr<int>>;

// 1 to `last`, made when asked for.
struct counting {
  explicit counting(int last_number) : last(last_number) {}

  int last;
  int asked = 0;

  generator make(asio::io_context& context) {
    auto pull = [this]() -> asio::awaitable<std::optional<std::unique_ptr<int>>> {
      if (++asked > last) co_return std::nullopt;
      co_return std::make_unique<int>(asked);
    };
    return generator(asio::make_strand(context), "test.count", std::move(pull));
  }
};

// A value that never comes.
generator endless(asio::io_context& context) {
  auto timer = std::make_shared<asio::steady_timer>(context, asio::steady_timer::time_point::max());
  auto pull = [timer]() -> asio::awaitable<std::optional<std::unique_ptr<int>>> {
    co_await timer->async_wait(asio::use_awaitable);
    co_return std::nullopt;
  };
  return generator(asio::make_strand(context), "test.endless", std::move(pull));
}

void run(asio::io_context& context, asio::awaitable<void> story) {
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(story), [&](std::exception_ptr e) { failure = e; });
  context.run();
  context.restart();
  if (failure) std::rethrow_exception(failure);
}

void until_it_waits(asio::io_context& context) {
  context.restart();
  while (context.poll() > 0) {
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(an_async_generator)

BOOST_AUTO_TEST_CASE(gives_its_values_in_order_then_none_ever_after) {
  asio::io_context context;
  counting source(3);
  auto numbers = source.make(context);
  auto story = [&]() -> asio::awaitable<void> {
    for (int i = 1; i <= 3; ++i) BOOST_TEST(**(co_await numbers.next()) == i);
    BOOST_TEST(!(co_await numbers.next()).has_value());
    BOOST_TEST(!(co_await numbers.next()).has_value());
  };
  run(context, story());
  BOOST_TEST(source.asked == 4);
}

BOOST_AUTO_TEST_CASE(fetches_nothing_before_it_is_asked) {
  asio::io_context context;
  counting source(3);
  auto numbers = source.make(context);
  context.run();
  BOOST_TEST(source.asked == 0);
}

BOOST_AUTO_TEST_CASE(without_a_source_has_no_values) {
  asio::io_context context;
  auto story = []() -> asio::awaitable<void> {
    generator none;
    BOOST_TEST(!(co_await none.next()).has_value());
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(moves_while_nothing_is_pending) {
  asio::io_context context;
  counting source(2);
  auto numbers = source.make(context);
  auto story = [&]() -> asio::awaitable<void> {
    BOOST_TEST(**(co_await numbers.next()) == 1);
    auto moved = std::move(numbers);
    BOOST_TEST(**(co_await moved.next()) == 2);
    BOOST_TEST(!(co_await numbers.next()).has_value());
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(throws_what_its_source_throws_and_can_be_asked_again) {
  asio::io_context context;
  int asked = 0;
  auto pull = [&]() -> asio::awaitable<std::optional<std::unique_ptr<int>>> {
    if (++asked == 1) throw std::runtime_error("once");
    co_return std::make_unique<int>(7);
  };
  generator numbers(asio::make_strand(context), "test", pull);
  auto story = [&]() -> asio::awaitable<void> { co_await numbers.next(); };
  BOOST_CHECK_THROW(run(context, story()), std::runtime_error);
  auto again = [&]() -> asio::awaitable<void> { BOOST_TEST(**(co_await numbers.next()) == 7); };
  run(context, again());
}

BOOST_AUTO_TEST_CASE(throws_at_a_second_next_at_the_same_time) {
  asio::io_context context;
  auto numbers = endless(context);
  std::exception_ptr second;
  asio::co_spawn(context, numbers.next(), asio::detached);
  asio::co_spawn(context, numbers.next(), [&](std::exception_ptr e, auto) { second = e; });
  until_it_waits(context);
  BOOST_TEST_REQUIRE(static_cast<bool>(second));
  BOOST_CHECK_THROW(std::rethrow_exception(second), wf::invalid_argument);
}

BOOST_AUTO_TEST_CASE(completes_a_pending_next_with_operation_aborted_when_destroyed) {
  asio::io_context context;
  auto numbers = std::make_unique<generator>(endless(context));
  std::exception_ptr outcome;
  asio::co_spawn(context, numbers->next(), [&](std::exception_ptr e, auto) { outcome = e; });
  until_it_waits(context);
  BOOST_TEST(!outcome);
  numbers.reset();
  context.restart();
  context.run();
  BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
  BOOST_CHECK_EXCEPTION(
      std::rethrow_exception(outcome), wf::cancelled_error,
      [](const wf::cancelled_error& e) { return e.code() == asio::error::operation_aborted; });
}

BOOST_AUTO_TEST_CASE(tells_its_source_at_once_and_once_that_it_is_closed_while_a_next_is_pending) {
  asio::io_context context;
  asio::steady_timer timer(context, asio::steady_timer::time_point::max());
  int told = 0;
  auto pull = [&]() -> asio::awaitable<std::optional<int>> {
    co_await timer.async_wait(asio::use_awaitable);
    co_return std::nullopt;
  };
  wf::async_generator<int> made(asio::make_strand(context), "test", pull, [&] { ++told; });
  asio::co_spawn(context, made.next(), asio::detached);
  until_it_waits(context);
  {
    const auto numbers = std::move(made);
    BOOST_TEST(told == 0);
  }
  BOOST_TEST(told == 1);
  made.close();
  context.restart();
  context.run();
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_CASE(refuses_a_next_that_was_made_before_it_was_destroyed_and_awaited_after) {
  asio::io_context context;
  counting source(1);
  auto numbers = std::make_unique<generator>(source.make(context));
  auto late = numbers->next();
  numbers.reset();
  auto story = [&]() -> asio::awaitable<void> { co_await std::move(late); };
  BOOST_CHECK_THROW(run(context, story()), wf::cancelled_error);
  BOOST_TEST(source.asked == 0);
}

BOOST_AUTO_TEST_CASE(can_be_cancelled_and_asked_again) {
  asio::io_context context;
  auto numbers = endless(context);
  for (int i = 0; i < 3; ++i) {
    asio::cancellation_signal stop;
    std::exception_ptr outcome;
    asio::co_spawn(
        context, numbers.next(),
        asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, auto) { outcome = e; }));
    until_it_waits(context);
    stop.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run();
    BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
    BOOST_CHECK_THROW(std::rethrow_exception(outcome), wf::cancelled_error);
  }
}

BOOST_AUTO_TEST_CASE(does_no_harm_when_it_outlives_its_io_context) {
  auto context = std::make_unique<asio::io_context>();
  auto numbers = endless(*context);
  asio::co_spawn(*context, numbers.next(), asio::detached);
  until_it_waits(*context);
  context.reset();
  numbers.close();
}

BOOST_AUTO_TEST_SUITE_END()
