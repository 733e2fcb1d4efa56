// That a merge serves all of its streams, and what an event costs beside streams that bring nothing.
#include "session/follow/merge_support.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace scripted;

BOOST_AUTO_TEST_SUITE(a_merge_of_streams)

BOOST_AUTO_TEST_CASE(gives_each_event_at_once_beside_a_stream_that_hangs_in_connecting) {
  asio::io_context context;
  const auto stuck = hanging(context);
  const auto ticking = std::make_shared<fed_host>(context);
  auto all = merge_of({stuck});
  all.add(open_fed(ticking));
  per_source got;
  asio::co_spawn(context, follow(all, got), asio::detached);
  for (std::int64_t n = 1; n <= 20; ++n) {
    ticking->feed(recorded::progress(n));
    until_it_waits(context);  // no timer is waited for
    BOOST_TEST((got[1] == numbers(1, n)));
  }
  BOOST_TEST(stuck->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(lets_a_stream_connect_however_busy_another_is) {
  asio::io_context context;
  const auto slow = whole_then_silent(context, 1);
  slow->opening = 30ms;
  const auto busy = std::make_shared<fed_host>(context);
  auto all = merge_of({slow});
  all.add(open_fed(busy));
  per_source got;
  asio::co_spawn(context, follow(all, got), asio::detached);
  std::int64_t fed = 0;
  while (got[0].empty()) {
    busy->feed(recorded::progress(++fed));
    until_it_waits(context);
  }
  BOOST_TEST((got[1] == numbers(1, fed)));
  BOOST_TEST(slow->targets.size() == 1U);
}

// What is counted: handlers that run, and waits for bytes that begin, for each event.
BOOST_AUTO_TEST_CASE(costs_the_same_for_an_event_beside_one_idle_stream_and_beside_eight_hundred) {
  const auto handlers_each = [](std::size_t idle) {
    asio::io_context context;
    std::vector<std::shared_ptr<host>> others;
    for (std::size_t i = 0; i < idle; ++i) others.push_back(whole_then_silent(context, 0));
    const auto waits_of_others = [&] {
      int sum = 0;
      for (const auto& one : others) sum += one->waits;
      return sum;
    };
    const auto ticking = std::make_shared<fed_host>(context);
    auto all = merge_of(others);
    all.add(open_fed(ticking));
    per_source got;
    asio::co_spawn(context, follow(all, got), asio::detached);
    ticking->feed(recorded::progress(1));
    until_it_waits(context);
    const int waits_before = waits_of_others();
    std::size_t least = 1'000'000;  // as a timer's handler is now and then among them
    for (std::int64_t n = 2; n <= 20; ++n) {
      ticking->feed(recorded::progress(n));
      least = std::min(least, until_it_waits(context));
    }
    BOOST_TEST(got[idle].size() == 20U);
    BOOST_TEST(waits_of_others() == waits_before);
    return least;
  };
  const auto beside_one = handlers_each(1);
  BOOST_TEST(beside_one > 0U);
  BOOST_TEST(handlers_each(800) == beside_one);
}

// All of the busy one's events have been received before the other brings one.
BOOST_AUTO_TEST_CASE(does_not_let_a_stream_that_has_much_crowd_out_another) {
  for (const bool with_next : {true, false}) {
    asio::io_context context;
    const auto busy = std::make_shared<fed_host>(context);
    const auto other = std::make_shared<fed_host>(context);
    wf::event_merge all;
    all.add(open_fed(busy));
    all.add(open_fed(other));
    auto story = [&]() -> asio::awaitable<void> {
      busy->feed(progress_of(1, 500));
      BOOST_TEST((co_await all.next())->source == 0U);
      other->feed(recorded::progress(1));
      int before = 0;
      for (;; ++before) {
        std::optional<wf::merged_event> one;
        if (with_next)
          one = co_await all.next();
        else if (co_await all.wait())
          one = all.try_next();
        if (one->source == 1) break;
      }
      BOOST_TEST(before < 20);
    };
    run(context, story());
  }
}

BOOST_FIXTURE_TEST_CASE(keeps_what_comes_between_two_calls_and_lets_run_return_a_moment_after_the_last,
                        two_fed) {
  all.add(open(whole_then_silent(context, 0), patient()));
  const auto began = std::chrono::steady_clock::now();
  take(1);
  BOOST_TEST((got[0] == numbers(1, 1)));
  second->feed(recorded::progress(1));
  until_it_waits(context);
  run(context, take_one());  // returns although all connections are open
  BOOST_TEST((got[1] == numbers(1, 1)));
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 50ms));

  // The waits have been stopped by now, and lost neither a connection nor an event.
  second->feed(recorded::progress(2));
  run(context, take_one());
  first->feed(recorded::progress(2));
  run(context, take_one());
  BOOST_TEST((got[0] == numbers(1, 2)));
  BOOST_TEST((got[1] == numbers(1, 2)));
  BOOST_TEST(first->targets.size() == 1U);
  BOOST_TEST(second->targets.size() == 1U);
}

BOOST_FIXTURE_TEST_CASE(has_an_event_for_try_next_that_came_between_two_calls, two_fed) {
  std::int64_t fed = 0;
  // Again, if the machine took longer than the moment for which the waits stay.
  for (bool found = false; !found;) {
    take(++fed);
    second->feed(recorded::progress(fed));
    until_it_waits(context);
    const auto one = all.try_next();
    found = one && one->source == 1 && one->event.broker_sequence == fed;
  }
  BOOST_TEST(!all.try_next().has_value());
}

// The context has several threads, each stream a strand of its own, and the caller another.
BOOST_AUTO_TEST_CASE(loses_nothing_while_several_threads_run_it_and_streams_come_and_go) {
  constexpr std::int64_t each = 60;
  asio::io_context context;
  const auto home = asio::make_strand(context);
  wf::event_merge all;
  per_source got;
  std::vector<std::size_t> come_and_go;
  std::exception_ptr failure;
  auto story = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 6; ++i) all.add(open(ending_after(context, each), patient()));
    for (int n = 0; auto one = co_await all.next(); ++n) {
      got[one->source].push_back(one->event.broker_sequence);
      if (n % 20 == 0) come_and_go.push_back(all.add(open(whole_then_silent(context, 3), patient())));
      if (n % 20 == 10) all.remove(come_and_go.back());
    }
  };
  // Beside the pending calls of `story`, on the same strand.
  auto others_come_and_go = [&]() -> asio::awaitable<void> {
    asio::steady_timer pause(home);
    for (int i = 0; i < 50; ++i) {
      const auto number = all.add(open(whole_then_silent(context, 1), patient()));
      come_and_go.push_back(number);
      pause.expires_after(1ms);
      co_await pause.async_wait(asio::use_awaitable);
      all.remove(number);
    }
    for (const auto number : come_and_go) all.remove(number);
  };
  all.add(open(whole_then_silent(context, 0), patient()), "holds the merge open");
  asio::co_spawn(home, story(), [&](std::exception_ptr e) { failure = e; });
  asio::co_spawn(home, others_come_and_go(), asio::detached);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { context.run(); });
  const auto finished = [&] {
    const auto whole = [](const auto& one) { return one.second.size() == static_cast<std::size_t>(each); };
    return std::count_if(got.begin(), got.end(), whole) == 6;
  };
  auto watch = [&]() -> asio::awaitable<void> {
    asio::steady_timer pause(home);
    while (!finished()) {
      pause.expires_after(5ms);
      co_await pause.async_wait(asio::use_awaitable);
    }
    all.close();
  };
  asio::co_spawn(home, watch(), asio::detached);
  for (auto& thread : threads) thread.join();
  BOOST_TEST_REQUIRE(static_cast<bool>(failure));
  BOOST_CHECK_THROW(std::rethrow_exception(failure), wf::cancelled_error);
  for (std::size_t source = 1; source <= 6; ++source) BOOST_TEST((got[source] == numbers(1, each)));
  for (const auto& [source, events] : got)
    BOOST_TEST((events == numbers(1, static_cast<std::int64_t>(events.size()))));
}

BOOST_AUTO_TEST_SUITE_END()
