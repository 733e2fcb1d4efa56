// Batches on several threads, and waits for outcomes that are given up.
#include "bulk/run/batch_support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>

#include <exception>
#include <thread>
#include <vector>

using namespace mistral::workflows;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(threads_of_batches, test::batches)

BOOST_AUTO_TEST_CASE(a_batch_runs_on_many_threads_and_is_steered_from_another) {
  test::asio::io_context many;
  const mistral::workflows::client other(many, client_options());
  bulk_options options = this->options();
  options.most_in_flight = 1;
  const auto control = options.control;
  test::outcomes all;
  std::exception_ptr failure;
  auto body = [&]() -> awaitable<void> {
    all = co_await test::all_of(mistral::workflows::bulk(other).run("job", test::jobs(150), options));
  };
  test::asio::co_spawn(test::asio::make_strand(many), body(),
                       [&](std::exception_ptr e) { failure = std::move(e); });
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { many.run(); });
  // Not a wait: as many commands as there is time for; the yield leaves the threads of the batch their turn.
  for (std::size_t limit = 2; control.progress().phase != bulk_phase::over; limit = limit % 30 + 1) {
    control.set_most_in_flight(limit);
    control.pause("for a moment");
    control.go_on();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(!failure);
  BOOST_TEST(test::count(all, bulk_status::completed) == 150u);
  BOOST_TEST(starts() == 150);
}

BOOST_AUTO_TEST_CASE(a_wait_for_an_outcome_that_is_given_up_loses_none_and_the_batch_goes_on) {
  run([&]() -> awaitable<void> {
    const bulk_options options = this->options();
    const auto control = options.control;
    auto outcomes = bulk().run("job", test::jobs(2, "wait"), options);
    test::asio::cancellation_signal enough;
    std::exception_ptr ended_with;
    bool ended = false;
    auto ask = [&]() -> awaitable<void> { co_await outcomes.next(); };
    auto finish = [&](std::exception_ptr e) {
      ended_with = std::move(e);
      ended = true;
    };
    test::asio::co_spawn(io, ask(), test::asio::bind_cancellation_slot(enough.slot(), finish));
    co_await test::until([&] { return control.progress().running == 2; });
    enough.emit(test::asio::cancellation_type::terminal);
    co_await test::until([&] { return ended; });
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(ended_with), error,
                          [](const error& e) { return e.code() == test::asio::error::operation_aborted; });
    co_await let_go("nightly", test::keys(1, 2));
    co_await test::until([&] { return control.progress().done == 2; });
    const test::outcomes all = co_await test::all_of(std::move(outcomes));
    BOOST_TEST(test::count(all, bulk_status::completed) == 2u);
  });
}

BOOST_AUTO_TEST_SUITE_END()
