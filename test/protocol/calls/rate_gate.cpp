// The rate gate as a story told on a clock of the test's own.
#include "protocol/calls/rate_gate.hpp"

#include "protocol/http/redact.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

using answer = rate_gate::answer;

constexpr rate_gate::time_point start{1h};
constexpr auto never = rate_gate::time_point::max();

rate_limits limits(double per_second, int burst, int in_flight) {
  rate_limits out;
  out.per_second = per_second;
  out.burst = burst;
  out.in_flight = in_flight;
  return out;
}

struct fixture {
  rate_gate gate{rate_limits()};
  rate_gate::time_point now = start;

  rate_gate::id line_up(waiting_line line = waiting_line::usual) {
    const auto said = gate.arrive(line, never, now);
    BOOST_TEST((said.what == answer::wait));
    return said.request;
  }
  // All that may go now.
  std::vector<rate_gate::id> go() {
    std::vector<rate_gate::id> out;
    while (const auto next = gate.next(now)) {
      BOOST_TEST((next->what == answer::go));
      out.push_back(next->request);
    }
    return out;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(rate_limiting, fixture)

BOOST_AUTO_TEST_CASE(an_open_gate_without_limits_restricts_nothing) {
  BOOST_TEST(gate.unrestricted());
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::go));
  BOOST_TEST(!gate.wake().has_value());
}

BOOST_AUTO_TEST_CASE(
    a_429_holds_everybody_until_its_time_and_then_one_goes_and_twice_as_many_after_each_success) {
  BOOST_TEST(gate.refused(now + 5s, now));
  BOOST_TEST(!gate.unrestricted());
  std::vector<rate_gate::id> line;
  for (int i = 0; i < 20; ++i) line.push_back(line_up());
  BOOST_TEST((gate.wake() == start + 5s));
  BOOST_TEST(go().empty());

  now = start + 5s;
  BOOST_TEST(go() == std::vector<rate_gate::id>({line[0]}));
  gate.done(line[0], true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({line[1], line[2]}));
  gate.done(line[1], true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({line[3], line[4], line[5]}));
  gate.done(line[2], false, now);  // gives its place to one other
  BOOST_TEST(go() == std::vector<rate_gate::id>({line[6]}));
  gate.done(line[3], true, now);
  BOOST_TEST(go().size() == 5u);  // eight may be under way
}

BOOST_AUTO_TEST_CASE(after_enough_successes_the_gate_is_open_for_all) {
  gate.refused(now, now);
  for (int i = 0; i < 8; ++i) {
    BOOST_TEST(!gate.unrestricted());
    const auto said = gate.arrive(waiting_line::usual, never, now);
    BOOST_REQUIRE((said.what == answer::go));
    gate.done(said.request, true, now);
  }
  BOOST_TEST(gate.unrestricted());
}

BOOST_AUTO_TEST_CASE(another_429_closes_it_again_and_what_was_sent_before_does_not_open_it) {
  gate.refused(now, now);
  const auto probe = gate.arrive(waiting_line::usual, never, now).request;
  gate.refused(now + 2s, now);
  gate.done(probe, false, now);
  const auto next = line_up();
  now += 2s;
  BOOST_TEST(go() == std::vector<rate_gate::id>({next}));
  gate.refused(now + 1s, now);
  const auto third = line_up();
  const auto fourth = line_up();
  now += 1s;
  BOOST_TEST(go() == std::vector<rate_gate::id>({third}));
  gate.done(next, true, now);  // of the opening before
  BOOST_TEST(go().empty());
  gate.done(third, true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({fourth}));
}

BOOST_AUTO_TEST_CASE(many_429s_at_once_close_one_gate_until_the_latest_of_their_times) {
  BOOST_TEST(gate.refused(now + 2s, now));
  BOOST_TEST(!gate.refused(now + 3s, now));
  BOOST_TEST(!gate.refused(now + 1s, now));
  line_up();
  BOOST_TEST((gate.wake() == start + 3s));
}

BOOST_AUTO_TEST_CASE(beyond_sixty_seconds_no_gate_closes) {
  BOOST_TEST(!gate.refused(now + 60s + 1ms, now));
  BOOST_TEST(gate.unrestricted());
  BOOST_TEST(gate.refused(now + 60s, now));
}

BOOST_AUTO_TEST_CASE(cancel_and_terminate_go_first_in_their_own_order) {
  gate.refused(now + 1s, now);
  const auto get = line_up();
  const auto cancel = line_up(waiting_line::first);
  const auto terminate = line_up(waiting_line::first);
  now += 1s;
  BOOST_TEST(go() == std::vector<rate_gate::id>({cancel}));
  gate.done(cancel, true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({terminate, get}));
}

BOOST_AUTO_TEST_CASE(what_a_client_asks_by_itself_goes_behind_all_else) {
  gate.refused(now + 1s, now);
  const auto status = line_up(waiting_line::last);
  const auto get = line_up();
  const auto cancel = line_up(waiting_line::first);
  BOOST_TEST(gate.waiting() == 3u);
  now += 1s;
  BOOST_TEST(go() == std::vector<rate_gate::id>({cancel}));
  gate.done(cancel, true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({get, status}));
  BOOST_TEST((gate.arrive(waiting_line::last, never, now).what == answer::wait));
}

BOOST_AUTO_TEST_CASE(a_deadline_before_the_opening_is_refused_at_once_with_the_time) {
  gate.refused(now + 5s, now);
  const auto late = gate.arrive(waiting_line::usual, now + 4s, now);
  BOOST_TEST((late.what == answer::refuse));
  BOOST_TEST((late.opens == start + 5s));
  const auto waits = gate.arrive(waiting_line::usual, now + 6s, now);
  BOOST_TEST((waits.what == answer::wait));
  BOOST_TEST(!gate.next(now).has_value());
  gate.refused(now + 7s, now);  // the one that waits learns that it waits in vain
  const auto told = gate.next(now);
  BOOST_REQUIRE(told.has_value());
  BOOST_TEST(told->request == waits.request);
  BOOST_TEST((told->what == answer::refuse));
  BOOST_TEST((told->opens == start + 7s));
  BOOST_TEST(gate.waiting() == 0u);
}

BOOST_AUTO_TEST_CASE(who_leaves_the_line_costs_nobody_anything) {
  gate.refused(now + 1s, now);
  const auto first = line_up();
  const auto second = line_up();
  BOOST_TEST(gate.leave(first));
  BOOST_TEST(!gate.leave(first));
  now += 1s;
  BOOST_TEST(go() == std::vector<rate_gate::id>({second}));
  BOOST_TEST(!gate.leave(second));
  BOOST_TEST(!gate.wake().has_value());
}

BOOST_AUTO_TEST_CASE(a_long_request_does_not_keep_the_gate_from_opening) {
  gate.refused(now, now);
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::go));
  const auto second = line_up();
  const auto third = line_up();
  BOOST_TEST((gate.wake() == start + rate_gate::patience));
  now += rate_gate::patience;
  BOOST_TEST(go() == std::vector<rate_gate::id>({second}));
  now += rate_gate::patience;
  BOOST_TEST(go() == std::vector<rate_gate::id>({third}));
}

BOOST_AUTO_TEST_CASE(a_rate_is_kept_evenly_after_a_burst) {
  gate = rate_gate(limits(10, 2, 0));
  BOOST_TEST(!gate.unrestricted());
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::go));
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::go));
  const auto third = line_up();
  const auto fourth = line_up();
  BOOST_TEST((gate.wake() == start + 100ms));
  now = start + 99ms;
  BOOST_TEST(go().empty());
  now = start + 100ms;
  BOOST_TEST(go() == std::vector<rate_gate::id>({third}));
  now = start + 200ms;
  BOOST_TEST(go() == std::vector<rate_gate::id>({fourth}));
  now = start + 10s;  // a pause is worth a burst, and no more
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::go));
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::go));
  BOOST_TEST((gate.arrive(waiting_line::usual, never, now).what == answer::wait));
}

BOOST_AUTO_TEST_CASE(no_more_than_the_limit_are_in_flight_and_an_end_of_any_kind_makes_room) {
  gate = rate_gate(limits(0, 1, 2));
  const auto first = gate.arrive(waiting_line::usual, never, now).request;
  const auto second = gate.arrive(waiting_line::usual, never, now).request;
  const auto third = line_up();
  const auto fourth = line_up();
  BOOST_TEST(!gate.wake().has_value());  // only an end makes room, not time
  gate.done(first, false, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({third}));
  gate.done(second, true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({fourth}));
}

BOOST_AUTO_TEST_CASE(where_no_rate_is_set_a_place_that_is_free_is_free_now) {
  gate = rate_gate(limits(0, 2, 0));
  gate.refused(now + 1s, now);
  const auto first = line_up();
  now += 1s;
  const auto second = line_up();  // the gate opens, and nobody has been asked yet
  BOOST_REQUIRE(gate.wake().has_value());
  BOOST_TEST((*gate.wake() >= rate_gate::time_point() && *gate.wake() <= now));
  BOOST_TEST(go() == std::vector<rate_gate::id>({first}));
  gate.done(first, true, now);
  BOOST_TEST(go() == std::vector<rate_gate::id>({second}));
}

BOOST_AUTO_TEST_CASE(a_key_that_a_server_sends_back_is_taken_out) {
  std::string body = R"({"detail":"bad key sk-12345678, not sk-12345678!"})";
  redact(body, "Bearer sk-12345678");
  BOOST_TEST(body == R"({"detail":"bad key [redacted], not [redacted]!"})");
  std::string escaped = R"("ab\/cd\/efgh")";
  redact(escaped, "Bearer ab/cd/efgh");
  BOOST_TEST(escaped == R"("[redacted]")");
  std::string short_key = "okay";
  redact(short_key, "Bearer k");
  BOOST_TEST(short_key == "okay");
}

BOOST_AUTO_TEST_SUITE_END()
