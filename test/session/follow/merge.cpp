#include "session/follow/merge_support.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

using namespace scripted;

BOOST_AUTO_TEST_SUITE(a_merge_of_streams)

BOOST_AUTO_TEST_CASE(gives_every_event_of_each_in_its_order_with_its_number_and_ends_with_the_last) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {ending_after(context, 5), ending_after(context, 60),
                                                      ending_after(context, 1)};
  auto all = merge_of(servers);
  per_source got;
  auto story = [&]() -> asio::awaitable<void> {
    while (auto one = co_await all.next()) got[one->source].push_back(one->event.broker_sequence);
    BOOST_TEST(!(co_await all.next()).has_value());
  };
  run(context, story());
  BOOST_TEST((got[0] == numbers(1, 5)));
  BOOST_TEST((got[1] == numbers(1, 60)));
  BOOST_TEST((got[2] == numbers(1, 1)));
  BOOST_TEST(all.size() == 0U);
  for (const auto& server : servers) BOOST_TEST(server->open_connections == 0);
}

BOOST_AUTO_TEST_CASE(of_nothing_has_no_events) {
  asio::io_context context;
  auto story = []() -> asio::awaitable<void> {
    auto none = wf::merge(std::vector<wf::event_stream>());
    BOOST_TEST(!(co_await none.next()).has_value());
    BOOST_TEST(!(co_await none.wait()));
    BOOST_TEST(!none.try_next().has_value());
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(serves_its_streams_in_turn) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {whole_then_silent(context, 20),
                                                      whole_then_silent(context, 20)};
  auto all = merge_of(servers);
  std::vector<std::size_t> order;
  auto story = [&]() -> asio::awaitable<void> {
    // Both are connected once each has given one.
    per_source got;
    while (got.size() < 2) {
      const auto one = co_await all.next();
      got[one->source].push_back(one->event.broker_sequence);
    }
    for (int i = 0; i < 10; ++i) order.push_back((co_await all.next())->source);
  };
  run(context, story());
  for (std::size_t i = 1; i < order.size(); ++i) BOOST_TEST(order[i] != order[i - 1]);
  for (const auto& server : servers) BOOST_TEST(server->open_connections == 1);
}

BOOST_AUTO_TEST_CASE(names_the_stream_that_ended_with_an_error_and_leaves_the_others_running) {
  asio::io_context context;
  auto good = ending_after(context, 10);
  auto all = merge_of({good, refusing(context)});
  const auto named = all.add(open(refusing(context), patient()), "orders");
  BOOST_TEST(named == 2U);
  std::vector<std::int64_t> got;
  std::map<std::size_t, std::string> failed;
  auto story = [&]() -> asio::awaitable<void> {
    for (;;) {
      try {
        const auto one = co_await all.next();
        if (!one) break;
        got.push_back(one->event.broker_sequence);
      } catch (const wf::merge_failure& e) {
        failed[e.source()] = e.source_name();
        BOOST_TEST((e.code() == wf::errc::not_found));
        BOOST_TEST(e.cursor().empty());
        BOOST_TEST(e.operation() == "executions.stream");
        BOOST_CHECK_THROW(std::rethrow_exception(e.cause()), wf::api_error);
        const std::string expected = e.source() == 2 ? "stream 2 (orders): " : "stream 1: ";
        BOOST_TEST(std::string(e.what()).substr(0, expected.size()) == expected);
      }
    }
  };
  run(context, story());
  BOOST_TEST((got == numbers(1, 10)));
  BOOST_TEST(failed.size() == 2U);
  BOOST_TEST(failed[2] == "orders");
}

BOOST_AUTO_TEST_CASE(takes_in_a_stream_that_is_added_while_it_waits) {
  asio::io_context context;
  auto all = merge_of({whole_then_silent(context, 0)});
  std::optional<wf::merged_event> got;
  auto story = [&]() -> asio::awaitable<void> { got = co_await all.next(); };
  asio::co_spawn(context, story(), asio::detached);
  until_it_waits(context);
  BOOST_TEST(!got.has_value());
  const auto number = all.add(open(whole_then_silent(context, 1), patient()), "late");
  until_it_waits(context);
  BOOST_TEST_REQUIRE(got.has_value());
  BOOST_TEST(got->source == number);
  BOOST_TEST(got->source_name == "late");
  BOOST_TEST(got->event.broker_sequence == 1);
}

BOOST_AUTO_TEST_CASE(frees_a_stream_that_is_removed_while_it_waits_and_ends_when_none_is_left) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {whole_then_silent(context, 0),
                                                      whole_then_silent(context, 0)};
  auto all = merge_of(servers);
  bool ended_by_itself = false;
  auto story = [&]() -> asio::awaitable<void> { ended_by_itself = !(co_await all.next()).has_value(); };
  asio::co_spawn(context, story(), asio::detached);
  until_it_waits(context);
  BOOST_TEST(servers[0]->open_connections == 1);
  BOOST_TEST(all.remove(0));
  BOOST_TEST(!all.remove(0));
  until_it_waits(context);
  BOOST_TEST(servers[0]->open_connections == 0);
  BOOST_TEST(servers[1]->open_connections == 1);
  BOOST_TEST(!ended_by_itself);
  BOOST_TEST(all.remove(1));
  until_it_waits(context);
  BOOST_TEST(servers[1]->open_connections == 0);
  BOOST_TEST(ended_by_itself);
}

BOOST_AUTO_TEST_CASE(brings_nothing_of_a_stream_that_was_removed_between_two_calls) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {whole_then_silent(context, 5),
                                                      ending_after(context, 5)};
  auto all = merge_of(servers);
  per_source got;
  auto story = [&]() -> asio::awaitable<void> {
    while (got[0].empty() || got[1].empty()) {
      const auto one = co_await all.next();
      got[one->source].push_back(one->event.broker_sequence);
    }
    const auto before = got[0];
    BOOST_TEST(all.remove(0));
    BOOST_TEST(servers[0]->open_connections == 0);
    while (auto one = co_await all.next()) got[one->source].push_back(one->event.broker_sequence);
    BOOST_TEST((got[0] == before));
    BOOST_TEST((got[1] == numbers(1, 5)));
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(loses_nothing_when_next_is_cancelled_and_called_again) {
  for (const auto type : {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                          asio::cancellation_type::total}) {
    asio::io_context context;
    const std::vector<std::shared_ptr<host>> servers = {whole_then_silent(context, 3),
                                                        whole_then_silent(context, 2)};
    auto all = merge_of(servers);
    asio::cancellation_signal stop;
    std::optional<std::exception_ptr> outcome;
    per_source got;
    auto follow = [&]() -> asio::awaitable<void> {
      co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
      for (;;) {
        const auto one = co_await all.next();
        got[one->source].push_back(one->event.broker_sequence);
      }
    };
    for (int i = 0; i < 3; ++i) {
      outcome.reset();
      asio::co_spawn(context, follow(),
                     asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) { outcome = e; }));
      until_it_waits(context);
      BOOST_TEST(!outcome.has_value());
      stop.emit(type);
      until_it_waits(context);
      BOOST_TEST_REQUIRE(outcome.has_value());
      BOOST_CHECK_THROW(std::rethrow_exception(*outcome), wf::cancelled_error);
      context.restart();
      context.run();  // returns: nothing stays pending
    }
    BOOST_TEST((got[0] == numbers(1, 3)));
    BOOST_TEST((got[1] == numbers(1, 2)));
    for (const auto& server : servers) BOOST_TEST(server->targets.size() == 1U);
  }
}

// An event and the timer complete in the same turn of the loop:
// `||` throws one of them away, and `wait` has taken nothing.
BOOST_AUTO_TEST_CASE(swallows_no_event_in_wait_or_a_timer_whoever_wins) {
  using namespace asio::experimental::awaitable_operators;
  for (const bool timer_first : {true, false}) {
    asio::io_context context;
    auto all = merge_of({whole_then_silent(context, 30), whole_then_silent(context, 30)});
    per_source got;
    auto story = [&]() -> asio::awaitable<void> {
      asio::steady_timer timer(context);
      while (got[0].size() + got[1].size() < 60) {
        timer.expires_at(asio::steady_timer::time_point::min());
        if (timer_first)
          co_await (timer.async_wait(asio::use_awaitable) || all.wait());
        else
          co_await (all.wait() || timer.async_wait(asio::use_awaitable));
        if (auto one = all.try_next())
          got[one->source].push_back(one->event.broker_sequence);
        else
          got[(co_await all.next())->source].push_back(0);
      }
    };
    // Where the timer won before anything had come, `next` fetched what a 0 stands for.
    run(context, story());
    for (std::size_t source : {0U, 1U}) {
      BOOST_TEST(got[source].size() == 30U);
      for (std::size_t i = 0; i < got[source].size(); ++i)
        BOOST_TEST((got[source][i] == 0 || got[source][i] == static_cast<std::int64_t>(i) + 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(may_lose_a_stream_or_be_closed_by_a_hook_of_one) {
  for (const bool all_of_it : {true, false}) {
    for (const bool while_connecting : {true, false}) {
      asio::io_context context;
      wf::event_merge all;
      auto options = patient();
      const auto hook = [&] {
        if (all_of_it)
          all.close();
        else
          all.remove(0);
      };
      if (while_connecting)
        options.hooks.connected = hook;
      else
        options.hooks.sequence = [&](const wf::sequence_step&) { hook(); };
      const auto server = std::make_shared<fed_host>(context);
      const auto other = std::make_shared<fed_host>(context);
      all.add(open_fed(server, options));
      all.add(open_fed(other));
      per_source got;
      std::exception_ptr outcome;
      asio::co_spawn(context, follow(all, got), [&](std::exception_ptr e) { outcome = e; });
      server->feed(recorded::progress(1) + recorded::progress(5) + recorded::progress(6));
      until_it_waits(context);
      BOOST_TEST(got[0].size() <= 2U);
      BOOST_TEST(static_cast<bool>(outcome) == all_of_it);
      other->feed(recorded::progress(1));
      until_it_waits(context);
      BOOST_TEST(got[1].size() == (all_of_it ? 0U : 1U));
      BOOST_TEST(all.size() == (all_of_it ? 0U : 1U));
    }
  }
}

BOOST_AUTO_TEST_CASE(throws_at_a_second_next_at_the_same_time) {
  asio::io_context context;
  auto all = merge_of({whole_then_silent(context, 0)});
  std::exception_ptr second;
  asio::co_spawn(context, all.next(), asio::detached);
  asio::co_spawn(context, all.next(), [&](std::exception_ptr e, auto) { second = e; });
  until_it_waits(context);
  BOOST_TEST_REQUIRE(static_cast<bool>(second));
  BOOST_CHECK_THROW(std::rethrow_exception(second), wf::invalid_argument);
}

BOOST_AUTO_TEST_CASE(
    completes_a_pending_next_with_operation_aborted_when_destroyed_and_frees_its_connections) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {whole_then_silent(context, 0),
                                                      whole_then_silent(context, 0)};
  auto all = std::make_unique<wf::event_merge>(merge_of(servers));
  std::exception_ptr outcome;
  asio::co_spawn(context, all->next(), [&](std::exception_ptr e, auto) { outcome = e; });
  until_it_waits(context);
  BOOST_TEST(!outcome);
  all.reset();
  context.restart();
  context.run();
  BOOST_TEST_REQUIRE(static_cast<bool>(outcome));
  BOOST_CHECK_THROW(std::rethrow_exception(outcome), wf::cancelled_error);
  for (const auto& server : servers) BOOST_TEST(server->open_connections == 0);
}

BOOST_AUTO_TEST_CASE(does_no_harm_when_it_outlives_its_io_context) {
  enum class point { unused, pending, just_used };
  for (const auto dies : {point::unused, point::pending, point::just_used}) {
    auto context = std::make_unique<asio::io_context>();
    std::vector<std::shared_ptr<host>> servers = {
        whole_then_silent(*context, dies == point::just_used ? 1 : 0), whole_then_silent(*context, 0)};
    auto all = merge_of(servers);
    servers.clear();  // each has a strand, which may not outlive the context
    if (dies != point::unused) {
      asio::co_spawn(*context, all.next(), asio::detached);
      until_it_waits(*context);
    }
    context.reset();
    BOOST_TEST(!all.remove(0));
    all.close();
  }
}

BOOST_AUTO_TEST_SUITE_END()
