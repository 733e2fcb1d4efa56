// A batch over several lives of the program: what was begun is
// not begun again, what was told is told once more at most.
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <stdexcept>

using namespace mistral::workflows;
using mistral::workflows::testing::fault;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(resuming_batches, test::batches)

BOOST_AUTO_TEST_CASE(a_batch_that_was_left_in_the_middle_goes_on_without_a_second_start) {
  run([&]() -> awaitable<void> {
    const std::vector<bulk_job> jobs = test::jobs(40);
    bulk_options few = options();
    few.most_in_flight = 5;
    const test::outcomes told = co_await test::first_of(bulk().run("job", jobs, std::move(few)), 15);
    co_await journal_is_free();
    const test::outcomes rest = co_await test::all_of(bulk().run("job", jobs, options()));
    // The last one that was told is not acknowledged.
    BOOST_TEST(rest.size() == 26u);
    std::size_t told_again = 0;
    for (const auto& [key, outcome] : rest) {
      BOOST_TEST((outcome.status == bulk_status::completed));
      BOOST_TEST(outcome.result == test::json::string("value " + key));
      if (told.count(key) == 0) continue;
      ++told_again;
      BOOST_TEST(outcome.repeated);
    }
    BOOST_TEST(told_again == 1u);
    BOOST_TEST(starts() == 40);
  });
}

BOOST_AUTO_TEST_CASE(where_many_outcomes_may_be_told_twice_none_is_lost) {
  run([&]() -> awaitable<void> {
    const std::vector<bulk_job> jobs = test::jobs(40);
    bulk_options loose = options();
    loose.most_unacknowledged = 100;
    test::outcomes told = co_await test::first_of(bulk().run("job", jobs, std::move(loose)), 15);
    co_await journal_is_free();
    test::outcomes rest = co_await test::all_of(bulk().run("job", jobs, options()));
    for (const auto& [key, outcome] : rest) BOOST_TEST((told.count(key) == 0 || outcome.repeated));
    rest.merge(told);
    BOOST_TEST(rest.size() == 40u);
    BOOST_TEST(starts() == 40);
  });
}

BOOST_AUTO_TEST_CASE(jobs_that_ran_when_the_batch_was_left_are_waited_for) {
  run([&]() -> awaitable<void> {
    const std::vector<bulk_job> jobs = test::jobs(6, "wait");
    {
      bulk_options options = this->options();
      options.most_in_flight = 3;
      const auto control = options.control;
      auto outcomes = bulk().run("job", jobs, options);
      auto ask = [&]() -> awaitable<void> { co_await outcomes.next(); };
      test::asio::co_spawn(io, ask(), [](std::exception_ptr) {});
      co_await test::until([&] { return control.progress().running == 3; });
      outcomes.close();
      co_await let_go("nightly", test::keys(1, 1));
      co_await client.executions().terminate(bulk_execution_id("nightly", "2"));
    }
    co_await journal_is_free();
    test::batch_beside batch(*this, jobs, options());
    const auto control = batch.control;
    co_await test::until([&] { return control.progress().running == 4 && control.progress().done == 2; });
    co_await let_go("nightly", test::keys(3, 6));
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 5u);
    BOOST_TEST((all.at("2").status == bulk_status::terminated));
    BOOST_TEST(starts() == 6);
  });
}

BOOST_AUTO_TEST_CASE(a_start_without_an_answer_in_an_earlier_life_is_looked_for_first) {
  run([&]() -> awaitable<void> {
    auto silent = server.faults().add(fault().on("workflows.execute").hold_answer().times(0));
    {
      auto outcomes = bulk().run("job", test::jobs(3), options());
      auto ask = [&]() -> awaitable<void> { co_await outcomes.next(); };
      test::asio::co_spawn(io, ask(), [](std::exception_ptr) {});
      co_await test::until([&] { return starts() == 3; });
    }
    server.faults().clear();
    co_await journal_is_free();
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(3), options()));
    BOOST_TEST(test::count(all, bulk_status::completed) == 3u);
    BOOST_TEST(starts() == 3);
  });
}

BOOST_AUTO_TEST_CASE(without_a_journal_the_service_says_what_was_started) {
  run([&]() -> awaitable<void> {
    const timestamp before = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const std::vector<bulk_job> jobs = test::jobs(30);
    {
      bulk_options options = without_journal();
      options.most_in_flight = 5;
      auto outcomes = bulk().run("job", jobs, options);
      for (int i = 0; i < 10; ++i) co_await outcomes.next();
    }
    bulk_options options = without_journal();
    options.begin = bulk_begin::resume;
    options.batch_started_after = before;
    const test::outcomes all = co_await test::all_of(bulk().run("job", jobs, options));
    BOOST_TEST(test::count(all, bulk_status::completed) == 30u);
    BOOST_TEST(all.at("4").result == "value 4");
    BOOST_TEST(starts() == 30);
  });
}

BOOST_AUTO_TEST_CASE(pages_that_lead_in_a_circle_are_no_reason_not_to_resume_without_a_journal) {
  run([&]() -> awaitable<void> {
    const timestamp before = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const std::vector<bulk_job> jobs = test::jobs(4);
    co_await test::all_of(bulk().run("job", jobs, without_journal()));
    server.faults().add(
        fault()
            .on("runs.list")
            .times(0)
            .answer_text(200, "application/json", R"({"executions":[],"next_page_token":"page-a"})"));
    bulk_options options = without_journal();
    options.begin = bulk_begin::resume;
    options.batch_started_after = before;
    options.waiting.page_interval = std::chrono::hours(1);
    const test::outcomes all = co_await test::all_of(bulk().run("job", jobs, options));
    BOOST_TEST(test::count(all, bulk_status::completed) == 4u);
    BOOST_TEST(starts() == 4);
  });
}

BOOST_AUTO_TEST_CASE(a_finished_batch_is_refused_but_for_a_new_generation_or_a_report) {
  run([&]() -> awaitable<void> { co_await test::all_of(bulk().run("job", test::jobs(4), options())); });
  const auto e = error_of<journal_error>(
      [&]() -> awaitable<void> { co_await test::all_of(bulk().run("job", test::jobs(4), options())); });
  BOOST_TEST((e.problem() == journal_problem::refused));
  run([&]() -> awaitable<void> {
    bulk_options report = options();
    report.begin = bulk_begin::report;
    const test::outcomes told = co_await test::all_of(bulk().run("job", bulk_source(), report));
    BOOST_TEST(told.size() == 4u);
    BOOST_TEST(told.at("3").repeated);
    BOOST_TEST(told.at("3").result == "value 3");
    BOOST_TEST(starts() == 4);

    bulk_options again = options();
    again.begin = bulk_begin::new_generation;
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(4), again));
    BOOST_TEST(test::count(all, bulk_status::completed) == 4u);
    BOOST_TEST(all.at("3").execution_id == bulk_execution_id("nightly", "3", 1));
    BOOST_TEST(starts() == 8);
  });
}

BOOST_AUTO_TEST_CASE(failed_jobs_alone_are_tried_again) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(10);
    jobs[3] = test::job("bad", "fail", "out of paper");
    co_await test::all_of(bulk().run("job", jobs, options()));
    bulk_options again = options();
    again.begin = bulk_begin::retry_failed;
    const test::outcomes all = co_await test::all_of(bulk().run("job", jobs, again));
    BOOST_TEST(all.size() == 1u);
    BOOST_TEST((all.at("bad").status == bulk_status::failed));
    BOOST_TEST(all.at("bad").execution_id == bulk_execution_id("nightly", "bad", 1));
    BOOST_TEST(starts() == 11);
  });
}

BOOST_AUTO_TEST_CASE(what_the_caller_says_of_earlier_runs_must_be_true) {
  const auto said = [&](bulk_begin begin) {
    bulk_options out = options();
    out.begin = begin;
    return out;
  };
  for (int i = 0; i < 2; ++i) {  // what was refused leaves nothing behind to resume
    const bulk_options wrong = said(bulk_begin::resume);
    const auto nothing_there = error_of<journal_error>(
        [&]() -> awaitable<void> { co_await test::all_of(bulk().run("job", test::jobs(2), wrong)); });
    BOOST_TEST((nothing_there.problem() == journal_problem::refused));
  }
  run([&]() -> awaitable<void> {
    auto outcomes = bulk().run("job", test::jobs(2), said(bulk_begin::first_run));
    co_await outcomes.next();
  });
  const bulk_options wrong = said(bulk_begin::first_run);
  const auto something_there = error_of<journal_error>(
      [&]() -> awaitable<void> { co_await test::all_of(bulk().run("job", test::jobs(2), wrong)); });
  BOOST_TEST((something_there.problem() == journal_problem::refused));
}

BOOST_AUTO_TEST_CASE(a_job_with_another_input_than_before_ends_the_batch) {
  run([&]() -> awaitable<void> {
    auto outcomes = bulk().run("job", test::jobs(3), options());
    co_await outcomes.next();
  });
  const auto e = error_of<invalid_argument>([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(3);
    jobs[0] = test::job("1", "echo", "something else");
    co_await test::all_of(bulk().run("job", std::move(jobs), options()));
  });
  BOOST_TEST(std::string(e.what()).find("another input") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_batch_that_another_process_has_taken_over_ends) {
  const auto e = error_of<journal_error>([&]() -> awaitable<void> {
    bulk_options mine = options();
    mine.most_in_flight = 2;
    const auto control = mine.control;
    auto outcomes = bulk().run("job", test::jobs(20), mine);
    co_await outcomes.next();
    bulk_core::lose_lock(*store);
    const auto other = journal();
    journal_manifest manifest("nightly", "job");
    manifest.options = R"({"wait":"result"})";
    co_await other->open(std::move(manifest), journal_begin::automatic);
    while (co_await outcomes.next()) {
    }
  });
  BOOST_TEST((e.problem() == journal_problem::taken_over));
  BOOST_TEST(starts() < 20);
}

BOOST_AUTO_TEST_CASE(an_execution_that_was_started_twice_is_reported_with_both_runs) {
  run([&]() -> awaitable<void> {
    auto outcomes = bulk().run("job", test::jobs(3), options());
    const auto first = co_await outcomes.next();
    BOOST_REQUIRE(first.has_value());
    // What a process does that was frozen between its last look and its request.
    execute_request late(test::jobs(1).front().input);
    late.execution_id = first->execution_id;
    const started_execution second = co_await client.workflows().execute("job", std::move(late));
    std::vector<bulk_outcome> rest;
    while (auto outcome = co_await outcomes.next()) rest.push_back(std::move(*outcome));
    BOOST_REQUIRE(rest.size() == 3u);
    const bulk_outcome& report = rest.back();
    BOOST_TEST(report.execution_id == first->execution_id);
    BOOST_TEST(report.key == first->key);
    BOOST_REQUIRE(report.started_twice.size() == 2u);
    BOOST_TEST(report.started_twice[0] == first->run_id);
    BOOST_TEST(report.started_twice[1] == *second.run_id);
  });
}

BOOST_AUTO_TEST_CASE(
    an_execution_that_was_started_twice_is_reported_where_the_clock_of_the_run_before_was_ahead) {
  run([&]() -> awaitable<void> {
    const auto before = journal();
    journal_manifest manifest("nightly", "job");
    manifest.options = R"({"wait":"result"})";
    co_await before->open(std::move(manifest), journal_begin::automatic);
    const bulk_job first_job = test::jobs(1).front();
    const std::string id = bulk_execution_id("nightly", first_job.key);
    const auto ahead =
        floor<std::chrono::microseconds>(std::chrono::system_clock::now()) + std::chrono::hours(1);
    journal_record intent(first_job.key, 1, bulk_input_hash(first_job.input), id, ahead);
    co_await before->claim(std::move(intent));
    co_await before->close();

    const bulk_options options = this->options();
    const auto control = options.control;
    auto outcomes = bulk().run("job", test::jobs(3), options);
    const auto first = co_await outcomes.next();
    BOOST_REQUIRE(first.has_value());
    execute_request late(first_job.input);
    late.execution_id = first->execution_id;
    co_await client.workflows().execute("job", std::move(late));
    std::size_t reports = 0;
    while (auto outcome = co_await outcomes.next()) reports += outcome->started_twice.empty() ? 0 : 1;
    BOOST_TEST(reports == 1u);
    BOOST_TEST(control.progress().unchecked == "");
  });
}

BOOST_AUTO_TEST_CASE(a_last_pass_that_sees_fewer_executions_than_were_started_says_so) {
  run([&]() -> awaitable<void> {
    const auto none = R"({"executions":[],"next_page_token":null})";
    server.faults().add(fault().on("runs.list").times(0).answer_text(200, "application/json", none));
    const bulk_options options = this->options();
    const auto control = options.control;
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(3), options));
    BOOST_TEST(all.size() == 3u);
    BOOST_TEST(control.progress().unchecked == "fewer executions are listed (0) than were started (3)");
  });
}

BOOST_AUTO_TEST_CASE(a_start_that_arrives_after_the_one_of_the_next_life_has_ended_is_reported) {
  run([&]() -> awaitable<void> {
    auto on_its_way = server.faults().add(fault().on("workflows.execute").hold().times(1));
    {
      auto outcomes = bulk().run("job", test::jobs(1), options());
      auto ask = [&]() -> awaitable<void> { co_await outcomes.next(); };
      test::asio::co_spawn(io, ask(), [](std::exception_ptr) {});
      co_await test::until([&] { return on_its_way.struck() == 1; });
    }
    co_await journal_is_free();
    BOOST_TEST(starts() == 0);
    auto outcomes = bulk().run("job", test::jobs(1), options());
    const auto first = co_await outcomes.next();
    BOOST_REQUIRE(first.has_value());
    BOOST_TEST((first->status == bulk_status::completed));
    on_its_way.release();
    co_await test::until([&] { return starts() == 2; });
    const auto report = co_await outcomes.next();
    BOOST_REQUIRE(report.has_value());
    BOOST_TEST(report->key == "1");
    BOOST_REQUIRE(report->started_twice.size() == 2u);
    BOOST_TEST(report->started_twice[0] == first->run_id);
    const auto end = co_await outcomes.next();
    BOOST_TEST(!end.has_value());
  });
}

BOOST_AUTO_TEST_CASE(a_key_supplier_that_fails_while_the_service_is_asked_for_a_job_ends_no_batch) {
  int asked = 0;
  mistral::workflows::client own(io, supplied([&] {
                                   if (++asked == 2) throw std::runtime_error("the vault is sealed");
                                   return std::string("test-key");
                                 }));
  server.faults().add(fault().on("executions.get").answer(401));
  run([&]() -> awaitable<void> {
    bulk_options options = without_journal();
    options.begin = bulk_begin::resume;
    options.batch_started_after = timestamp();
    const test::outcomes all =
        co_await test::all_of(mistral::workflows::bulk(own).run("job", test::jobs(5), options));
    BOOST_TEST(test::count(all, bulk_status::completed) == 5u);
  });
  BOOST_TEST(asked == 3);
  BOOST_TEST(starts() == 5);
}

BOOST_AUTO_TEST_CASE(an_abort_that_nobody_asked_for_ends_a_batch_that_cannot_be_resumed) {
  mistral::workflows::client own(io, supplied([]() -> std::string {
                                   throw boost::system::system_error(test::asio::error::operation_aborted);
                                 }));
  run([&]() -> awaitable<void> {
    bulk_options options = without_journal();
    options.begin = bulk_begin::resume;
    options.batch_started_after = timestamp();
    auto outcomes = mistral::workflows::bulk(own).run("job", test::jobs(5), options);
    std::exception_ptr failure;
    auto ask = [&]() -> awaitable<void> { co_await outcomes.next(); };
    test::asio::co_spawn(io, ask(), [&](std::exception_ptr e) { failure = e; });
    co_await test::until([&] { return failure != nullptr; });
    BOOST_CHECK_THROW(std::rethrow_exception(failure), boost::system::system_error);
  });
}

BOOST_AUTO_TEST_CASE(an_outcome_is_told_with_repeated_until_the_next_is_asked_for) {
  run([&]() -> awaitable<void> {
    {
      auto outcomes = bulk().run("job", test::jobs(1), options());
      const auto only = co_await outcomes.next();
      BOOST_TEST((only && !only->repeated));
    }
    co_await journal_is_free();
    {
      auto outcomes = bulk().run("job", test::jobs(1), options());
      const auto again = co_await outcomes.next();
      BOOST_TEST((again && again->repeated));
      const auto end = co_await outcomes.next();
      BOOST_TEST(!end.has_value());
    }
    bulk_options report = options();
    report.begin = bulk_begin::report;
    const test::outcomes told = co_await test::all_of(bulk().run("job", bulk_source(), report));
    BOOST_TEST(told.size() == 1u);
  });
}

BOOST_AUTO_TEST_SUITE_END()
