// Batches that pause: because somebody wants it, because nothing can
// be started, because a quota is used up, because the journal is gone.
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>

using namespace mistral::workflows;
using mistral::workflows::testing::fault;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(pausing_batches, test::batches)

BOOST_AUTO_TEST_CASE(a_paused_batch_starts_nothing_until_it_goes_on) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = 2;
    const auto control = options.control;
    const std::vector<bulk_job> jobs = test::jobs(12, "wait");
    test::batch_beside batch(*this, jobs, options);
    co_await batch.until_running(2);
    control.pause("lunch");
    co_await test::until([&] { return control.progress().phase == bulk_phase::paused; });
    BOOST_TEST(control.progress().paused_because == "lunch");
    co_await let_go("nightly", test::keys(1, 2));
    co_await test::until([&] { return control.progress().handed_out == 2; });
    BOOST_TEST(starts() == 2);
    control.set_most_in_flight(10);
    control.go_on();
    co_await batch.until_running(10);
    co_await let_go("nightly", test::keys(3, 12));
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 12u);
  });
}

BOOST_AUTO_TEST_CASE(what_would_hit_every_job_pauses_the_batch_and_costs_no_job_an_attempt) {
  run([&]() -> awaitable<void> {
    auto wrong_key = server.faults().add(fault().on("workflows.execute").answer(401).times(0));
    const bulk_options options = this->options();
    const auto control = options.control;
    test::batch_beside batch(*this, test::jobs(30), options);
    co_await test::until([&] { return control.progress().phase == bulk_phase::paused; });
    BOOST_TEST(control.progress().paused_because.find("401") != std::string::npos);
    BOOST_TEST(control.progress().done == 0u);
    wrong_key.remove();
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 30u);
    for (const auto& [key, outcome] : all) BOOST_TEST(outcome.attempts == 1);
    BOOST_TEST(starts() == 30);
  });
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_one_pauses_the_batch_and_refuses_no_job) {
  std::string key;  // empty, as of a file that is being written
  mistral::workflows::client own(io, supplied([&] { return key; }));
  run([&]() -> awaitable<void> {
    const bulk_options options = this->options();
    const auto control = options.control;
    test::batch_beside batch(io, mistral::workflows::bulk(own), test::jobs(30), options);
    co_await test::until([&] { return control.progress().phase == bulk_phase::paused; });
    BOOST_TEST(control.progress().paused_because.find("api_key_supplier") != std::string::npos);
    BOOST_TEST(control.progress().done == 0u);
    key = "test-key";
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 30u);
    BOOST_TEST(starts() == 30);
  });
}

BOOST_AUTO_TEST_CASE(a_key_supplier_that_fails_pauses_the_batch_whatever_it_throws) {
  const std::vector<std::exception_ptr> failures{
      std::make_exception_ptr(std::runtime_error("the vault is sealed")),
      // As of an operation of the supplier's own: nobody has cancelled the start.
      std::make_exception_ptr(boost::system::system_error(test::asio::error::operation_aborted))};
  int number = 0;
  for (const std::exception_ptr& failure : failures) {
    bool sealed = true;
    mistral::workflows::client own(io, supplied([&] {
                                     if (sealed) std::rethrow_exception(failure);
                                     return std::string("test-key");
                                   }));
    run([&]() -> awaitable<void> {
      bulk_options options = without_journal("batch " + std::to_string(++number));
      options.wait = bulk_wait::start;
      const auto control = options.control;
      test::batch_beside batch(io, mistral::workflows::bulk(own), test::jobs(30), options);
      co_await test::until([&] { return control.progress().phase == bulk_phase::paused; });
      BOOST_TEST(!control.progress().paused_because.empty());
      BOOST_TEST(control.progress().done == 0u);
      sealed = false;
      const test::outcomes all = co_await batch.until_over();
      BOOST_TEST(test::count(all, bulk_status::started) == 30u);
      for (const auto& [key, outcome] : all) BOOST_TEST(outcome.attempts == 1);
    });
  }
  BOOST_TEST(starts() == 60);
}

BOOST_AUTO_TEST_CASE(a_batch_whose_key_supplier_fails_after_the_last_job_says_what_it_could_not_check) {
  bool sealed = false;
  mistral::workflows::client own(io, supplied([&] {
                                   if (sealed) throw std::runtime_error("the vault is sealed");
                                   return std::string("test-key");
                                 }));
  run([&]() -> awaitable<void> {
    bulk_options options = without_journal();
    options.wait = bulk_wait::start;
    const auto control = options.control;
    auto outcomes = mistral::workflows::bulk(own).run("job", test::jobs(1), options);
    const auto first = co_await outcomes.next();
    BOOST_TEST(first.has_value());
    sealed = true;
    server.faults().add(fault().on("runs.list").answer(401));
    const auto last = co_await outcomes.next();
    BOOST_TEST(!last.has_value());
    BOOST_TEST(control.progress().unchecked == "the vault is sealed");
  });
}

BOOST_AUTO_TEST_CASE(a_used_up_quota_pauses_the_batch_until_there_is_more_of_it) {
  run([&]() -> awaitable<void> {
    auto none_left = server.faults().add(fault().on("workflows.execute").answer(402).times(0));
    const bulk_options options = this->options();
    const auto control = options.control;
    test::batch_beside batch(*this, test::jobs(10), options);
    co_await test::until([&] { return control.progress().paused_for_quota; });
    BOOST_TEST((control.progress().phase == bulk_phase::paused));
    none_left.remove();
    control.go_on();
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 10u);
    BOOST_TEST(starts() == 10);
  });
}

BOOST_AUTO_TEST_CASE(a_code_that_the_caller_names_is_a_quota) {
  run([&]() -> awaitable<void> {
    auto none_left = server.faults().add(
        fault().on("workflows.execute").answer(422, "WF_9999", "credits are used up").times(0));
    bulk_options options = this->options();
    options.quota_codes.push_back("WF_9999");
    const auto control = options.control;
    test::batch_beside batch(*this, test::jobs(4), options);
    co_await test::until([&] { return control.progress().paused_for_quota; });
    none_left.remove();
    control.go_on();
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 4u);
  });
}

BOOST_AUTO_TEST_CASE(a_journal_that_cannot_be_written_pauses_the_batch_until_it_can) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = 4;
    const auto control = options.control;
    const std::vector<bulk_job> jobs = test::jobs(12, "wait");
    test::batch_beside batch(*this, jobs, options);
    co_await batch.until_running(4);
    bulk_core::set_failing(*store, true);
    co_await let_go("nightly", test::keys(1, 2));
    co_await test::until([&] { return control.progress().phase == bulk_phase::paused; });
    BOOST_TEST(control.progress().handed_out == 0u);
    BOOST_TEST(starts() == 4);
    bulk_core::set_failing(*store, false);
    // None of the four leaves room for a start that could tell.
    co_await test::until([&] { return control.progress().phase == bulk_phase::running; });
    control.set_most_in_flight(12);
    co_await test::until(
        [&] { return control.progress().handed_out == 2 && control.progress().running == 10; });
    co_await let_go("nightly", test::keys(3, 12));
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 12u);
    BOOST_TEST(starts() == 12);
  });
}

BOOST_AUTO_TEST_CASE(a_batch_whose_journal_is_gone_can_be_left_and_loses_nothing) {
  run([&]() -> awaitable<void> {
    {
      const bulk_options options = this->options();
      const auto control = options.control;
      test::batch_beside batch(*this, test::jobs(1, "wait"), options);
      co_await batch.until_running(1);
      bulk_core::set_failing(*store, true);
      co_await let_go("nightly", test::keys(1, 1));
      co_await test::until([&] { return control.progress().phase == bulk_phase::paused; });
      control.stop(when_stopping::leave);
      const test::outcomes all = co_await batch.until_over();
      BOOST_TEST(test::count(all, bulk_status::left) == 1u);
    }
    bulk_core::set_failing(*store, false);
    co_await journal_is_free();
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(1, "wait"), options()));
    BOOST_TEST(test::count(all, bulk_status::completed) == 1u);
    BOOST_TEST(starts() == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_batch_whose_journal_fails_after_the_last_outcome_can_be_left_as_its_options_say) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.when_stopping = when_stopping::leave;
    const auto control = options.control;
    auto outcomes = bulk().run("job", test::jobs(1), options);
    const auto last = co_await outcomes.next();
    BOOST_TEST((last && last->status == bulk_status::completed));
    co_await test::until([&] { return control.progress().phase == bulk_phase::stopping; });
    bulk_core::set_failing(*store, true);
    bool over = false;
    auto finish = [&]() -> awaitable<void> {
      const auto none = co_await outcomes.next();
      over = !none;
    };
    test::asio::co_spawn(io, finish(), [](std::exception_ptr e) { BOOST_TEST(!e); });
    control.stop();
    co_await test::until([&] { return over; });
  });
}

BOOST_AUTO_TEST_CASE(a_batch_whose_stream_does_not_come_begins_without_it) {
  server.faults().add(fault().on("events.stream").answer(503).times(0));
  run([&]() -> awaitable<void> {
    test::batch_beside batch(*this, test::jobs(3), options());
    // After some seconds: only time can pass here.
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::completed) == 3u);
  });
}

BOOST_AUTO_TEST_CASE(lost_answers_start_no_job_twice) {
  run([&]() -> awaitable<void> {
    server.faults().add(fault().on("workflows.execute").close_after_processing().chance(0.2, 7).times(0));
    server.faults().add(fault().on("workflows.execute").close_before_processing().chance(0.1, 8).times(0));
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(100), options()));
    BOOST_TEST(test::count(all, bulk_status::completed) == 100u);
    BOOST_TEST(starts() == 100);
  });
}

BOOST_AUTO_TEST_CASE(a_server_that_says_429_is_asked_more_slowly_and_no_job_fails) {
  run([&]() -> awaitable<void> {
    server.faults().add(
        fault().on("workflows.execute").answer(429).retry_after(std::chrono::seconds(1)).times(3));
    const bulk_options options = this->options();
    const auto control = options.control;
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(20), options));
    BOOST_TEST(test::count(all, bulk_status::completed) == 20u);
    BOOST_TEST(control.progress().throttled >= 1u);
    BOOST_TEST(control.progress().rate_limit > 0);
  });
}

BOOST_AUTO_TEST_CASE(what_is_wished_before_the_batch_begins_holds_from_its_beginning) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    const auto control = options.control;
    control.pause("not yet");
    control.set_most_in_flight(1);
    test::batch_beside batch(*this, test::jobs(3), options);
    co_await test::until([&] { return control.progress().queued > 0; });
    BOOST_TEST((control.progress().phase == bulk_phase::paused));
    BOOST_TEST(starts() == 0);
    control.go_on();
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(all.size() == 3u);
  });
}

BOOST_AUTO_TEST_CASE(progress_is_told_while_it_changes_and_once_at_the_end) {
  run([&]() -> awaitable<void> {
    std::vector<bulk_phase> phases;
    int behind = 0;
    bulk_options options = this->options();
    options.progress_every = std::chrono::milliseconds(1);
    options.on_progress = [&, control = options.control](const bulk_progress& p) {
      phases.push_back(p.phase);
      const bulk_progress shown = control.progress();
      behind += shown.phase != p.phase || shown.done != p.done ? 1 : 0;
      throw std::runtime_error("it does no harm");
    };
    co_await test::all_of(bulk().run("job", test::jobs(20), options));
    BOOST_TEST(phases.size() >= 2u);
    BOOST_TEST(behind == 0);
    BOOST_TEST((phases.back() == bulk_phase::over));
    BOOST_TEST(std::count(phases.begin(), phases.end(), bulk_phase::over) == 1);
  });
}

BOOST_AUTO_TEST_SUITE_END()
