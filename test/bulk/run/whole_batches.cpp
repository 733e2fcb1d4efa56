// Batches from the first job to the last outcome, on a server that is well.
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"

#include <set>

using namespace mistral::workflows;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(whole_batches, test::batches)

BOOST_AUTO_TEST_CASE(each_of_500_jobs_is_started_once_and_has_one_outcome) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(500);
    for (std::size_t i = 0; i < jobs.size(); i += 10)
      jobs[i] = test::job(jobs[i].key, "fail", "out of paper");
    bulk_options options = this->options();
    options.most_in_flight = 50;
    const auto control = options.control;
    const test::outcomes all = co_await test::all_of(bulk().run("job", std::move(jobs), options));
    BOOST_TEST(all.size() == 500u);
    BOOST_TEST(test::count(all, bulk_status::completed) == 450u);
    BOOST_TEST(test::count(all, bulk_status::failed) == 50u);
    BOOST_TEST(starts() == 500);
    BOOST_TEST(all.at("2").result == "value 2");
    BOOST_TEST(all.at("2").position == 2u);
    BOOST_TEST(all.at("2").execution_id == bulk_execution_id("nightly", "2"));
    BOOST_TEST(!all.at("2").run_id.empty());
    BOOST_TEST(all.at("2").attempts == 1);
    BOOST_TEST(all.at("1").error.find("out of paper") != std::string::npos);
    BOOST_TEST((all.at("1").code == errc::execution_failed));
    const bulk_progress progress = control.progress();
    BOOST_TEST((progress.phase == bulk_phase::over));
    BOOST_TEST(progress.done == 500u);
    BOOST_TEST(progress.handed_out == 500u);
    BOOST_TEST(progress.count(bulk_status::failed) == 50u);
    BOOST_TEST((progress.jobs == 500u));
    BOOST_TEST(progress.unchecked == "");
  });
}

BOOST_AUTO_TEST_CASE(a_first_run_takes_about_one_request_a_job) {
  run([&]() -> awaitable<void> {
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(300), options()));
    BOOST_TEST(all.size() == 300u);
    const auto counts = server.counts();
    int requests = 0;
    for (const auto& [operation, times] : counts.requests) requests += times;
    BOOST_TEST(requests <= 330);
  });
}

BOOST_AUTO_TEST_CASE(the_longest_durations_there_are_make_no_job_overdue_and_no_timer_spin) {
  run([&]() -> awaitable<void> {
    constexpr auto longest = std::chrono::milliseconds::max();
    std::vector<bulk_job> jobs = test::jobs(20);
    for (std::size_t i = 0; i < jobs.size(); i += 2) jobs[i].deadline = longest;
    jobs.push_back(test::job("late", "wait"));
    jobs.back().deadline = std::chrono::milliseconds::min();
    int told = 0;
    bulk_options options = this->options();
    options.deadline = longest;
    options.probe_after = longest;
    options.progress_every = longest;
    options.on_progress = [&](const bulk_progress&) { ++told; };
    const test::outcomes all = co_await test::all_of(bulk().run("job", std::move(jobs), options));
    BOOST_TEST(test::count(all, bulk_status::completed) == 20u);
    BOOST_TEST((all.at("late").status == bulk_status::overdue));
    BOOST_TEST(told == 1);  // at the end
  });
}

BOOST_AUTO_TEST_CASE(an_execution_that_is_terminated_from_outside_is_an_outcome) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(3);
    jobs.push_back(test::job("doomed", "wait"));
    auto outcomes = bulk().run("job", std::move(jobs), options());
    for (int i = 0; i < 3; ++i) co_await outcomes.next();
    co_await client.executions().terminate(bulk_execution_id("nightly", "doomed"));
    const auto last = co_await outcomes.next();
    BOOST_REQUIRE(last.has_value());
    BOOST_TEST(last->key == "doomed");
    BOOST_TEST((last->status == bulk_status::terminated));
    const auto end = co_await outcomes.next();
    BOOST_TEST(!end.has_value());
  });
}

BOOST_AUTO_TEST_CASE(no_more_jobs_run_at_once_than_are_allowed_and_the_limit_can_be_raised) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = 3;
    const std::vector<bulk_job> jobs = test::jobs(8, "wait");
    test::batch_beside batch(*this, jobs, options);
    co_await batch.until_running(3);
    BOOST_TEST(starts() == 3);
    batch.control.set_most_in_flight(8);
    co_await batch.until_running(8);
    co_await let_go("nightly", test::keys_of(jobs));
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(all.size() == 8u);
  });
}

BOOST_AUTO_TEST_CASE(outcomes_that_nobody_takes_hold_the_batch_up) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = 5;
    const auto control = options.control;
    auto outcomes = bulk().run("job", test::jobs(40), options);
    co_await outcomes.next();
    co_await test::until([&] { return control.progress().done == 6; });
    BOOST_TEST(starts() == 6);
    const test::outcomes rest = co_await test::all_of(std::move(outcomes));
    BOOST_TEST(rest.size() == 39u);
  });
}

BOOST_AUTO_TEST_CASE(a_batch_that_waits_for_starts_alone_leaves_its_jobs_running) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.wait = bulk_wait::start;
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(30, "wait"), options));
    BOOST_TEST(test::count(all, bulk_status::started) == 30u);
    const auto status = co_await status_of("nightly", "7");
    BOOST_TEST((status == execution_status::running));
    BOOST_TEST(server.counts().requests_of("events.stream") == 0);
  });
}

BOOST_AUTO_TEST_CASE(a_job_that_the_service_refuses_is_an_outcome_and_the_others_go_on) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(5);
    jobs[2] = bulk_job("odd", "not an object");
    const test::outcomes all = co_await test::all_of(bulk().run("job", std::move(jobs), options()));
    BOOST_TEST(all.size() == 5u);
    BOOST_TEST((all.at("odd").status == bulk_status::refused));
    BOOST_TEST(!all.at("odd").error.empty());
    BOOST_TEST(test::count(all, bulk_status::completed) == 4u);
  });
}

BOOST_AUTO_TEST_CASE(two_shards_run_each_job_of_the_source_once) {
  run([&]() -> awaitable<void> {
    std::set<std::string> seen;
    for (std::uint32_t shard = 0; shard < 2; ++shard) {
      bulk_options options = without_journal();
      options.shard = bulk_shard(shard, 2);
      const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(60), options));
      BOOST_TEST(all.size() > 10u);
      for (const auto& [key, outcome] : all) {
        BOOST_TEST(seen.insert(key).second);
        BOOST_TEST(std::to_string(outcome.position) == key);
      }
    }
    BOOST_TEST(seen.size() == 60u);
    BOOST_TEST(starts() == 60);
  });
}

BOOST_AUTO_TEST_CASE(a_batch_without_jobs_is_over_at_once) {
  run([&]() -> awaitable<void> {
    const test::outcomes all = co_await test::all_of(bulk().run("job", std::vector<bulk_job>(), options()));
    BOOST_TEST(all.empty());
  });
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_the_first_next) {
  run([&]() -> awaitable<void> {
    auto outcomes = bulk().run("job", test::jobs(5), options());
    co_return;
  });
  BOOST_TEST(server.counts().requests.empty());
}

BOOST_AUTO_TEST_SUITE_END()
