// Jobs that have gone on as another run when a stop or their deadline ends them: that run is ended, and none
// that somebody else began.
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"

#include <chrono>
#include <cstddef>
#include <string>

using namespace mistral::workflows;
using mistral::workflows::testing::fault;
using test::asio::awaitable;

namespace {

/// Time enough to go on as another run, and not to end.
bulk_options overdue_soon(const test::batches& with) {
  bulk_options out = with.without_journal();
  out.deadline = std::chrono::seconds(2);
  out.when_overdue = when_stopping::terminate;
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(stopping_batches, test::batches)

BOOST_AUTO_TEST_CASE(a_stop_ends_the_run_that_a_job_has_gone_on_as) {
  for (const when_stopping how : {when_stopping::cancel, when_stopping::terminate}) {
    const std::string name(to_string(how));
    run([&]() -> awaitable<void> {
      test::batch_beside batch(*this, test::jobs(3, "renew"), without_journal(name));
      co_await batch.until_running(3);
      for (const std::string& key : test::keys(1, 3)) co_await goes_on_as_another(name, key);
      const test::outcomes all = co_await batch.stopped(how);
      const bool cancels = how == when_stopping::cancel;
      const std::size_t ended = test::count(all, cancels ? bulk_status::canceled : bulk_status::terminated);
      BOOST_TEST(ended == 3u);
    });
  }
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_run_that_a_job_has_gone_on_as_under_another_execution_id) {
  run([&]() -> awaitable<void> {
    test::batch_beside batch(*this, test::jobs(1, "move"), without_journal());
    co_await batch.until_running(1);
    const std::string elsewhere = co_await goes_on_elsewhere("nightly", "1");
    const test::outcomes all = co_await batch.stopped(when_stopping::terminate);
    BOOST_TEST(test::count(all, bulk_status::terminated) == 1u);
    BOOST_TEST(server.done("executions.terminate", elsewhere) == 1);
    BOOST_TEST(server.done("executions.terminate") == 1);
  });
}

BOOST_AUTO_TEST_CASE(an_overdue_job_that_has_gone_on_under_another_execution_id_is_ended_there) {
  run([&]() -> awaitable<void> {
    const test::outcomes all =
        co_await test::all_of(bulk().run("job", test::jobs(1, "move"), overdue_soon(*this)));
    BOOST_TEST(test::count(all, bulk_status::overdue) == 1u);
    const std::string elsewhere = co_await goes_on_elsewhere("nightly", "1");
    BOOST_TEST(server.done("executions.terminate", elsewhere) == 1);
  });
}

BOOST_AUTO_TEST_CASE(an_overdue_job_is_ended_although_the_event_that_names_its_next_run_lags) {
  auto lags = server.faults().add(
      fault().on("events.list").times(2).answer_text(200, "application/json", R"({"events":[]})"));
  run([&]() -> awaitable<void> {
    const test::outcomes all =
        co_await test::all_of(bulk().run("job", test::jobs(1, "move"), overdue_soon(*this)));
    BOOST_TEST(test::count(all, bulk_status::overdue) == 1u);
    BOOST_TEST(lags.struck() == 2);
    const std::string elsewhere = co_await goes_on_elsewhere("nightly", "1");
    BOOST_TEST(server.done("executions.terminate", elsewhere) == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_run_that_a_job_has_gone_on_as_where_no_event_may_be_read) {
  server.faults().add(fault().on("events.list").times(0).answer(403));
  run([&]() -> awaitable<void> {
    test::batch_beside batch(*this, test::jobs(1, "renew"), without_journal());
    co_await batch.until_running(1);
    co_await goes_on_as_another("nightly", "1");
    const test::outcomes all = co_await batch.stopped(when_stopping::terminate);
    BOOST_TEST(test::count(all, bulk_status::terminated) == 1u);
  });
}

BOOST_AUTO_TEST_CASE(an_overdue_job_that_has_gone_on_as_another_run_is_ended_where_that_is_wanted) {
  run([&]() -> awaitable<void> {
    const test::outcomes all =
        co_await test::all_of(bulk().run("job", test::jobs(1, "renew"), overdue_soon(*this)));
    BOOST_TEST(test::count(all, bulk_status::overdue) == 1u);
    const auto status = co_await status_of("nightly", "1");
    BOOST_TEST((status == execution_status::terminated));
  });
}

BOOST_AUTO_TEST_CASE(
    an_overdue_job_is_ended_although_it_was_not_to_be_seen_for_a_while_what_it_has_gone_on_as) {
  auto unseen = server.faults().add(fault().on("runs.get").answer(404).times(0));
  run([&]() -> awaitable<void> {
    auto outcomes = bulk().run("job", test::jobs(1, "renew"), overdue_soon(*this));
    const auto late = co_await outcomes.next();
    BOOST_REQUIRE(late.has_value());
    BOOST_TEST((late->status == bulk_status::overdue));
    const int before = unseen.struck();
    co_await test::until([&] { return unseen.struck() > before; });
    unseen.remove();
    const auto end = co_await outcomes.next();
    BOOST_TEST(!end.has_value());
    const auto status = co_await status_of("nightly", "1");
    BOOST_TEST((status == execution_status::terminated));
  });
}

BOOST_AUTO_TEST_CASE(a_stop_leaves_a_run_alone_that_somebody_began_after_the_jobs_own_end) {
  // Nothing tells of that end but a GET, later.
  server.faults().add(fault().on("events.stream").stall_stream_after(0).times(0));
  server.faults().add(fault().on("runs.list").answer(503).times(0));
  run([&]() -> awaitable<void> {
    bulk_options options = without_journal();
    options.waiting.overdue_after = std::chrono::seconds(1);
    test::batch_beside batch(*this, test::jobs(1), options);
    co_await batch.until_running(1);
    const std::string id = bulk_execution_id("nightly", "1");
    for (bool over = false; !over;) {
      const auto status = co_await status_of("nightly", "1");
      over = status == execution_status::completed;
    }
    execute_request again(test::jobs(1, "wait").front().input);
    again.execution_id = id;
    co_await client.workflows().execute("job", std::move(again));
    BOOST_TEST(!batch.is_over());
    const test::outcomes all = co_await batch.stopped(when_stopping::terminate);
    BOOST_TEST(test::count(all, bulk_status::completed) == 1u);
    const auto status = co_await status_of("nightly", "1");
    BOOST_TEST((status == execution_status::running));
    BOOST_TEST(server.done("executions.terminate") == 0);
  });
}

BOOST_AUTO_TEST_SUITE_END()
