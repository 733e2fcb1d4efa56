#include "protocol/calls/retry.hpp"
#include "protocol/calls/retry_budget.hpp"

#include "protocol/calls/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <string>

using namespace mistral::workflows;
using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

attempt_outcome not_sent() { return attempt_outcome(); }

attempt_outcome sent() {
  attempt_outcome o;
  o.reached = reach::sent;
  return o;
}

attempt_outcome answered(int status, std::string code = "", std::optional<std::chrono::milliseconds> retry_after = {}) {
  attempt_outcome o;
  o.reached = reach::answered;
  o.status = status;
  o.code = std::move(code);
  o.retry_after = retry_after;
  return o;
}

constexpr std::array classes{safety::read, safety::repeatable, safety::ending, safety::keyed, safety::once};

// What is done by each class, in the order above: r repeat, l look, s stop.
void expect(const char* what, const attempt_outcome& outcome, std::string_view steps) {
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const next_step step = decide(classes[i], outcome, retry_means()).step;
    const char letter = step == next_step::repeat ? 'r' : step == next_step::look ? 'l' : 's';
    BOOST_TEST(letter == steps[i], what << ", class " << i << ": " << letter << " instead of " << steps[i]);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retry)

BOOST_AUTO_TEST_CASE(each_class_is_repeated_only_where_that_is_safe) {
  expect("could not connect", not_sent(), "rrrrr");
  expect("sent, no answer", sent(), "rrlls");
  expect("408", answered(408), "rrlls");
  expect("429", answered(429), "rrrrr");
  expect("429 with a time", answered(429, "", 1s), "rrrrr");
  expect("500 without a code", answered(500), "rrlls");
  expect("500 unknown", answered(500, "WF_1000"), "rrlls");
  expect("500 platform request", answered(500, "WF_1103"), "rrlls");
  expect("500 event store", answered(500, "WF_1600"), "rrlls");
  expect("500 payload encoding", answered(500, "WF_1302"), "sssss");
  expect("500 with a code of tomorrow", answered(500, "WF_1999"), "rrlls");
  for (const char* lasting : {"WF_1104", "WF_1105", "WF_1200", "WF_1300", "WF_1301", "WF_1400", "WF_1500"})
    expect(lasting, answered(500, lasting), "sssss");
  expect("a schedule's failure with 503", answered(503, "WF_1200"), "rrlls");
  expect("502", answered(502), "rrlls");
  expect("503", answered(503), "rrlls");
  expect("503 with a time, from a load balancer", answered(503, "", 1s), "rrrrr");
  expect("503 with a time, from the service", answered(503, "WF_1200", 1s), "rrlls");
  expect("504", answered(504), "rrlls");
  expect("504 platform request", answered(504, "WF_1103"), "rrlls");
  expect("425, too early", answered(425), "rrrrr");
  for (const int edge : {520, 521, 522, 523, 524, 529, 530})
    expect(std::to_string(edge).c_str(), answered(edge), "rrlls");
  for (const int status : {301, 307, 400, 401, 403, 404, 409, 413, 422, 501, 505})
    expect(std::to_string(status).c_str(), answered(status), "sssss");
}

BOOST_AUTO_TEST_CASE(a_failure_that_would_come_again_is_not_repeated) {
  attempt_outcome bad_certificate = not_sent();
  bad_certificate.permanent = true;
  expect("bad certificate", bad_certificate, "sssss");
  attempt_outcome malformed = sent();
  malformed.permanent = true;
  expect("malformed answer", malformed, "sssss");
}

BOOST_AUTO_TEST_CASE(what_met_a_connection_that_the_server_had_let_go_is_repeated_at_once_if_at_all) {
  attempt_outcome stale = sent();
  stale.stale = true;
  expect("stale connection", stale, "rrlls");
  BOOST_TEST(decide(safety::read, stale, retry_means()).at_once);
  BOOST_TEST(decide(safety::repeatable, stale, retry_means()).at_once);
  BOOST_TEST(!decide(safety::read, sent(), retry_means()).at_once);
  retry_means no_attempts;
  no_attempts.attempts = false;
  BOOST_TEST(!decide(safety::read, stale, no_attempts).at_once);
  attempt_outcome unsent = not_sent();
  unsent.stale = true;
  BOOST_TEST(decide(safety::once, unsent, retry_means()).at_once);
}

BOOST_AUTO_TEST_CASE(a_retry_after_is_obeyed_up_to_the_limit_and_ends_the_call_beyond_it) {
  retry_means left;
  left.max_retry_after = 60s;
  BOOST_TEST((decide(safety::read, answered(429, "", 60s), left).not_before == 60s));
  const retry_decision beyond = decide(safety::read, answered(429, "", 61s), left);
  BOOST_TEST((beyond.step == next_step::stop));
  BOOST_TEST((beyond.ended == retry_end::retry_after));
  BOOST_TEST(!decide(safety::read, answered(429), left).not_before.has_value());
}

BOOST_AUTO_TEST_CASE(a_wait_that_the_server_asks_for_and_the_deadline_forbids_is_not_begun) {
  retry_means left;
  left.time = 5s;
  BOOST_TEST((decide(safety::once, answered(429, "", 5s), left).step == next_step::repeat));
  BOOST_TEST((decide(safety::once, answered(429, "", 6s), left).ended == retry_end::beyond_deadline));
  BOOST_TEST((decide(safety::read, answered(503, "", 6s), left).ended == retry_end::beyond_deadline));
}

BOOST_AUTO_TEST_CASE(attempts_and_budget_end_what_would_be_repeated_and_say_so) {
  retry_means no_attempts;
  no_attempts.attempts = false;
  retry_means no_budget;
  no_budget.budget = false;
  BOOST_TEST((decide(safety::read, sent(), no_attempts).step == next_step::stop));
  BOOST_TEST((decide(safety::read, sent(), no_attempts).ended == retry_end::attempts));
  BOOST_TEST((decide(safety::read, sent(), no_budget).step == next_step::stop));
  BOOST_TEST((decide(safety::read, sent(), no_budget).ended == retry_end::budget));
  BOOST_TEST((decide(safety::once, sent(), no_budget).ended == retry_end::none));
  BOOST_TEST((decide(safety::read, answered(404), no_attempts).ended == retry_end::none));
}

BOOST_AUTO_TEST_CASE(a_look_is_made_also_when_nothing_can_be_sent_again) {
  retry_means spent;
  spent.attempts = false;
  BOOST_TEST((decide(safety::keyed, sent(), spent).step == next_step::look));
  BOOST_TEST((decide(safety::keyed, sent(), spent).ended == retry_end::attempts));
}

BOOST_AUTO_TEST_CASE(what_the_server_can_have_done_follows_from_how_far_the_attempt_got) {
  BOOST_TEST((may_have_acted(not_sent()) == server_action::no));
  BOOST_TEST((may_have_acted(sent()) == server_action::unknown));
  BOOST_TEST((may_have_acted(answered(200)) == server_action::yes));
  BOOST_TEST((may_have_acted(answered(404)) == server_action::no));
  BOOST_TEST((may_have_acted(answered(429)) == server_action::no));
  BOOST_TEST((may_have_acted(answered(500)) == server_action::unknown));
  BOOST_TEST((may_have_acted(answered(503, "", 1s)) == server_action::no));
  BOOST_TEST((may_have_acted(answered(503)) == server_action::unknown));
  BOOST_TEST((may_have_acted(answered(425)) == server_action::no));
  BOOST_TEST((may_have_acted(answered(523)) == server_action::unknown));
}

BOOST_AUTO_TEST_CASE(back_off_doubles_its_ceiling_up_to_the_maximum_and_begins_anew_after_progress) {
  backoff waits(250ms, 1000ms);
  BOOST_TEST((waits.next(0.5) == 125ms));
  BOOST_TEST((waits.next(0.5) == 250ms));
  BOOST_TEST((waits.next(0.5) == 500ms));
  BOOST_TEST((waits.next(0.5) == 500ms));
  BOOST_TEST((waits.next(0.0) == 0ms));
  waits.reset();
  BOOST_TEST((waits.next(0.5) == 125ms));
}

BOOST_AUTO_TEST_CASE(a_budget_allows_a_bucket_full_of_repeats_and_is_refilled_by_success_and_time) {
  const retry_budget::time_point start{1h};
  retry_budget budget(2, 0.5, 10);
  BOOST_TEST(budget.full());
  BOOST_TEST(budget.take(start));
  BOOST_TEST(budget.take(start));
  BOOST_TEST(!budget.take(start));
  budget.succeeded(start);
  BOOST_TEST(!budget.take(start));
  budget.succeeded(start);
  BOOST_TEST(budget.take(start));
  BOOST_TEST(!budget.take(start + 99ms));
  BOOST_TEST(budget.take(start + 100ms));
  budget.succeeded(start + 1h);
  BOOST_TEST(budget.full());
  BOOST_TEST(budget.take(start + 2h));
  BOOST_TEST(budget.take(start + 2h));
  BOOST_TEST(!budget.take(start + 2h));
}

BOOST_AUTO_TEST_CASE(a_budget_without_capacity_refuses_nothing) {
  retry_budget none(0, 0, 0);
  for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(none.take(retry_budget::time_point(1h)));
}

BOOST_AUTO_TEST_SUITE_END()
