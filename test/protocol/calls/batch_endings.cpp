// Batches of endings: after a lost answer every id is looked at,
// a few at once, and only what is known to go on is sent again.
#include "protocol/calls/batch_story.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <set>
#include <vector>

using namespace calls;
using kind = batch_wish::kind;

BOOST_AUTO_TEST_SUITE(call_batch_endings)

BOOST_AUTO_TEST_CASE(an_answered_batch_takes_one_request_and_no_look) {
  batch b(3);
  BOOST_TEST(b.sends().size() == 3u);
  const std::vector<batch_answer> said{batch_answer::success, batch_answer::failure, batch_answer::success};
  b.machine.sent(b.answer(200), said, b.at());
  b.is_over();
  b.is(0, batch_fate::success);
  b.is(1, batch_fate::refused);
  b.is(2, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(what_cannot_have_acted_is_sent_again_without_a_look) {
  batch b(2);
  b.sends();
  b.answered(503, 2s);
  const batch_wish waits = b.next();
  BOOST_TEST((waits.what == kind::wait));
  BOOST_TEST((waits.why == wait_reason::retry_after));
  BOOST_TEST((waits.until == b.now + 2s));
  BOOST_TEST(b.sends().size() == 2u);
  b.machine.unprepared(request_end(), b.at());
  BOOST_TEST(b.sends().size() == 2u);
  b.all_done(2);
  b.is_over();
}

BOOST_AUTO_TEST_CASE(of_a_hundred_ids_at_most_eight_are_looked_at_at_once) {
  batch b(100);
  b.sends();
  b.lost();
  std::size_t looked_at = 0;
  for (b.begin_looks(); !b.under_way.empty(); b.begin_looks()) {
    b.shows(*b.under_way.begin(), -1h, true);
    ++looked_at;
  }
  BOOST_TEST(b.most_under_way == 8u);
  BOOST_TEST(looked_at == 100u);
  b.is_over();
  b.is(99, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(only_ids_whose_run_goes_on_are_sent_again_and_what_is_not_decided_is_unknown) {
  batch b(6);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);        // goes on
  b.shows(1, -1h, true);  // has ended
  b.shows(2, 2s);         // a newer run: the other has ended
  b.shows(3, -200ms);     // within a second of that of Date
  b.ended(4, b.answer(503));
  request_end gone = b.answer(404);
  gone.code = "WF_1100";
  b.ended(5, gone);
  BOOST_TEST((b.sends() == std::vector<std::size_t>{0}));
  b.all_done(1);
  b.is_over();
  b.is(0, batch_fate::success);
  b.is(1, batch_fate::success);
  b.is(2, batch_fate::success);
  b.is(3, batch_fate::unknown);
  b.is(4, batch_fate::unknown);
  b.is(5, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(a_run_id_of_an_item_decides) {
  batch b({"A", "A"});
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, 10ms, false, "A");
  b.shows(1, 10ms, false, "B");
  BOOST_TEST((b.sends() == std::vector<std::size_t>{0}));
  b.is(1, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(a_run_that_began_while_the_machine_slept_is_left_alone) {
  batch b(1);
  b.sends();
  b.lost();
  b.slept = 10min;
  b.begin_looks();
  b.shows(0, 5min);
  b.is_over();
  b.is(0, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(the_clock_of_an_id_is_that_of_its_earliest_request_in_doubt) {
  batch b(1);
  b.sends();
  b.now += 3s;
  b.lost();
  b.begin_looks();
  b.shows(0, -1h, false, "");
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, 2500ms, false, "");
  b.is_over();
  b.is(0, batch_fate::success);
  batch later(1);
  later.sends();
  later.answered(429);
  later.now += 5s;
  later.sends();
  later.lost();
  later.begin_looks();
  later.shows(0, 1500ms);
  BOOST_TEST(later.sends().size() == 1u);
}

BOOST_AUTO_TEST_CASE(ids_go_again_in_portions_so_that_no_look_is_a_second_old) {
  batch b(24);
  b.sends();
  b.lost();
  b.begin_looks();
  b.now += 100ms;
  for (std::size_t id = 0; id < 8; ++id) b.shows(id, -1h);
  b.begin_looks();
  b.now += 500ms;
  for (std::size_t id = 8; id < 16; ++id) b.shows(id, -1h);
  BOOST_TEST(b.sends().size() == 16u);
  b.all_done(16);
  b.begin_looks();
  BOOST_TEST(b.under_way.size() == 8u);
}

BOOST_AUTO_TEST_CASE(an_id_whose_look_has_become_too_old_is_looked_at_again_before_it_goes) {
  batch b(2);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  b.now += 600ms;
  b.shows(1, -1h);
  BOOST_TEST((b.next().what == kind::prepare));
  b.now += 401ms;
  const batch_wish sent = b.machine.ready(b.at());
  BOOST_TEST((sent.ids == std::vector<std::size_t>{1}));
  b.all_done(1);
  b.begin_looks();
  BOOST_TEST((b.under_way == std::set<std::size_t>{0}));
}

BOOST_AUTO_TEST_CASE(a_look_under_way_holds_up_no_portion_that_becomes_old) {
  batch b(2);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  const batch_wish idle = b.next();
  BOOST_TEST((idle.what == kind::report));
  BOOST_TEST((idle.until == b.now + 500ms));
  b.now = idle.until;
  BOOST_TEST((b.sends() == std::vector<std::size_t>{0}));
}

BOOST_AUTO_TEST_CASE(after_a_429_in_doubt_every_id_is_looked_at_again) {
  batch b(1);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  b.sends();
  b.answered(429);
  b.begin_looks();
  BOOST_TEST(b.under_way.size() == 1u);
  b.shows(0, 2s, false, "B");
  b.is_over();
  b.is(0, batch_fate::success);
}

BOOST_AUTO_TEST_SUITE_END()
