// Batches that end before their source does: asked to, by their failures, by deadlines.
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

using namespace mistral::workflows;
using mistral::workflows::testing::fault;
using test::asio::awaitable;

namespace {

/// A batch of 20 jobs that wait, of which 6 run; stopped so. Outcomes by key.
awaitable<test::outcomes> stopped(test::batches& with, when_stopping how) {
  bulk_options options = with.options();
  options.most_in_flight = 6;
  test::batch_beside batch(with, test::jobs(20, "wait"), options);
  co_await batch.until_running(6);
  batch.control.stop(how);
  co_await test::until(
      [&] { return batch.is_over() || batch.control.progress().phase == bulk_phase::stopping; });
  if (how == when_stopping::drain) {
    BOOST_TEST(with.starts() == 6);
    co_await with.let_go("nightly", test::keys(1, 6));
  }
  const test::outcomes all = co_await batch.until_over();
  BOOST_TEST(with.starts() == 6);
  co_return all;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stopping_batches, test::batches)

BOOST_AUTO_TEST_CASE(stopped_with_leave_running_jobs_run_on) {
  run([&]() -> awaitable<void> {
    const test::outcomes all = co_await stopped(*this, when_stopping::leave);
    BOOST_TEST(test::count(all, bulk_status::left) == 6u);
    BOOST_TEST(test::count(all, bulk_status::not_started) == all.size() - 6);
    const auto status = co_await status_of("nightly", "3");
    BOOST_TEST((status == execution_status::running));
  });
}

BOOST_AUTO_TEST_CASE(a_batch_that_waits_for_its_stream_can_be_stopped) {
  auto no_stream = server.faults().add(fault().on("events.stream").answer(503).times(0));
  run([&]() -> awaitable<void> {
    test::batch_beside batch(*this, test::jobs(3), options());
    co_await test::until([&] { return no_stream.struck() > 0; });
    const auto stopped_at = std::chrono::steady_clock::now();
    const test::outcomes all = co_await batch.stopped(when_stopping::leave);
    // Long before that wait is over by itself.
    BOOST_TEST((std::chrono::steady_clock::now() - stopped_at < std::chrono::seconds(3)));
    BOOST_TEST(all.size() == 0u);
    BOOST_TEST(starts() == 0);
  });
}

BOOST_AUTO_TEST_CASE(stopped_with_drain_running_jobs_are_waited_for) {
  run([&]() -> awaitable<void> {
    const test::outcomes all = co_await stopped(*this, when_stopping::drain);
    BOOST_TEST(test::count(all, bulk_status::completed) == 6u);
    BOOST_TEST(test::count(all, bulk_status::not_started) == all.size() - 6);
  });
}

BOOST_AUTO_TEST_CASE(stopped_with_cancel_running_jobs_are_cancelled) {
  run([&]() -> awaitable<void> {
    const test::outcomes all = co_await stopped(*this, when_stopping::cancel);
    BOOST_TEST(test::count(all, bulk_status::canceled) == 6u);
    BOOST_TEST(test::count(all, bulk_status::not_started) == all.size() - 6);
  });
}

BOOST_AUTO_TEST_CASE(stopped_with_terminate_running_jobs_are_terminated) {
  run([&]() -> awaitable<void> {
    const test::outcomes all = co_await stopped(*this, when_stopping::terminate);
    BOOST_TEST(test::count(all, bulk_status::terminated) == 6u);
    BOOST_TEST(test::count(all, bulk_status::not_started) == all.size() - 6);
  });
}

BOOST_AUTO_TEST_CASE(a_stop_can_become_harder) {
  run([&]() -> awaitable<void> {
    test::batch_beside batch(*this, test::jobs(4, "stay"), options());
    co_await batch.until_running(4);
    batch.control.stop(when_stopping::cancel);
    co_await test::until([&] { return server.counts().answered_of("executions.cancel") == 4; });
    BOOST_TEST(!batch.is_over());
    const test::outcomes all = co_await batch.stopped(when_stopping::terminate);
    BOOST_TEST(test::count(all, bulk_status::terminated) == 4u);
  });
}

BOOST_AUTO_TEST_CASE(a_harder_stop_does_not_wait_for_the_softer_endings_that_stand_in_the_queue) {
  constexpr std::size_t count = 40;
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = count;
    test::batch_beside batch(*this, test::jobs(count, "stay"), options);
    co_await batch.until_running(count);
    auto held = server.faults().add(fault().on("executions.get").hold().times(0));
    batch.control.stop(when_stopping::cancel);
    co_await test::until([&] { return held.struck() == 8; });
    // The batch takes that before any answer, which comes over a socket.
    batch.control.stop(when_stopping::terminate);
    held.release();
    server.faults().clear();
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::terminated) == count);
    BOOST_TEST(server.done("executions.cancel") <= 8);
  });
}

BOOST_AUTO_TEST_CASE(of_several_stops_before_the_batch_looks_the_hardest_counts) {
  run([&]() -> awaitable<void> {
    const auto stop_so = [](when_stopping how) {
      return [how](const bulk_control& control) { control.stop(how); };
    };
    const auto stop_as_options_say = [](const bulk_control& control) { control.stop(); };
    using stops = std::vector<std::function<void(const bulk_control&)>>;
    const auto status_after = [&](std::string batch, when_stopping option,
                                  stops all) -> awaitable<bulk_status> {
      bulk_options options = this->without_journal(batch);
      options.when_stopping = option;
      test::batch_beside stopping(*this, test::jobs(1, "stay"), options);
      co_await stopping.until_running(1);
      for (const auto& stop : all) stop(stopping.control);
      const test::outcomes told = co_await stopping.until_over();
      co_return told.at("1").status;
    };
    using enum when_stopping;
    const stops softer_later = {stop_so(terminate), stop_so(drain)};
    const bulk_status first = co_await status_after("a", drain, softer_later);
    BOOST_TEST((first == bulk_status::terminated));
    const stops option_later = {stop_so(terminate), stop_as_options_say};
    const bulk_status second = co_await status_after("b", drain, option_later);
    BOOST_TEST((second == bulk_status::terminated));
    const stops option_first = {stop_as_options_say, stop_so(drain)};
    const bulk_status third = co_await status_after("c", leave, option_first);
    BOOST_TEST((third == bulk_status::left));
    const stops harder_between = {stop_so(cancel), stop_so(leave), stop_so(terminate)};
    const bulk_status fourth = co_await status_after("d", drain, harder_between);
    BOOST_TEST((fourth == bulk_status::left));
  });
}

BOOST_AUTO_TEST_CASE(what_waits_for_its_turn_to_be_ended_costs_nothing_meanwhile) {
  constexpr std::size_t count = 200;
  bulk_options options = this->options();
  options.most_in_flight = count;
  options.progress_every = std::chrono::hours(1);
  options.waiting.page_interval = std::chrono::hours(1);
  test::batch_beside batch(*this, test::jobs(count, "wait"), options);
  auto held = server.faults().add(fault().on("executions.get").hold().times(0));
  const auto run_until = [&](std::function<bool()> holds) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds() && std::chrono::steady_clock::now() < limit) {
      io.restart();
      io.run_for(std::chrono::milliseconds(1));
    }
    BOOST_REQUIRE(holds());
  };
  run_until([&] { return batch.control.progress().running == count; });
  batch.control.stop(when_stopping::cancel);
  run_until([&] { return held.struck() == 8; });
  // 50 facts that have nothing to do with what waits.
  std::size_t handlers = 0;
  io.restart();
  for (std::size_t i = 0; i < 50; ++i) {
    batch.control.set_most_in_flight(count + i);
    handlers += io.poll();
  }
  BOOST_TEST(handlers < 50 * count / 10);
  BOOST_TEST(held.struck() == 8);
  held.release();
  run_until([&] { return batch.is_over(); });
  BOOST_TEST(test::count(*batch.told(), bulk_status::canceled) == count);
}

BOOST_AUTO_TEST_CASE(after_so_many_failures_nothing_more_is_started) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = 1;
    options.failure_limit = failure_limit::after(3);
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(50, "fail"), options));
    BOOST_TEST(test::count(all, bulk_status::failed) == 3u);
    BOOST_TEST(test::count(all, bulk_status::not_started) == all.size() - 3);
    BOOST_TEST(starts() == 3);
  });
}

BOOST_AUTO_TEST_CASE(a_share_of_failures_stops_a_batch_once_enough_jobs_have_ended) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(60);
    for (std::size_t i = 1; i < jobs.size(); i += 2) jobs[i] = test::job(jobs[i].key, "fail", "no");
    bulk_options options = this->options();
    options.most_in_flight = 1;
    options.failure_limit = failure_limit::share(40, 10);
    const test::outcomes all = co_await test::all_of(bulk().run("job", std::move(jobs), options));
    BOOST_TEST(starts() == 10);
    BOOST_TEST(test::count(all, bulk_status::failed) == 5u);
  });
}

BOOST_AUTO_TEST_CASE(a_stopped_batch_goes_on_where_it_was_when_it_is_run_again) {
  run([&]() -> awaitable<void> {
    co_await stopped(*this, when_stopping::leave);
    const std::vector<bulk_job> jobs = test::jobs(20, "wait");
    bulk_options options = this->options();
    options.begin = bulk_begin::resume;
    test::batch_beside batch(*this, jobs, options);
    co_await batch.until_running(20);
    co_await let_go("nightly", test::keys_of(jobs));
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 20u);
    BOOST_TEST(starts() == 20);
  });
}

BOOST_AUTO_TEST_CASE(a_job_at_its_deadline_is_overdue_and_is_ended_where_that_is_wanted) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(3);
    jobs.push_back(test::job("slow", "wait"));
    jobs.back().deadline = std::chrono::milliseconds(50);
    bulk_options options = this->options();
    options.when_overdue = when_stopping::terminate;
    const test::outcomes all = co_await test::all_of(bulk().run("job", std::move(jobs), options));
    BOOST_TEST(test::count(all, bulk_status::completed) == 3u);
    BOOST_TEST((all.at("slow").status == bulk_status::overdue));
    BOOST_TEST((all.at("slow").code == errc::timeout));
    BOOST_TEST(server.done("executions.terminate") == 1);
  });
}

BOOST_AUTO_TEST_CASE(an_overdue_job_that_is_left_runs_on) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.deadline = std::chrono::milliseconds(30);
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(2, "wait"), options));
    BOOST_TEST(test::count(all, bulk_status::overdue) == 2u);
    const auto status = co_await status_of("nightly", "1");
    BOOST_TEST((status == execution_status::running));
  });
}

BOOST_AUTO_TEST_CASE(a_closed_client_ends_the_batch) {
  const auto e = error_of<error>([&]() -> awaitable<void> {
    bulk_options options = this->options();
    const auto control = options.control;
    auto outcomes = bulk().run("job", test::jobs(3, "wait"), options);
    auto close = [&]() -> awaitable<void> {
      co_await test::until([&] { return control.progress().running == 3; });
      co_await client.close(std::chrono::milliseconds(0));
    };
    test::asio::co_spawn(io, close(), [](std::exception_ptr failure) { BOOST_TEST(!failure); });
    co_await outcomes.next();
  });
  BOOST_TEST((e.code() == errc::closed));
}

BOOST_AUTO_TEST_CASE(an_io_context_may_end_in_the_middle_of_a_batch) {
  std::optional<async_generator<bulk_outcome>> outcomes;
  bulk_control control;
  {
    test::asio::io_context short_lived;
    mistral::workflows::client other(short_lived, client_options());
    bulk_options options = this->options();
    control = options.control;
    outcomes.emplace(mistral::workflows::bulk(other).run("job", test::jobs(5, "wait"), options));
    auto ask = [&]() -> awaitable<void> { co_await outcomes->next(); };
    test::asio::co_spawn(short_lived, ask(), [](std::exception_ptr) {});
    while (control.progress().running < 5) short_lived.run_one();
  }
  control.stop(when_stopping::terminate);
  outcomes.reset();
  BOOST_TEST(starts() == 5);
}

BOOST_AUTO_TEST_SUITE_END()
