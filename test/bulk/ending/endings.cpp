// Ending many executions: which are meant, and that no other run is touched.
#include "bulk/ending/ending_core.hpp"
#include "bulk/run/batch_beside.hpp"
#include "bulk/run/batch_support.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <map>
#include <stdexcept>

using namespace mistral::workflows;
using mistral::workflows::testing::fault;
using test::asio::awaitable;

namespace {

using ended_ids = std::map<std::string, ending_outcome>;

awaitable<ended_ids> all_endings(async_generator<ending_outcome> from) {
  ended_ids out;
  while (auto outcome = co_await from.next()) {
    const std::string id = outcome->target.execution_id;
    BOOST_TEST(out.emplace(id, std::move(*outcome)).second);
  }
  co_return out;
}

/// A batch of jobs that wait, all started.
awaitable<void> start_all(test::batches& with, std::string batch, std::size_t jobs) {
  bulk_options options = with.without_journal(std::move(batch));
  options.wait = bulk_wait::start;
  options.most_in_flight = jobs;
  co_await test::all_of(with.bulk().run("job", test::jobs(jobs, "wait"), options));
}

/// The server's clock.
struct an_hour_ahead : test::batches {
  an_hour_ahead() : batches(true) { server.advance(std::chrono::hours(1)); }
};

execution seen(std::string run, execution_status status, int second = 0) {
  execution out;
  out.run_id = std::move(run);
  out.status = status;
  out.start_time = timestamp(std::chrono::seconds(second));
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(ending_many, test::batches)

BOOST_AUTO_TEST_CASE(the_executions_of_a_batch_are_found_by_its_name_and_ended_with_their_run_ids) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "Nightly Invoices", 20);
    co_await start_all(*this, "nightly", 3);
    const ending_set set = co_await bulk().targets_of("Nightly Invoices");
    BOOST_TEST(set.size() == 20u);
    for (const ending_target& target : set.targets) BOOST_TEST(!target.run_id.empty());
    const ended_ids all = co_await all_endings(bulk().terminate(set));
    BOOST_TEST(all.size() == 20u);
    for (const auto& [id, outcome] : all) {
      BOOST_TEST((outcome.status == ending_status::accepted));
      BOOST_TEST(outcome.found_run_id == outcome.target.run_id);
    }
    BOOST_TEST(server.done("executions.terminate") == 20);
    const auto other = co_await status_of("nightly", "1");
    BOOST_TEST((other == execution_status::running));
  });
}

BOOST_AUTO_TEST_CASE(executions_are_found_by_a_filter_and_asked_to_cancel) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "a", 4);
    run_list_request filter;
    filter.workflow_identifier = "job";
    filter.page_size = 3;
    const ending_set set = co_await bulk().targets(filter);
    BOOST_TEST(set.size() == 4u);
    const ended_ids all = co_await all_endings(bulk().cancel(set));
    BOOST_TEST(all.size() == 4u);
    BOOST_TEST(server.done("executions.cancel") == 4);
  });
}

BOOST_FIXTURE_TEST_CASE(what_began_by_a_clock_that_is_ahead_of_this_machines_is_found, an_hour_ahead) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "a", 3);
    const ending_set set = co_await bulk().targets_of("a");
    BOOST_REQUIRE(set.size() == 3u);
    BOOST_TEST((set.as_of == set.targets.front().start_time));
  });
}

BOOST_AUTO_TEST_CASE(a_run_that_began_after_the_set_was_fixed_is_not_touched) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "a", 2);
    const ending_set set = co_await bulk().targets_of("a");
    const std::string id = bulk_execution_id("a", "1");
    co_await client.executions().terminate(id);
    execute_request again(test::jobs(1, "wait").front().input);
    again.execution_id = id;
    const started_execution newer = co_await client.workflows().execute("job", std::move(again));
    const ended_ids all = co_await all_endings(bulk().terminate(set));
    BOOST_TEST((all.at(id).status == ending_status::another_run));
    BOOST_TEST(all.at(id).found_run_id == *newer.run_id);
    const auto status = co_await status_of("a", "1");
    BOOST_TEST((status == execution_status::running));
    BOOST_TEST((all.at(bulk_execution_id("a", "2")).status == ending_status::accepted));
  });
}

BOOST_AUTO_TEST_CASE(what_has_ended_and_what_is_not_there_are_outcomes) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "a", 1);
    const std::string id = bulk_execution_id("a", "1");
    std::vector<std::string> ids;
    ids.push_back(id);
    ids.push_back("nobody");
    const ending_set set(ids);
    co_await client.executions().terminate(id);
    const ended_ids all = co_await all_endings(bulk().terminate(set));
    BOOST_TEST((all.at(id).status == ending_status::ended));
    BOOST_TEST((all.at("nobody").status == ending_status::missing));
    BOOST_TEST(server.done("executions.terminate") == 1);
  });
}

BOOST_AUTO_TEST_CASE(a_request_without_an_answer_is_unknown) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "a", 3);
    const ending_set set = co_await bulk().targets_of("a");
    server.faults().add(fault().on("executions.terminate").answer(500, "WF_1000").times(0));
    const ended_ids all = co_await all_endings(bulk().terminate(set));
    BOOST_TEST(all.size() == 3u);
    for (const auto& [id, outcome] : all) {
      BOOST_TEST((outcome.status == ending_status::unknown));
      BOOST_TEST(!outcome.error.empty());
    }
  });
}

BOOST_AUTO_TEST_CASE(a_key_supplier_that_fails_is_told_with_each_target_and_hides_none) {
  const std::vector<std::exception_ptr> failures{
      std::make_exception_ptr(std::runtime_error("the vault is sealed")),
      std::make_exception_ptr(boost::system::system_error(test::asio::error::operation_aborted))};
  for (const std::exception_ptr& failure : failures) {
    mistral::workflows::client own(io, supplied([&]() -> std::string { std::rethrow_exception(failure); }));
    run([&]() -> awaitable<void> {
      const ending_set set(std::vector<std::string>{"a", "b", "c"});
      std::optional<ended_ids> all;
      auto endings = mistral::workflows::bulk(own).terminate(set);
      auto consume = [&]() -> awaitable<void> { all = co_await all_endings(std::move(endings)); };
      test::asio::co_spawn(io, consume(), [](std::exception_ptr e) { BOOST_TEST(!e); });
      co_await test::until([&] { return all.has_value(); });
      BOOST_TEST(all->size() == 3u);
      for (const auto& [id, outcome] : *all) {
        BOOST_TEST((outcome.status == ending_status::failed));
        BOOST_TEST(!outcome.error.empty());
        BOOST_TEST(outcome.code.failed());
      }
    });
  }
}

BOOST_AUTO_TEST_CASE(at_most_so_many_are_ended_at_the_same_time) {
  run([&]() -> awaitable<void> {
    co_await start_all(*this, "a", 12);
    const ending_set set = co_await bulk().targets_of("a");
    auto held = server.faults().add(fault().on("executions.get").hold().times(0));
    ending_options options;
    options.at_once = 3;
    auto endings = bulk().terminate(set, options);
    std::optional<ended_ids> all;
    auto consume = [&]() -> awaitable<void> { all = co_await all_endings(std::move(endings)); };
    test::asio::co_spawn(io, consume(), [](std::exception_ptr e) { BOOST_TEST(!e); });
    co_await test::until([&] { return held.struck() == 3; });
    held.release();
    co_await test::until([&] { return all.has_value(); });
    BOOST_TEST(all->size() == 12u);
  });
}

BOOST_AUTO_TEST_CASE(a_batch_is_stopped_by_its_journal_while_another_process_runs_it) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.most_in_flight = 4;
    test::batch_beside batch(*this, test::jobs(4, "wait"), options);
    co_await batch.until_running(4);
    const ending_set set = co_await bulk().targets_of("nightly", journal());
    BOOST_TEST(set.size() == 4u);
    const ended_ids ended = co_await all_endings(bulk().terminate(set));
    BOOST_TEST(ended.size() == 4u);
    const test::outcomes all = co_await batch.until_over();
    BOOST_TEST(test::count(all, bulk_status::terminated) == 4u);
  });
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(verdicts_on_endings)

BOOST_AUTO_TEST_CASE(the_run_that_is_meant_is_ended_and_no_other) {
  const ending_target meant("id", "run-1");
  const timestamp as_of{std::chrono::seconds(100)};
  ending_outcome out(meant, ending_status::accepted);
  BOOST_TEST(!bulk_core::judge_look(meant, as_of, seen("run-1", execution_status::running), out).has_value());
  BOOST_TEST((bulk_core::judge_look(meant, as_of, seen("run-1", execution_status::completed), out) ==
              ending_status::ended));
  BOOST_TEST((bulk_core::judge_look(meant, as_of, seen("run-2", execution_status::running), out) ==
              ending_status::another_run));
  execution nameless = seen("", execution_status::running);
  nameless.run_id.reset();
  BOOST_TEST((bulk_core::judge_look(meant, as_of, nameless, out) == ending_status::unknown));
}

BOOST_AUTO_TEST_CASE(without_a_run_id_the_time_tells) {
  const ending_target meant("id");
  const timestamp as_of{std::chrono::seconds(100)};
  ending_outcome out(meant, ending_status::accepted);
  BOOST_TEST(
      !bulk_core::judge_look(meant, as_of, seen("r", execution_status::running, 100), out).has_value());
  BOOST_TEST((bulk_core::judge_look(meant, as_of, seen("r", execution_status::running, 101), out) ==
              ending_status::another_run));
  BOOST_TEST(out.found_run_id == "r");
}

BOOST_AUTO_TEST_CASE(a_later_run_is_ours_unless_ours_completed_or_was_cancelled) {
  using enum bulk_core::run_after;
  const auto after = [](execution_status status) { return bulk_core::judge_later_run(seen("r", status)); };
  for (const auto status : {execution_status::failed, execution_status::terminated,
                            execution_status::timed_out, execution_status::continued_as_new})
    BOOST_TEST((after(status) == ours));
  for (const auto status : {execution_status::completed, execution_status::canceled})
    BOOST_TEST((after(status) == foreign));
  BOOST_TEST((after(execution_status::running) == unclear));
  BOOST_TEST((bulk_core::judge_later_run(execution()) == unclear));
}

BOOST_AUTO_TEST_CASE(ids_of_a_batch_are_its_slug_and_40_digits) {
  const std::string id = bulk_execution_id("a-b", "key");
  BOOST_TEST(bulk_core::is_of_batch(id, "a-b"));
  BOOST_TEST(!bulk_core::is_of_batch(id, "a"));
  BOOST_TEST(!bulk_core::is_of_batch(id + "0", "a-b"));
  BOOST_TEST(!bulk_core::is_of_batch("a-b-" + std::string(40, 'g'), "a-b"));
  BOOST_TEST(!bulk_core::is_of_batch("", "a-b"));
}

BOOST_AUTO_TEST_SUITE_END()
