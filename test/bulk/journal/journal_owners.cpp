// Who may write to a journal, held against each store.
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

BOOST_AUTO_TEST_SUITE(journal_owners)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_report_reads_while_another_writes_and_writes_nothing, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  bring_to_end(*journal, 1);
  const auto report = store.journal();
  const auto state = run(report->open(manifest(), journal_begin::report));
  BOOST_TEST(state.done == 1u);
  BOOST_TEST(state.epoch == 1u);
  bring_to_end(*journal, 2);
  BOOST_TEST(all(*report).size() == 2u);
  BOOST_TEST(run(report->claim(job(2))).outcome == "\"good\"");
  BOOST_TEST(trouble_of(report->claim(job(3))).says("opened for a report"));
  BOOST_TEST(trouble_of(report->done("job-1", "1", true, at_second(0))).says("opened for a report"));
  run(report->acknowledge(std::vector<std::string>(1, "job-1")));
  run(report->finish());
  run(report->close());
  BOOST_TEST(all(*journal).front().stage == journal_stage::done);
  run(journal->close());
  BOOST_TEST(run(store.journal()->open(manifest(), journal_begin::automatic)).resumed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_journal_that_is_open_is_not_opened_twice, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  const auto told = trouble_of(store.journal()->open(manifest(), journal_begin::automatic));
  BOOST_TEST(told.problem == journal_problem::in_use);
  BOOST_TEST(!told.failed_code);
  BOOST_TEST(trouble_of(journal->open(manifest(), journal_begin::automatic)).says("open already"));
  run(journal->claim(job(1)));
  run(journal->close());
  BOOST_TEST(run(store.journal()->open(manifest(), journal_begin::automatic)).epoch == 2u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_write_of_an_owner_before_is_refused_by_name, Store, stores) {
  const Store store;
  const auto before = store.journal();
  run(before->open(manifest(), journal_begin::automatic));
  run(before->claim(job(1)));
  store.lose_lock();
  const auto after = store.journal();
  BOOST_TEST(run(after->open(manifest(), journal_begin::automatic)).epoch == 2u);
  for (int i = 0; i != 2; ++i) {
    const auto told = trouble_of(before->done("job-1", "1", true, at_second(0)));
    BOOST_TEST(told.problem == journal_problem::taken_over);
    BOOST_TEST(told.failed_code);
    BOOST_TEST(told.says("taken over by "));
  }
  BOOST_TEST(trouble_of(before->finish()).problem == journal_problem::taken_over);
  run(before->close());
  BOOST_TEST(only(*after).stage == journal_stage::intent);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_journal_that_is_not_open_says_so, Store, stores) {
  const Store store;
  const auto journal = store.journal();
  const auto check = [&] {
    BOOST_TEST(trouble_of(journal->claim(job(1))).problem == journal_problem::closed);
    BOOST_TEST(trouble_of(journal->started("a", "b", at_second(0), 1)).problem == journal_problem::closed);
    BOOST_TEST(trouble_of(journal->done("a", "1", false, at_second(0))).problem == journal_problem::closed);
    BOOST_TEST(trouble_of(journal->records(0, 1, std::nullopt)).problem == journal_problem::closed);
    BOOST_TEST(trouble_of(journal->finish()).failed_code);
    run(journal->close());
  };
  check();
  const auto again = store.journal();
  run(again->open(manifest(), journal_begin::automatic));
  run(again->close());
  BOOST_TEST(trouble_of(again->claim(job(1))).problem == journal_problem::closed);
  run(again->close());
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_is_told_and_goes_on_when_it_can) {
  const memory_kind store;
  const auto journal = store.journal();
  run(journal->open(manifest(), journal_begin::automatic));
  run(journal->claim(job(1)));
  store.set_failing(true);
  for (int i = 0; i != 2; ++i) {
    const auto told = trouble_of(journal->claim(job(2)));
    BOOST_TEST(told.problem == journal_problem::failed);
    BOOST_TEST(told.failed_code);
  }
  store.set_failing(false);
  BOOST_TEST(!run(journal->claim(job(2))).existed);
  BOOST_TEST(run(journal->claim(job(1))).existed);
}

BOOST_AUTO_TEST_SUITE_END()
