#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/merge.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <thread>

namespace {

using namespace scripted;
using namespace std::chrono_literals;

wf::stream_options patient() {
  auto options = quick();
  options.idle_limit = options.status_check = 1h;
  return options;
}

std::string progress_of(std::int64_t from, std::int64_t to) {
  std::string text;
  for (auto n = from; n <= to; ++n) text += recorded::progress(n);
  return text;
}

// A server whose connection stays open after these events and is silent.
std::shared_ptr<host> silent_after(asio::io_context& context, std::int64_t events) {
  auto server = std::make_shared<host>(context);
  server->answer = [events](const std::string& target, int) {
    act all(progress_of(cursor_in(target) + 1, events), finish::open);
    all.chunk = all.body.size() + 1;
    return all;
  };
  server->look = [](const std::string&, int) { return running(); };
  return server;
}

// A server whose connection brings these events and the end of the execution.
std::shared_ptr<host> ending_after(asio::io_context& context, std::int64_t events) {
  auto server = std::make_shared<host>(context);
  server->answer = [events](const std::string&, int) {
    return act(progress_of(1, events - 1) + recorded::completed(events), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  return server;
}

std::shared_ptr<host> refusing(asio::io_context& context) {
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) { return act::status_only(404); };
  return server;
}

// A server whose connection brings what the test feeds it, when it does.
class fed_host final : public host {
 public:
  explicit fed_host(asio::io_context& context) : host(context), food_(std::make_shared<food>(executor())) {
    look = [](const std::string&, int) { return running(); };
  }

  void feed(const std::string& text) {
    food_->text += text;
    food_->arrived.cancel();
  }

  asio::awaitable<std::unique_ptr<session::stream_connection>> open(protocol::request request) override {
    targets.push_back(request.target());
    co_return std::make_unique<eater>(food_);
  }

 private:
  struct food {
    explicit food(const asio::any_io_executor& executor) : arrived(executor) {}

    std::string text;
    asio::steady_timer arrived;
  };

  class eater final : public session::stream_connection {
   public:
    explicit eater(std::shared_ptr<food> from) : from_(std::move(from)) {
      head_.status = 200;
      head_.content_type = "text/event-stream";
    }

    const session::stream_head& head() const noexcept override { return head_; }
    std::string_view next_piece() noexcept override { return std::exchange(piece_, std::string_view()); }
    bool complete() const noexcept override { return false; }
    bool flowing() const noexcept override { return false; }
    bool try_receive(bool) noexcept override {
      eaten_ = std::exchange(from_->text, std::string());
      piece_ = eaten_;
      return !piece_.empty();
    }
    asio::awaitable<void> receive() override {
      if (try_receive(false)) co_return;
      from_->arrived.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code stopped;
      co_await from_->arrived.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
      if (!try_receive(false)) throw system_error(asio::error::operation_aborted);
    }

   private:
    std::shared_ptr<food> from_;
    session::stream_head head_;
    std::string eaten_;
    std::string_view piece_;
  };

  std::shared_ptr<food> food_;
};

std::shared_ptr<host> hanging(asio::io_context& context) {
  auto server = silent_after(context, 0);
  server->opening = 1h;
  return server;
}

wf::event_stream open_fed(std::shared_ptr<fed_host> server, wf::stream_options options = patient()) {
  return wf::event_stream(std::make_shared<session::stream_session<wf::stream_event>>(
      std::move(server), execution_stream(), std::move(options)));
}

wf::event_merge merge_of(const std::vector<std::shared_ptr<host>>& servers) {
  std::vector<wf::event_stream> streams;
  for (const auto& server : servers) streams.push_back(open(server, patient()));
  return wf::merge(std::move(streams));
}

using per_source = std::map<std::size_t, std::vector<std::int64_t>>;

// How many handlers that took.
std::size_t until_it_waits(asio::io_context& context) {
  context.restart();
  std::size_t all = 0;
  for (auto some = context.poll(); some > 0; some = context.poll()) all += some;
  return all;
}

asio::awaitable<void> follow(wf::event_merge& all, per_source& got) {
  while (auto one = co_await all.next()) got[one->source].push_back(one->event.broker_sequence);
}

}  // namespace

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
  const std::vector<std::shared_ptr<host>> servers = {silent_after(context, 20), silent_after(context, 20)};
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
  auto all = merge_of({silent_after(context, 0)});
  std::optional<wf::merged_event> got;
  auto story = [&]() -> asio::awaitable<void> { got = co_await all.next(); };
  asio::co_spawn(context, story(), asio::detached);
  until_it_waits(context);
  BOOST_TEST(!got.has_value());
  const auto number = all.add(open(silent_after(context, 1), patient()), "late");
  until_it_waits(context);
  BOOST_TEST_REQUIRE(got.has_value());
  BOOST_TEST(got->source == number);
  BOOST_TEST(got->source_name == "late");
  BOOST_TEST(got->event.broker_sequence == 1);
}

BOOST_AUTO_TEST_CASE(frees_a_stream_that_is_removed_while_it_waits_and_ends_when_none_is_left) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {silent_after(context, 0), silent_after(context, 0)};
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
  const std::vector<std::shared_ptr<host>> servers = {silent_after(context, 5), ending_after(context, 5)};
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
  for (const auto type :
       {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
    asio::io_context context;
    const std::vector<std::shared_ptr<host>> servers = {silent_after(context, 3), silent_after(context, 2)};
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

// An event and the timer complete in the same turn of the loop: `||` throws one of them away, and `wait` has taken
// nothing.
BOOST_AUTO_TEST_CASE(swallows_no_event_in_wait_or_a_timer_whoever_wins) {
  using namespace asio::experimental::awaitable_operators;
  for (const bool timer_first : {true, false}) {
    asio::io_context context;
    auto all = merge_of({silent_after(context, 30), silent_after(context, 30)});
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
  const auto slow = silent_after(context, 1);
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
    for (std::size_t i = 0; i < idle; ++i) others.push_back(silent_after(context, 0));
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

BOOST_AUTO_TEST_CASE(keeps_what_comes_between_two_calls_and_lets_run_return_a_moment_after_the_last) {
  asio::io_context context;
  const auto first = std::make_shared<fed_host>(context);
  const auto second = std::make_shared<fed_host>(context);
  wf::event_merge all;
  all.add(open_fed(first));
  all.add(open_fed(second));
  all.add(open(silent_after(context, 0), patient()));
  per_source got;
  auto one_event = [&]() -> asio::awaitable<void> {
    const auto one = co_await all.next();
    got[one->source].push_back(one->event.broker_sequence);
  };
  const auto began = std::chrono::steady_clock::now();
  first->feed(recorded::progress(1));
  asio::co_spawn(context, one_event(), asio::detached);
  until_it_waits(context);
  BOOST_TEST((got[0] == numbers(1, 1)));
  second->feed(recorded::progress(1));
  until_it_waits(context);
  run(context, one_event());  // returns although all connections are open
  BOOST_TEST((got[1] == numbers(1, 1)));
  BOOST_TEST((std::chrono::steady_clock::now() - began >= 50ms));

  // The waits have been stopped by now, and lost neither a connection nor an event.
  second->feed(recorded::progress(2));
  run(context, one_event());
  first->feed(recorded::progress(2));
  run(context, one_event());
  BOOST_TEST((got[0] == numbers(1, 2)));
  BOOST_TEST((got[1] == numbers(1, 2)));
  BOOST_TEST(first->targets.size() == 1U);
  BOOST_TEST(second->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(has_an_event_for_try_next_that_came_between_two_calls) {
  asio::io_context context;
  const auto first = std::make_shared<fed_host>(context);
  const auto second = std::make_shared<fed_host>(context);
  wf::event_merge all;
  all.add(open_fed(first));
  all.add(open_fed(second));
  per_source got;
  std::int64_t fed = 0;
  // Again, if the machine took longer than the moment for which the waits stay.
  for (bool found = false; !found;) {
    auto one_event = [&]() -> asio::awaitable<void> { co_await all.next(); };
    first->feed(recorded::progress(++fed));
    asio::co_spawn(context, one_event(), asio::detached);
    until_it_waits(context);
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
      if (n % 20 == 0) come_and_go.push_back(all.add(open(silent_after(context, 3), patient())));
      if (n % 20 == 10) all.remove(come_and_go.back());
    }
  };
  // Beside the pending calls of `story`, on the same strand.
  auto others_come_and_go = [&]() -> asio::awaitable<void> {
    asio::steady_timer pause(home);
    for (int i = 0; i < 50; ++i) {
      const auto number = all.add(open(silent_after(context, 1), patient()));
      come_and_go.push_back(number);
      pause.expires_after(1ms);
      co_await pause.async_wait(asio::use_awaitable);
      all.remove(number);
    }
    for (const auto number : come_and_go) all.remove(number);
  };
  all.add(open(silent_after(context, 0), patient()), "holds the merge open");
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
  for (const auto& [source, events] : got) BOOST_TEST((events == numbers(1, static_cast<std::int64_t>(events.size()))));
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
  auto all = merge_of({silent_after(context, 0)});
  std::exception_ptr second;
  asio::co_spawn(context, all.next(), asio::detached);
  asio::co_spawn(context, all.next(), [&](std::exception_ptr e, auto) { second = e; });
  until_it_waits(context);
  BOOST_TEST_REQUIRE(static_cast<bool>(second));
  BOOST_CHECK_THROW(std::rethrow_exception(second), wf::invalid_argument);
}

BOOST_AUTO_TEST_CASE(completes_a_pending_next_with_operation_aborted_when_destroyed_and_frees_its_connections) {
  asio::io_context context;
  const std::vector<std::shared_ptr<host>> servers = {silent_after(context, 0), silent_after(context, 0)};
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
    std::vector<std::shared_ptr<host>> servers = {silent_after(*context, dies == point::just_used ? 1 : 0),
                                                  silent_after(*context, 0)};
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
