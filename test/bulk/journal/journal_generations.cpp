// What every journal promises about resuming, and about generations, held against each store.
#include "bulk/journal/journal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace test;
using wf::journal_begin;
using wf::journal_problem;
using wf::journal_stage;

BOOST_AUTO_TEST_SUITE(journal_generations)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_first_run_and_a_resume_are_refused_where_they_are_not_true, Store, stores) {
  const Store store;
  for (int i = 0; i < 2; ++i) {  // what was refused leaves nothing behind
    const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::resume));
    BOOST_TEST((told.problem == journal_problem::refused));
  }
  BOOST_TEST(!run(store.journal()->open(manifest(), journal_begin::first_run)).resumed);
  const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::first_run));
  BOOST_TEST((told.problem == journal_problem::refused));
  BOOST_TEST(run(store.journal()->open(manifest(), journal_begin::resume)).resumed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_resumed_is_what_was_written, Store, stores) {
  const Store store;
  {
    const auto journal = store.journal();
    const auto state = run(journal->open(manifest(), journal_begin::automatic));
    BOOST_TEST(!state.resumed);
    BOOST_TEST(state.generation == 0u);
    BOOST_TEST(state.epoch == 1u);
    run(journal->claim(job(1)));
    run(journal->claim(job(2)));
    run(journal->started("job-2", "run-2", at_second(1), 1));
    bring_to_end(*journal, 3, true);
    bring_to_end(*journal, 4);
    run(journal->acknowledge(std::vector<std::string>(1, "job-4")));
  }
  const auto journal = store.journal();
  const auto state = run(journal->open(manifest(), journal_begin::automatic));
  BOOST_TEST(state.resumed);
  BOOST_TEST(!state.finished);
  BOOST_TEST(state.generation == 0u);
  BOOST_TEST(state.epoch == 2u);
  BOOST_TEST((state.manifest == manifest()));
  BOOST_TEST(state.intents == 1u);
  BOOST_TEST(state.started == 1u);
  BOOST_TEST(state.done == 1u);
  BOOST_TEST(state.acknowledged == 1u);
  BOOST_TEST(state.failed == 1u);
  BOOST_TEST(run(journal->claim(job(2))).run_id == "run-2");
  BOOST_TEST(run(journal->claim(job(4))).stage == journal_stage::acknowledged);
  BOOST_TEST(!run(journal->claim(job(5))).existed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_batch_is_not_resumed_as_another, Store, stores) {
  const Store store;
  wf::journal_manifest first = manifest();
  first.source_hash = "abc";
  run(store.journal()->open(first, journal_begin::automatic));
  const auto refusal = [&](auto change) {
    wf::journal_manifest other = first;
    change(other);
    const auto told = trouble_of(store.journal()->open(other, journal_begin::automatic));
    BOOST_TEST(told.problem == journal_problem::refused);
    BOOST_TEST(!told.failed_code);
    return told.what;
  };
  const auto says = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  BOOST_TEST(says(refusal([](auto& m) { m.batch = "weekly"; }), "another batch: 'nightly', not 'weekly'"));
  BOOST_TEST(
      says(refusal([](auto& m) { m.workflow = "w"; }), "another workflow: 'support-workflow', not 'w'"));
  BOOST_TEST(says(refusal([](auto& m) { m.options = "{}"; }), "another set of options"));
  BOOST_TEST(says(refusal([](auto& m) { m.source_hash = "abd"; }),
                  "another source (by its hash): 'abc', not 'abd'"));
  BOOST_TEST(says(refusal([](auto& m) { m.batch.clear(); }), "a batch has a name"));
  wf::journal_manifest from_a_pipe = first;
  from_a_pipe.source_hash.clear();
  BOOST_TEST(run(store.journal()->open(from_a_pipe, journal_begin::automatic)).resumed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_finished_batch_is_not_begun_again_by_accident, Store, stores) {
  const Store store;
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    bring_to_end(*journal, 1);
    run(journal->finish());
    run(journal->close());
  }
  const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::automatic));
  BOOST_TEST(told.problem == journal_problem::refused);
  BOOST_TEST(told.says("the batch 'nightly' is finished"));
  const auto report = store.journal();
  BOOST_TEST(run(report->open(manifest(), journal_begin::report)).finished);
  const auto journal = store.journal();
  const auto state = run(journal->open(manifest(), journal_begin::new_generation));
  BOOST_TEST(state.generation == 1u);
  BOOST_TEST(!state.resumed);
  BOOST_TEST(state.done == 0u);
  BOOST_TEST(!run(journal->claim(job(1, 1))).existed);
  BOOST_TEST(only(*journal).execution_id == "job-1-in-1");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_way_to_begin_resumes_what_it_began, Store, stores) {
  const Store store;
  run(store.journal()->open(manifest(), journal_begin::automatic));
  for (const auto begin : {journal_begin::new_generation, journal_begin::retry_failed}) {
    const auto first = run(store.journal()->open(manifest(), begin));
    BOOST_TEST(!first.resumed);
    for (const auto again : {begin, journal_begin::automatic}) {
      const auto state = run(store.journal()->open(manifest(), again));
      BOOST_TEST(state.resumed);
      BOOST_TEST(state.generation == first.generation);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_generation_that_was_the_first_of_its_journal_is_resumed_too, Store,
                              stores) {
  const Store store;
  for (const bool again : {false, true}) {
    const auto journal = store.journal();
    const auto state = run(journal->open(manifest(), journal_begin::new_generation));
    BOOST_TEST(state.resumed == again);
    BOOST_TEST(state.generation == 0u);
    BOOST_TEST(run(journal->claim(job(1))).existed == again);
  }
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::new_generation));
    run(journal->finish());
  }
  const auto state = run(store.journal()->open(manifest(), journal_begin::new_generation));
  BOOST_TEST(!state.resumed);
  BOOST_TEST(state.generation == 1u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_generation_may_mean_something_else, Store, stores) {
  const Store store;
  run(store.journal()->open(manifest(), journal_begin::automatic));
  wf::journal_manifest other = manifest();
  other.workflow = "a-better-workflow";
  BOOST_TEST(run(store.journal()->open(other, journal_begin::new_generation)).generation == 1u);
  BOOST_TEST(
      trouble_of(store.journal()->open(manifest(), journal_begin::automatic)).says("another workflow"));
  BOOST_TEST(
      trouble_of(store.journal()->open(manifest(), journal_begin::retry_failed)).says("another workflow"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_retry_claims_what_failed_and_returns_the_rest, Store, stores) {
  const Store store;
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    bring_to_end(*journal, 1);
    bring_to_end(*journal, 2, true);
    bring_to_end(*journal, 3, true);
    run(journal->acknowledge(std::vector<std::string>(1, "job-2")));
    run(journal->claim(job(4)));
    run(journal->finish());
  }
  const auto journal = store.journal();
  const auto state = run(journal->open(manifest(), journal_begin::retry_failed));
  BOOST_TEST(state.generation == 1u);
  BOOST_TEST(state.failed == 2u);
  const auto kept = run(journal->claim(job(1, 1)));
  BOOST_TEST(kept.existed);
  BOOST_TEST(kept.outcome == "\"good\"");
  BOOST_TEST(kept.execution_id == "job-1-in-0");
  for (const std::uint64_t position : {2, 3}) {
    const auto again = run(journal->claim(job(position, 1)));
    BOOST_TEST(!again.existed);
    BOOST_TEST(again.generation == 1u);
    BOOST_TEST(again.stage == journal_stage::intent);
    BOOST_TEST(again.outcome.empty());
  }
  BOOST_TEST(run(journal->claim(job(3, 1))).existed);
  BOOST_TEST(!run(journal->claim(job(5, 1))).existed);
  // Without an outcome it may be running: it goes on under the id that it has.
  BOOST_TEST(run(journal->claim(job(4, 1))).execution_id == "job-4-in-0");
  run(journal->done("job-4", "4", false, at_second(1)));
  run(journal->done("job-2", "2", false, at_second(1)));
  const auto found = all(*journal);
  BOOST_REQUIRE_EQUAL(found.size(), 5u);
  BOOST_TEST(found[1].execution_id == "job-2-in-1");
  BOOST_TEST(found[1].outcome == "2");
  BOOST_TEST(found[3].generation == 0u);
  BOOST_TEST(found[3].outcome == "4");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_retry_of_a_retry_knows_all_that_went_before, Store, stores) {
  const Store store;
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    bring_to_end(*journal, 1);
    bring_to_end(*journal, 2, true);
    bring_to_end(*journal, 3, true);
    run(journal->finish());
  }
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::retry_failed));
    bring_to_end(*journal, 2, false, 1);
    bring_to_end(*journal, 3, true, 1);
    run(journal->finish());
  }
  const auto journal = store.journal();
  BOOST_TEST(run(journal->open(manifest(), journal_begin::retry_failed)).generation == 2u);
  BOOST_TEST(run(journal->claim(job(1, 2))).execution_id == "job-1-in-0");
  BOOST_TEST(run(journal->claim(job(2, 2))).execution_id == "job-2-in-1");
  BOOST_TEST(run(journal->claim(job(3, 2))).execution_id == "job-3-in-2");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_page_does_not_end_between_two_jobs_that_two_generations_have_at_one_position,
                              Store, stores) {
  const Store store;
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    for (const std::uint64_t position : {1, 2, 3, 4}) bring_to_end(*journal, position, position % 2 == 0);
    run(journal->finish());
  }
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::retry_failed));
  for (const std::uint64_t position : {1, 2}) {  // of a source that has what failed alone
    wf::journal_record again = job(position, 1);
    again.key = "job-" + std::to_string(2 * position);
    run(journal->claim(again));
  }
  std::vector<std::string> keys;
  std::size_t pages = 0;
  for (std::uint64_t after = 0;; ++pages) {
    const auto page = run(journal->records(after, 1, std::nullopt));
    if (page.empty()) break;
    for (const auto& one : page) keys.push_back(one.key);
    after = page.back().position;
  }
  std::ranges::sort(keys);
  const std::vector<std::string> each_once = {"job-1", "job-2", "job-3", "job-4"};
  BOOST_TEST(keys == each_once, boost::test_tools::per_element());
  BOOST_TEST(pages == 3u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_generation_does_not_see_the_ones_before, Store, stores) {
  const Store store;
  {
    const auto journal = store.journal();
    run(journal->open(manifest(), journal_begin::automatic));
    bring_to_end(*journal, 1, true);
    run(journal->finish());
  }
  run(store.journal()->open(manifest(), journal_begin::new_generation));
  const auto journal = store.journal();
  BOOST_TEST(run(journal->open(manifest(), journal_begin::retry_failed)).failed == 0u);
  BOOST_TEST(all(*journal).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_is_reported_or_retried_of_an_empty_journal, Store, stores) {
  const Store store;
  BOOST_TEST(trouble_of(store.journal()->open(manifest(), journal_begin::report))
                 .says("there is nothing to report"));
  const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::retry_failed));
  BOOST_TEST(told.says("there is nothing to retry"));
  BOOST_TEST(!run(store.journal()->open(manifest(), journal_begin::automatic)).resumed);
}

BOOST_AUTO_TEST_SUITE_END()
