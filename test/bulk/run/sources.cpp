// Where jobs come from, and what a source must not give; options that cannot work.
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"
#include "bulk/run/option_checks.hpp"

#include <mistral/workflows/bulk/identity.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <functional>
#include <list>
#include <stdexcept>

using namespace mistral::workflows;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(sources_of_jobs, test::batches)

BOOST_AUTO_TEST_CASE(jobs_come_from_ranges_callbacks_and_generators) {
  run([&]() -> awaitable<void> {
    const std::list<bulk_job> listed = {test::job("a", "echo"), test::job("b", "echo")};
    bulk_source from_list(listed);
    BOOST_TEST((from_list.expected() == 2u));
    const test::outcomes first = co_await test::all_of(bulk().run("job", from_list, without_journal("list")));
    BOOST_TEST(first.size() == 2u);

    int next = 0;
    auto callback = [&]() -> std::optional<bulk_job> {
      if (next == 3) return std::nullopt;
      return test::job(std::to_string(++next), "echo");
    };
    const test::outcomes second =
        co_await test::all_of(bulk().run("job", bulk_source(callback), without_journal("call")));
    BOOST_TEST(second.size() == 3u);

    int pulled = 0;
    auto pull = [&]() -> awaitable<std::optional<bulk_job>> {
      co_await test::asio::post(io, test::asio::use_awaitable);
      if (pulled == 4) co_return std::nullopt;
      co_return test::job(std::to_string(++pulled), "echo");
    };
    async_generator<bulk_job> generator(io.get_executor(), "jobs", pull);
    bulk_source from_generator(std::move(generator));
    const test::outcomes third =
        co_await test::all_of(bulk().run("job", from_generator, without_journal("gen")));
    BOOST_TEST(third.size() == 4u);

    pulled = 0;
    const test::outcomes fourth =
        co_await test::all_of(bulk().run("job", bulk_source(pull), without_journal("wait")));
    BOOST_TEST(fourth.size() == 4u);
  });
}

BOOST_AUTO_TEST_CASE(starts_do_not_wait_for_the_end_of_the_source) {
  run([&]() -> awaitable<void> {
    bool held = true;
    int pulled = 0;
    auto pull = [&]() -> awaitable<std::optional<bulk_job>> {
      if (++pulled == 3) co_await test::until([&] { return !held; });
      if (pulled > 4) co_return std::nullopt;
      co_return test::job(std::to_string(pulled), "echo");
    };
    auto outcomes = bulk().run("job", bulk_source(pull), options());
    co_await outcomes.next();
    co_await outcomes.next();
    BOOST_TEST(starts() == 2);
    held = false;
    const test::outcomes rest = co_await test::all_of(std::move(outcomes));
    BOOST_TEST(rest.size() == 2u);
  });
}

BOOST_AUTO_TEST_CASE(a_key_that_stands_in_the_source_twice_is_an_error_that_names_both_places) {
  std::size_t told = 0;
  const auto e = error_of<invalid_argument>([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(5);
    jobs[4].key = "2";
    auto outcomes = bulk().run("job", std::move(jobs), options());
    while (co_await outcomes.next()) ++told;
  });
  BOOST_TEST(e.field() == "key");
  const std::string text = e.what();
  BOOST_TEST(text.find("at 2 and at 5") != std::string::npos);
  BOOST_TEST(told == 4u);
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_is_an_error_that_says_where) {
  const auto e = error_of<invalid_argument>([&]() -> awaitable<void> {
    std::vector<bulk_job> jobs = test::jobs(3);
    jobs[1].key = std::string(1'001, 'k');
    co_await test::all_of(bulk().run("job", std::move(jobs), options()));
  });
  BOOST_TEST(std::string(e.what()).find("job 2") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_a_source_throws_is_thrown_after_the_outcomes_that_there_are) {
  std::size_t told = 0;
  const auto e = error_of<std::runtime_error>([&]() -> awaitable<void> {
    int next = 0;
    auto callback = [&]() -> std::optional<bulk_job> {
      if (++next == 4) throw std::runtime_error("line 4 is torn");
      return test::job(std::to_string(next), "echo");
    };
    auto outcomes = bulk().run("job", bulk_source(callback), options());
    while (co_await outcomes.next()) ++told;
  });
  BOOST_TEST(std::string(e.what()) == "line 4 is torn");
  BOOST_TEST(told == 3u);
}

BOOST_AUTO_TEST_CASE(a_source_that_waits_does_not_hold_up_a_batch_that_stops) {
  run([&]() -> awaitable<void> {
    int pulled = 0;
    auto pull = [&]() -> awaitable<std::optional<bulk_job>> {
      if (++pulled <= 2) co_return test::job(std::to_string(pulled), "echo");
      test::asio::steady_timer never(io, test::asio::steady_timer::time_point::max());
      co_await never.async_wait(test::asio::use_awaitable);
      co_return std::nullopt;
    };
    const bulk_options options = this->options();
    const auto control = options.control;
    auto outcomes = bulk().run("job", bulk_source(pull), options);
    co_await outcomes.next();
    co_await outcomes.next();
    control.stop();
    const auto end = co_await outcomes.next();
    BOOST_TEST(!end.has_value());
  });
}

BOOST_AUTO_TEST_CASE(a_job_that_its_source_gives_in_spite_of_a_stop_has_an_outcome) {
  const auto stopped_at_second = [&](bulk_options options) -> awaitable<test::outcomes> {
    int pulled = 0;
    // The stop ends its wait for the second job, and it gives it nevertheless.
    auto pull = [&]() -> awaitable<std::optional<bulk_job>> {
      if (++pulled > 2) co_return std::nullopt;
      if (pulled == 2) {
        test::asio::steady_timer never(io, test::asio::steady_timer::time_point::max());
        boost::system::error_code ignored;
        co_await never.async_wait(test::asio::redirect_error(test::asio::use_awaitable, ignored));
      }
      co_return test::job(std::to_string(pulled), "wait");
    };
    test::batch_beside batch(*this, pull, std::move(options));
    co_await test::until([&] { return batch.control.progress().running == 1 && pulled == 2; });
    co_return co_await batch.stopped(when_stopping::leave);
  };
  run([&]() -> awaitable<void> {
    for (const bool journal : {false, true}) {
      bulk_options options = journal ? this->options("with") : without_journal("without");
      const test::outcomes all = co_await stopped_at_second(std::move(options));
      BOOST_TEST(all.size() == 2u);
      BOOST_TEST(test::count(all, bulk_status::left) == 1u);
      BOOST_TEST(test::count(all, bulk_status::not_started) == 1u);
    }
    BOOST_TEST(starts() == 2);
  });
}

BOOST_AUTO_TEST_CASE(what_a_source_must_not_give_and_what_it_throws_is_told_in_spite_of_a_stop) {
  using job_maker = std::function<bulk_job()>;
  const auto stopped_at_second = [&](std::string batch, job_maker second) -> awaitable<std::exception_ptr> {
    int pulled = 0;
    auto pull = [&]() -> awaitable<std::optional<bulk_job>> {
      if (++pulled == 1) co_return test::job("1", "wait");
      test::asio::steady_timer never(io, test::asio::steady_timer::time_point::max());
      boost::system::error_code ignored;
      co_await never.async_wait(test::asio::redirect_error(test::asio::use_awaitable, ignored));
      co_return second();
    };
    bulk_options options = without_journal(batch);
    const auto control = options.control;
    auto outcomes = bulk().run("job", bulk_source(pull), std::move(options));
    std::size_t told = 0;
    bool over = false;
    std::exception_ptr failure;
    auto consume = [&]() -> awaitable<void> {
      while (co_await outcomes.next()) ++told;
    };
    test::asio::co_spawn(io, consume(), [&](std::exception_ptr e) {
      failure = std::move(e);
      over = true;
    });
    co_await test::until([&] { return control.progress().running == 1 && pulled == 2; });
    control.stop(when_stopping::leave);
    co_await test::until([&] { return over; });
    BOOST_TEST(told == 1u);
    BOOST_REQUIRE(static_cast<bool>(failure));
    co_return failure;
  };
  run([&]() -> awaitable<void> {
    const job_maker doubled = [] { return test::job("1", "wait"); };
    const std::exception_ptr first = co_await stopped_at_second("a", doubled);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(first), invalid_argument,
                          [](const invalid_argument& e) { return e.field() == "key"; });
    const job_maker torn = []() -> bulk_job { throw std::runtime_error("line 2 is torn"); };
    const std::exception_ptr second = co_await stopped_at_second("b", torn);
    BOOST_CHECK_THROW(std::rethrow_exception(second), std::runtime_error);
  });
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_refused_before_anything_is_sent) {
  const auto field_of = [&](bulk_options options, std::string workflow = "job") {
    try {
      auto outcomes = bulk().run(std::move(workflow), test::jobs(1), std::move(options));
    } catch (const invalid_argument& e) {
      return e.field();
    }
    return std::string();
  };
  BOOST_TEST(field_of(options(""), "job") == "bulk_options.batch");
  BOOST_TEST(field_of(options(), "") == "workflow");
  bulk_options without = options();
  without.journal = nullptr;
  BOOST_TEST(field_of(without) == "bulk_options.begin");
  without.begin = bulk_begin::resume;
  BOOST_TEST(field_of(without) == "bulk_options.batch_started_after");
  without.begin = bulk_begin::retry_failed;
  BOOST_TEST(field_of(without) == "bulk_options.begin");
  bulk_options none_in_flight = options();
  none_in_flight.most_in_flight = 0;
  BOOST_TEST(field_of(none_in_flight) == "bulk_options.most_in_flight");
  bulk_options backwards = options();
  backwards.starts_per_second = -1;
  BOOST_TEST(field_of(backwards) == "bulk_options.starts_per_second");
  bulk_options restless = options();
  restless.waiting.page_interval = std::chrono::milliseconds(0);
  BOOST_TEST(field_of(restless) == "bulk_options.waiting.page_interval");
  bulk_options nameless = options();
  nameless.waiting.workflow_name.emplace();
  BOOST_TEST(field_of(nameless) == "bulk_options.waiting.workflow_name");
  const bulk_options used = options();
  auto first = bulk().run("job", test::jobs(1), used);
  BOOST_TEST(field_of(used) == "bulk_options.control");
  BOOST_CHECK_THROW(used.control.set_most_in_flight(0), invalid_argument);
  BOOST_CHECK_THROW(used.control.set_starts_per_second(-1), invalid_argument);
  BOOST_TEST(server.counts().requests.empty());
}

BOOST_AUTO_TEST_CASE(a_first_run_with_options_of_its_wait_that_were_mended_is_still_the_first) {
  bulk_options wrong = options();
  wrong.begin = bulk_begin::first_run;
  wrong.waiting.gets_per_second = 0;
  const auto e = error_of<invalid_argument>([&]() -> awaitable<void> {
    co_await test::all_of(bulk().run("job", test::jobs(2), std::move(wrong)));
  });
  BOOST_TEST(e.field() == "bulk_options.waiting.gets_per_second");
  run([&]() -> awaitable<void> {
    bulk_options right = options();
    right.begin = bulk_begin::first_run;
    const test::outcomes all = co_await test::all_of(bulk().run("job", test::jobs(2), std::move(right)));
    BOOST_TEST(test::count(all, bulk_status::completed) == 2u);
  });
}

BOOST_AUTO_TEST_CASE(durations_of_options_that_are_longer_than_a_century_count_as_one) {
  constexpr auto longest = std::chrono::milliseconds::max();
  bulk_options forever = options();
  forever.deadline = forever.probe_after = forever.progress_every = forever.waiting.overdue_after = longest;
  const bulk_options used = bulk_run::checked("job", std::move(forever));
  constexpr std::chrono::milliseconds century = std::chrono::hours(24 * 365 * 100);
  BOOST_TEST((used.deadline == century));
  BOOST_TEST((used.probe_after == century));
  BOOST_TEST((used.progress_every == century));
  BOOST_TEST((used.waiting.overdue_after == century));
}

BOOST_AUTO_TEST_SUITE_END()
