// What every journal promises about the records of jobs, held against each store.
#include "bulk/journal/journal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace test;
using wf::journal_begin;
using wf::journal_problem;
using wf::journal_stage;

BOOST_AUTO_TEST_SUITE(journal_records)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_comes_back_as_it_was_written, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  const auto claimed = run(journal->claim(job(7)));
  BOOST_TEST(!claimed.existed);
  BOOST_TEST((only(*journal) == claimed));
  run(journal->started("job-7", "run-1", at_second(3), 2));
  run(journal->done("job-7", R"({"text":"\u0000 and ü"})", true, at_second(9)));
  const auto record = only(*journal);
  BOOST_TEST(record.key == "job-7");
  BOOST_TEST(record.position == 7u);
  BOOST_TEST(record.input_hash == "hash of job-7");
  BOOST_TEST(record.execution_id == "job-7-in-0");
  BOOST_TEST(record.stage == journal_stage::done);
  BOOST_TEST(record.run_id == "run-1");
  BOOST_TEST(record.attempts == 2);
  BOOST_TEST((record.queued == at_second(7)));
  BOOST_TEST((record.started == at_second(3)));
  BOOST_TEST((record.ended == at_second(9)));
  BOOST_TEST(record.outcome == R"({"text":"\u0000 and ü"})");
  BOOST_TEST(record.failed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_key_of_any_bytes_is_a_key, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  const std::string key("it's \0 \"ü\" %_;--", 17);
  const std::string beginning("it's ");
  wf::journal_record wanted = job(1);
  wanted.key = key;
  run(journal->claim(wanted));
  wanted.key = beginning;
  wanted.position = 2;
  BOOST_TEST(!run(journal->claim(wanted)).existed);
  run(journal->done(key, "1", false, at_second(0)));
  const auto found = all(*journal);
  BOOST_REQUIRE_EQUAL(found.size(), 2u);
  BOOST_TEST(found[0].key == key);
  BOOST_TEST(found[0].stage == journal_stage::done);
  BOOST_TEST(found[1].key == beginning);
  BOOST_TEST(found[1].stage == journal_stage::intent);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_claim_of_a_key_that_is_there_writes_nothing_and_tells_what_is, Store,
                              stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  bring_to_end(*journal, 1);
  const auto before = only(*journal);
  wf::journal_record other = job(1);
  other.position = 9;
  other.input_hash = "another";
  auto found = run(journal->claim(other));
  BOOST_TEST(found.existed);
  BOOST_TEST(found.position == 1u);
  BOOST_TEST(found.input_hash == "hash of job-1");
  BOOST_TEST(found.outcome == "\"good\"");
  BOOST_TEST((only(*journal) == before));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stage_never_goes_back, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  bring_to_end(*journal, 1);
  run(journal->started("job-1", "run-late", at_second(300), 9));
  run(journal->done("job-1", "\"another\"", true, at_second(300)));
  BOOST_TEST(only(*journal).outcome == "\"good\"");
  BOOST_TEST(only(*journal).run_id == "run of job-1");
  run(journal->acknowledge(std::vector<std::string>(1, "job-1")));
  run(journal->done("job-1", "\"another\"", true, at_second(300)));
  BOOST_TEST(only(*journal).stage == journal_stage::acknowledged);
  BOOST_TEST(!only(*journal).failed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_outcome_without_a_start_is_an_outcome, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  run(journal->claim(job(1)));
  run(journal->done("job-1", "\"refused\"", true, at_second(1)));
  BOOST_TEST(only(*journal).stage == journal_stage::done);
  BOOST_TEST(!only(*journal).started.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(only_an_outcome_is_acknowledged, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  run(journal->claim(job(1)));
  bring_to_end(*journal, 2);
  const std::vector<std::string> keys = {"job-1", "job-2", "nobody's"};
  run(journal->acknowledge(keys));
  const auto found = all(*journal);
  BOOST_REQUIRE_EQUAL(found.size(), 2u);
  BOOST_TEST(found[0].stage == journal_stage::intent);
  BOOST_TEST(found[1].stage == journal_stage::acknowledged);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_not_claimed_has_no_outcome, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  const auto told = trouble_of(journal->done("job-1", "1", false, at_second(0)));
  BOOST_TEST(told.problem == journal_problem::refused);
  BOOST_TEST(!told.failed_code);
  BOOST_TEST(told.says("the key 'job-1' was not claimed"));
  BOOST_TEST(all(*journal).empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_claim_has_a_key_and_a_position, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  BOOST_TEST(trouble_of(journal->claim(job(0))).says("positions count from 1"));
  wf::journal_record nameless = job(1);
  nameless.key.clear();
  BOOST_TEST(trouble_of(journal->claim(nameless)).says("a key is not empty"));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(records_come_in_order_of_position_a_page_at_a_time, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  for (const std::uint64_t position : {5, 3, 9, 1, 12}) run(journal->claim(job(position)));
  run(journal->done("job-9", "1", false, at_second(0)));
  std::vector<std::uint64_t> seen;
  for (std::uint64_t after = 0;;) {
    const auto page = run(journal->records(after, 2, std::nullopt));
    if (page.empty()) break;
    BOOST_TEST(page.size() <= 2u);
    for (const auto& one : page) seen.push_back(one.position);
    after = page.back().position;
  }
  const std::vector<std::uint64_t> in_order = {1, 3, 5, 9, 12};
  BOOST_TEST(seen == in_order, boost::test_tools::per_element());
  const auto done = run(journal->records(0, 10, journal_stage::done));
  BOOST_REQUIRE_EQUAL(done.size(), 1u);
  BOOST_TEST(done.front().key == "job-9");
}

BOOST_AUTO_TEST_SUITE_END()
