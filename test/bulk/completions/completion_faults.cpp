// The hub under faults of the server: streams that are cut, refused and late, and calls that fail. None lost,
// none wrong.
#include "bulk/completions/completion_support.hpp"
#include "bulk/run/batch_support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <future>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using hub_test::started_run;
using hub_test::with_hub;
using test::asio::awaitable;

namespace {

struct under_faults : with_hub {
  /// Executions of every kind at once; each must end as it must.
  awaitable<void> many(completions hub, int count) {
    int open = 0;
    std::vector<std::exception_ptr> failures;
    const auto home = boost::asio::make_strand(io);
    boost::asio::steady_timer all(home, boost::asio::steady_timer::time_point::max());
    for (int i = 0; i < count; ++i) {
      ++open;
      boost::asio::co_spawn(home, one(hub, i), [&](std::exception_ptr thrown) {
        if (thrown) failures.push_back(std::move(thrown));
        if (--open == 0) all.cancel();
      });
    }
    co_await all.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    BOOST_TEST(failures.size() == 0u);
    for (const auto& failure : failures) std::rethrow_exception(failure);
  }

  awaitable<void> one(completions hub, int number) {
    const std::string id = "job-" + std::to_string(number);
    const test::json::object input = {{"ms", number % 40}, {"left", 2}, {"then", number}, {"times", 1}};
    static constexpr const char* names[] = {"naps", "echo", "again", "flaky", "fails", "slow"};
    const int kind = number % 6;
    const completion end = co_await run_one(hub, names[kind], id, input);
    static constexpr execution_status ends[] = {execution_status::completed, execution_status::completed,
                                                execution_status::completed, execution_status::completed,
                                                execution_status::failed,    execution_status::timed_out};
    BOOST_TEST((end.status == ends[kind]), id << " ended as " << end.status.text());
    BOOST_TEST(end.execution_id == id);
    if (kind < 2) BOOST_TEST(end.result == input);
    if (kind == 2) BOOST_TEST(end.result == number);
    if (kind == 3) BOOST_TEST(end.result == "at last");
    if (kind > 3) BOOST_TEST(end.result.is_null());
  }
};

/// BULK_WAITS=50000 in the environment: as many as a controller may have.
int wanted_waits() {
  const char* const wanted = std::getenv("BULK_WAITS");
  return wanted ? std::atoi(wanted) : 200;
}

/// So many waits that are open at the same time, of executions that are retried, continued and reset as well.
struct with_many_waits : under_faults {
  const int count = wanted_waits();
  /// Every one is begun before the first that naps ends.
  const std::int64_t nap = count > 1000 ? count : 100;  // milliseconds
  int starting = 0;
  int ended = 0;
  std::size_t most_waiting = 0;
  boost::asio::steady_timer changed{io, boost::asio::steady_timer::time_point::max()};

  awaitable<void> next_change() {
    co_await changed.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

  awaitable<started_run> begin(completions hub, const char* workflow, std::string id,
                               test::json::value input) {
    while (starting > 200) co_await next_change();
    ++starting;
    auto begun = co_await start(std::move(hub), workflow, std::move(id), std::move(input));
    --starting;
    changed.cancel();
    co_return begun;
  }

  awaitable<void> reset_and_open(std::string id) {
    const auto refused = co_await try_(client.executions().reset(id, reset_request(999'999)));
    std::int64_t point = 0;
    try {
      refused.value();
    } catch (const api_error& e) {
      point = e.details().body.at("valid_reset_events").at(0).to_number<std::int64_t>();
    }
    co_await client.executions().reset(id, reset_request(point));
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal(id, signal_request("go", by));
  }

  awaitable<void> one_of_many(completions hub, int number) {
    const std::string id = "wait-" + std::to_string(number);
    const test::json::object input = {{"ms", nap + number % 40}, {"left", 2}, {"then", number}, {"times", 1}};
    static constexpr const char* names[] = {"flaky", "again", "fails", "gate"};
    const int kind = number % 20;
    started_run begun = co_await begin(hub, kind < 4 ? names[kind] : "naps", id, input);
    if (kind == 3) co_await reset_and_open(id);
    const completion end = co_await begun.place.wait();
    BOOST_TEST((end.status == (kind == 2 ? execution_status::failed : execution_status::completed)),
               id << " ended as " << end.status.text());
    if (kind == 0) BOOST_TEST(end.result == "at last");
    if (kind == 1) BOOST_TEST(end.result == number);
    if (kind == 3) BOOST_TEST(end.run_id != begun.run_id);
    if (kind > 3) BOOST_TEST(end.result == input);
    ++ended;
    changed.cancel();
  }
};

/// A page of runs without rows, asked for with token `asked`, that leads to `next`.
testing::fault page_to(std::string asked, const std::string& next) {
  auto is_meant = [asked = std::move(asked)](const testing::seen_request& request) {
    const bool goes_on = request.query.find("next_page_token=") != std::string::npos;
    return asked.empty() ? !goes_on : request.query.find("next_page_token=" + asked) != std::string::npos;
  };
  return testing::fault()
      .on("runs.list")
      .times(0)
      .when(std::move(is_meant))
      .answer_text(200, "application/json", R"({"executions":[],"next_page_token":")" + next + "\"}");
}

testing::fault on_stream() { return testing::fault().on("events.stream"); }

/// The stream is silent and the list fails: nothing but GETs tells of an end, and they are sent soon.
struct on_gets_alone : under_faults {
  on_gets_alone() {
    server.faults().add(on_stream().times(0).stall_stream_after(0));
    server.faults().add(testing::fault().on("runs.list").times(0).answer(503));
  }

  completions hub() const {
    completions_options how = quickly();
    how.overdue_after = 50ms;
    how.gets_per_second = 200;
    return completions(client, how);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(completion_faults, under_faults)

BOOST_AUTO_TEST_CASE(
    without_faults_an_execution_costs_a_request_for_its_start_and_no_more_than_its_doubt_does) {
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    co_await many(hub, 120);
  });
  // Of six executions one fails, one is retried twice, one is continued twice, and one runs into a timeout:
  // six doubts, each with one GET, and with a second where an answer lags behind its event.
  BOOST_TEST(gets() <= 2 * 6 * (120 / 6));
  BOOST_TEST(hub.stats().gets == static_cast<std::uint64_t>(gets()));
}

BOOST_AUTO_TEST_CASE(what_completes_before_an_event_stream_costs_no_get_and_no_page) {
  completions_options options;
  options.page_interval = 1h;
  completions hub(client, options);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    co_await many(hub, 2);
  });
  BOOST_TEST(gets() == 0);
  BOOST_TEST(hub.stats().pages == 0u);
  BOOST_TEST(hub.stats().by_event == 2u);
}

BOOST_AUTO_TEST_CASE(where_the_stream_is_refused_with_403_pages_serve_in_its_place) {
  server.faults().add(on_stream().times(0).answer(403));
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    BOOST_TEST(hub.stats().pages_only);
    co_await many(hub, 60);
  });
  BOOST_TEST(hub.stats().events == 0u);
  BOOST_TEST(server.counts().requests_of("events.stream") == 1);
}

BOOST_AUTO_TEST_CASE(a_stream_that_is_cut_anywhere_goes_on_and_none_is_lost) {
  for (int i = 0; i < 40; ++i) {
    server.faults().add(on_stream().cut_stream_after(1 + i % 3));
    server.faults().add(
        on_stream().cut_stream_at(static_cast<std::size_t>(150 + 97 * i), testing::ending::reset));
  }
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    co_await many(hub, 60);
  });
}

BOOST_AUTO_TEST_CASE(a_stream_that_never_comes_and_calls_that_fail_in_part_lose_none) {
  server.faults().add(on_stream().times(0).answer(503));
  server.faults().add(testing::fault().on("executions.get").times(0).chance(0.3, 11).answer(503));
  server.faults().add(testing::fault().on("runs.get").times(0).chance(0.3, 12).answer(503));
  server.faults().add(testing::fault().on("runs.list").times(0).chance(0.3, 13).answer(503));
  completions hub(client, quickly());
  run([&]() -> awaitable<void> { co_await many(hub, 60); });
  BOOST_TEST(hub.stats().by_event == 0u);
}

BOOST_FIXTURE_TEST_CASE(many_waits_at_once_lose_none_under_the_faults_of_streams_and_calls, with_many_waits) {
  for (int i = 0; i < 200; ++i) {
    server.faults().add(on_stream().cut_stream_after(count / 100 + i % 7));
    server.faults().add(
        on_stream().cut_stream_at(static_cast<std::size_t>(5'000 + 97 * i), testing::ending::reset));
    server.faults().add(on_stream().answer(i % 2 == 0 ? 503 : 529));
  }
  server.faults().add(testing::fault().on("executions.get").times(0).chance(0.1, 11).answer(503));
  server.faults().add(testing::fault().on("runs.get").times(0).chance(0.1, 12).answer(503));
  server.faults().add(testing::fault().on("runs.list").times(0).chance(0.1, 13).answer(503));
  completions_options how = quickly();
  if (count > 1000) how.page_interval = 2s;
  completions hub(client, how);
  run([&]() -> awaitable<void> {
    for (int i = 0; i < count; ++i) {
      while (starting > 200) co_await next_change();
      boost::asio::co_spawn(io, one_of_many(hub, i), boost::asio::detached);
    }
    while (ended < count) {
      most_waiting = std::max(most_waiting, hub.stats().waiting);
      co_await next_change();
    }
  });
  BOOST_TEST(ended == count);
  BOOST_TEST(most_waiting > static_cast<std::size_t>(count) / 2);
  std::cout << "waits: " << count << ", " << most_waiting << " at once, " << hub.stats().stream_failures
            << " failures of the stream, " << gets() << " GETs" << std::endl;
}

BOOST_FIXTURE_TEST_CASE(what_a_silent_stream_and_the_list_do_not_tell_is_found_by_gets_at_a_bounded_rate,
                        on_gets_alone) {
  completions asking = hub();
  run([&]() -> awaitable<void> {
    co_await asking.ready();
    co_await many(asking, 12);
  });
  BOOST_TEST(asking.stats().by_get == 12u);
}

BOOST_FIXTURE_TEST_CASE(a_404_that_proves_nothing_ends_no_wait, on_gets_alone) {
  for (const char* get : {"executions.get", "runs.get"})
    server.faults().add(
        testing::fault().on(get).times(40).answer_text(404, "text/html", "<h1>Not Found</h1>"));
  completions asking = hub();
  run([&]() -> awaitable<void> {
    co_await asking.ready();
    co_await many(asking, 6);
  });
}

BOOST_AUTO_TEST_CASE(pages_that_lead_in_a_circle_are_read_once_and_looked_at_again_later) {
  const auto first = server.faults().add(page_to("", "page-a"));
  const auto second = server.faults().add(page_to("page-a", "page-b"));
  const auto third = server.faults().add(page_to("page-b", "page-a"));
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    const hub_test::started_run waited = co_await start(hub, "gate", "e");
    co_await test::until([&] { return first.struck() >= 3; });
    BOOST_TEST(second.struck() <= first.struck());
    BOOST_TEST(third.struck() <= first.struck());
  });
}

BOOST_AUTO_TEST_CASE(one_hub_serves_coroutines_of_many_threads) {
  boost::asio::thread_pool pool(4);
  mistral::workflows::client own(pool, options());
  std::atomic<int> right{0};
  std::atomic<int> closed{0};
  {
    completions hub(own, quickly());
    const auto begin_and_wait = [&](completions shared, int number) -> awaitable<void> {
      const std::string id = "thread-" + std::to_string(number);
      expected place = shared.expect(id);
      const test::json::object input = {{"ms", number % 20}};
      execute_request request(input);
      request.execution_id = id;
      const started_execution begun = co_await own.workflows().execute("naps", request);
      place.started(begun.run_id.value_or(""), begun.start_time);
      const completion end = co_await place.wait();
      if (end.status == execution_status::completed && end.result == input) ++right;
    };
    const auto one_of_many = [&](completions shared, int number) -> awaitable<void> {
      try {
        co_await begin_and_wait(std::move(shared), number);
      } catch (const error& e) {
        if (e.code() != errc::closed) throw;
        ++closed;
      }
    };
    std::vector<std::future<void>> all;
    for (int i = 0; i < 200; ++i)
      all.push_back(boost::asio::co_spawn(pool, one_of_many(hub, i), boost::asio::use_future));
    for (auto& one : all) one.get();
    all.clear();
    // Waits that are cancelled, dropped and closed while ends come in.
    for (int i = 200; i < 240; ++i)
      all.push_back(boost::asio::co_spawn(pool, one_of_many(hub, i), boost::asio::use_future));
    hub.close();
    for (auto& one : all) one.get();
  }
  pool.join();
  BOOST_TEST(right >= 200);
  BOOST_TEST(right + closed == 240);
}

BOOST_AUTO_TEST_CASE(an_unauthorized_stream_is_an_error_of_ready_and_the_hub_goes_on) {
  server.faults().add(on_stream().answer(401));
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    const auto refused = co_await try_(hub.ready());
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.code() == errc::unauthorized));
    co_await many(hub, 6);
  });
}

BOOST_AUTO_TEST_CASE(a_wait_ends_with_the_refusal_where_the_server_will_not_say) {
  server.faults().add(testing::fault().on("executions.get").times(0).answer(403));
  completions hub(client);
  run([&]() -> awaitable<void> {
    const auto refused = co_await try_(hub.wait("e"));
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.code() == errc::forbidden));
  });
}

BOOST_AUTO_TEST_CASE(a_wait_ends_with_the_reason_where_the_answers_nest_too_deep) {
  server.faults().add(on_stream().answer(403));  // the event itself is read to any depth
  client_options narrow = options();
  narrow.max_json_depth = 12;
  completions hub(mistral::workflows::client(io, narrow), quickly());
  boost::json::value deep = 1;
  for (int i = 0; i < 20; ++i) deep = boost::json::array{deep};
  run([&]() -> awaitable<void> {
    const auto unread = co_await try_(run_one(hub, "echo", "e", deep));
    BOOST_REQUIRE(!unread);
    BOOST_TEST((unread.code() == errc::decode));
    hub.close();
  });
}

BOOST_AUTO_TEST_SUITE_END()
