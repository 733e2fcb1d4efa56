// Batches of endings: after a lost answer every id is looked at,
// a few at once, and only what is known to go on is sent again.
#include "protocol/calls/batch_ending.hpp"
#include "protocol/calls/story.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace calls;
using protocol::batch_answer;
using protocol::batch_ending;
using protocol::batch_fate;
using protocol::batch_wish;
using kind = batch_wish::kind;

namespace {

// A batch of ids without known run ids, at noon of the server's clock.
struct batch {
  explicit batch(std::size_t ids, call_rules rules = within(60s))
      : batch(std::vector<std::optional<std::string>>(ids), rules) {}
  explicit batch(const std::vector<std::optional<std::string>>& runs, call_rules rules = within(60s))
      : machine(runs, rules) {}

  batch_ending machine;
  protocol::call_clock::time_point now{1h};
  std::set<std::size_t> under_way;  ///< looks
  std::size_t most_under_way = 0;
  double random01 = 0;  ///< of back-offs

  protocol::moment at() const { return protocol::moment(now, random01); }
  batch_wish next() { return machine.next(at()); }

  /// Lets it get ready, and gives what it sends.
  std::vector<std::size_t> sends() {
    batch_wish wanted = next();
    if (wanted.what == kind::wait) {
      now = std::max(now, wanted.until);
      wanted = next();
    }
    BOOST_TEST_REQUIRE((wanted.what == kind::prepare));
    wanted = machine.ready(at());
    BOOST_TEST_REQUIRE((wanted.what == kind::send));
    return wanted.ids;
  }
  void lost() {
    request_end end;
    end.reached = reach::sent;
    machine.sent(end, {}, at());
  }
  request_end answer(int status) const {
    request_end end;
    end.reached = reach::answered;
    end.status = status;
    end.json = true;
    end.date = noon + std::chrono::floor<std::chrono::seconds>(now - protocol::call_clock::time_point(1h));
    return end;
  }
  void answered(int status, std::optional<milliseconds> retry_after = {}) {
    request_end end = answer(status);
    end.retry_after = retry_after;
    machine.sent(end, {}, at());
  }
  void all_done(std::size_t ids) {
    machine.sent(answer(200), std::vector<batch_answer>(ids, batch_answer::success), at());
  }

  /// Begins what looks it wishes.
  void begin_looks() {
    for (batch_wish wanted = next(); wanted.what == kind::look || wanted.what == kind::wait;
         wanted = next()) {
      if (wanted.what == kind::wait) now = std::max(now, wanted.until);
      if (wanted.what == kind::look) under_way.insert(wanted.id);
      most_under_way = std::max(most_under_way, under_way.size());
    }
  }
  void shows(std::size_t id, std::chrono::microseconds began, bool terminal = false, std::string run = "A") {
    found_thing thing;
    thing.start_time = noon + began;
    if (!run.empty()) thing.run_id = std::move(run);
    thing.terminal = terminal;
    ended(id, answer(200), thing);
  }
  void ended(std::size_t id, const request_end& end, std::optional<found_thing> thing = {}) {
    BOOST_TEST_REQUIRE(under_way.erase(id) == 1u);
    machine.looked(id, end, thing, now, at());
  }
  void is(std::size_t id, batch_fate fate) { BOOST_TEST((machine.fate(id) == fate), "of id " << id); }
  void is_over() { BOOST_TEST((next().what == kind::end)); }
};

}  // namespace

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

BOOST_AUTO_TEST_CASE(an_id_that_the_answer_does_not_name_has_a_last_look) {
  batch b(2);
  b.sends();
  const std::vector<batch_answer> said{batch_answer::nothing, batch_answer::nothing};
  b.machine.sent(b.answer(200), said, b.at());
  b.begin_looks();
  b.shows(0, -1h);
  b.shows(1, -1h, true);
  b.is_over();
  b.is(0, batch_fate::unknown);
  b.is(1, batch_fate::success);
}

BOOST_AUTO_TEST_CASE(a_failure_told_to_a_repeat_leaves_the_doubt_of_the_first_request) {
  batch b(1);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  b.sends();
  const std::vector<batch_answer> said{batch_answer::failure};
  b.machine.sent(b.answer(200), said, b.at());
  b.begin_looks();
  b.shows(0, -1h);
  b.is_over();
  b.is(0, batch_fate::unknown);
}

BOOST_AUTO_TEST_CASE(attempts_are_counted_for_each_id_and_a_last_look_follows) {
  call_rules rules = within(60s);
  rules.max_attempts = 1;
  batch b(2, rules);
  b.sends();
  b.lost();
  b.begin_looks();
  b.shows(0, -1h);
  b.shows(1, -1h, true);
  b.is_over();
  b.is(0, batch_fate::unknown);
  b.is(1, batch_fate::success);
  BOOST_TEST(b.machine.retries_ended() == retry_end::attempts);
}

BOOST_AUTO_TEST_CASE(a_wait_beyond_the_deadline_is_not_slept_and_what_is_in_doubt_has_a_last_look) {
  batch b(1, within(5s));
  b.sends();
  request_end busy = b.answer(503);
  busy.code = "WF_1200";
  busy.retry_after = 6s;
  b.machine.sent(busy, {}, b.at());
  b.begin_looks();
  BOOST_TEST(b.under_way.size() == 1u);
  b.shows(0, -1h);
  b.is_over();
  b.is(0, batch_fate::unknown);
  batch clear(1, within(5s));
  clear.sends();
  clear.answered(429, 6s);
  clear.is_over();
  clear.is(0, batch_fate::refused);
}

BOOST_AUTO_TEST_CASE(a_look_refused_at_the_gate_is_made_again_and_one_that_needs_another_key_once) {
  batch b(1);
  b.sends();
  b.lost();
  b.begin_looks();
  request_end busy = b.answer(429);
  busy.retry_after = 1s;
  b.ended(0, busy);
  b.begin_looks();
  request_end unauthorized = b.answer(401);
  unauthorized.renewable_key = true;
  b.ended(0, unauthorized);
  const batch_wish again = b.next();
  BOOST_TEST((again.what == kind::look));
  BOOST_TEST(again.renew_key);
  b.under_way.insert(0);
  b.ended(0, unauthorized);
  b.is_over();
  b.is(0, batch_fate::unknown);
}

BOOST_AUTO_TEST_CASE(an_end_leaves_unknown_what_may_have_been_done_and_nothing_else) {
  batch before(1);
  before.sends();
  before.machine.stop(request_end());
  before.is_over();
  before.is(0, batch_fate::refused);
  batch sent(1);
  sent.sends();
  request_end left;
  left.reached = reach::sent;
  sent.machine.stop(left);
  sent.is_over();
  sent.is(0, batch_fate::unknown);
  batch looking(9, within(1s));
  looking.sends();
  looking.lost();
  looking.begin_looks();
  looking.now += 1s;
  looking.is_over();
  looking.is(8, batch_fate::unknown);
}

BOOST_AUTO_TEST_CASE(without_a_token_nothing_more_is_sent_and_what_is_in_doubt_has_a_last_look_at_once) {
  batch b(2);
  b.sends();
  b.random01 = 0.5;
  b.lost();
  BOOST_TEST(b.next().token);
  b.machine.give_up(retry_end::budget);
  const auto now = b.now;
  b.begin_looks();
  BOOST_TEST((b.now == now));
  BOOST_TEST(b.under_way.size() == 2u);
  b.shows(0, -1h);
  b.shows(1, -1h, true);
  b.is_over();
  b.is(0, batch_fate::unknown);
  b.is(1, batch_fate::success);
  BOOST_TEST(b.machine.retries_ended() == retry_end::budget);
  batch clear(1);
  clear.sends();
  clear.machine.unprepared(request_end(), clear.at());
  BOOST_TEST(clear.next().token);
  clear.machine.give_up(retry_end::budget);
  clear.is_over();
  clear.is(0, batch_fate::refused);
}

BOOST_AUTO_TEST_CASE(where_the_gate_opens_too_late_only_looks_under_way_may_still_tell) {
  batch b(1);
  b.sends();
  b.lost();
  b.machine.give_up(retry_end::beyond_deadline);
  b.is_over();
  b.is(0, batch_fate::unknown);
  batch looking(2);
  looking.sends();
  looking.lost();
  looking.begin_looks();
  looking.machine.give_up(retry_end::beyond_deadline);
  looking.shows(0, -1h, true);
  looking.shows(1, -1h);
  looking.is_over();
  looking.is(0, batch_fate::success);
  looking.is(1, batch_fate::unknown);
}

BOOST_AUTO_TEST_SUITE_END()
