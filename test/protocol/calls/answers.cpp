// What an answer says, by the table of answers, and what a
// call of each class does then while nothing else is in doubt.
#include "protocol/calls/answers.hpp"

#include "protocol/calls/reading.hpp"
#include "protocol/calls/table.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

using namespace mistral::workflows;
using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

request_end answered(int status, std::string code = "",
                     std::optional<std::chrono::milliseconds> retry_after = {}) {
  request_end end;
  end.reached = reach::answered;
  end.status = status;
  end.json = true;
  end.code = std::move(code);
  end.retry_after = retry_after;
  return end;
}

call_identity of(safety repeat) {
  if (repeat == safety::keyed) return call_identity::keyed(proof::time);
  return repeat == safety::ending ? call_identity::ending(std::nullopt) : call_identity(repeat);
}

constexpr std::array classes{safety::read, safety::repeatable, safety::ending, safety::keyed, safety::once};

// By class, in the order above: r repeated, l looked after, e the call ends, d done.
std::string what_follows(const request_end& end) {
  std::string out;
  for (const safety repeat : classes) {
    const call_state next = after(first_state(repeat), read_send(of(repeat), end, false));
    out += is_sending(next) ? 'r' : is_looking(next) ? 'l' : next == call_state::failed ? 'e' : 'd';
  }
  return out;
}

void expect(const char* what, const request_end& end, std::string_view follows, server_action acted) {
  BOOST_TEST(what_follows(end) == follows, what << ": " << what_follows(end) << " instead of " << follows);
  BOOST_TEST((may_have_acted(end) == acted), what);
}

constexpr auto no = server_action::no;
constexpr auto yes = server_action::yes;
constexpr auto unknown = server_action::unknown;

}  // namespace

BOOST_AUTO_TEST_SUITE(call_answers)

BOOST_AUTO_TEST_CASE(each_class_is_repeated_only_where_that_is_safe) {
  expect("200", answered(200), "ddddd", yes);
  expect("425", answered(425), "rrrrr", no);
  expect("429", answered(429), "rrrrr", no);
  expect("429 with a time", answered(429, "", 1s), "rrrrr", no);
  expect("503 with a time, from a load balancer", answered(503, "", 1s), "rrrrr", no);
  expect("503 with a time, from the service", answered(503, "WF_1200", 1s), "rrlle", unknown);
  expect("a schedule's failure with 503", answered(503, "WF_1200"), "rrlle", unknown);
  for (const char* passing : {"", "WF_1000", "WF_1103", "WF_1600", "WF_1999"})
    expect(passing, answered(500, passing), "rrlle", unknown);
  for (const int passing : {408, 502, 503, 504, 520, 521, 522, 523, 524, 529, 530})
    expect(std::to_string(passing).c_str(), answered(passing), "rrlle", unknown);
}

BOOST_AUTO_TEST_CASE(what_lasts_is_the_error_and_where_it_may_have_acted_is_looked_after_once) {
  for (const int status : {301, 307, 400, 401, 403, 404, 405, 409, 413, 422})
    expect(std::to_string(status).c_str(), answered(status), "eeeee", no);
  for (const char* code :
       {"WF_1104", "WF_1105", "WF_1200", "WF_1300", "WF_1301", "WF_1302", "WF_1400", "WF_1500"})
    expect(code, answered(500, code), "eelle", unknown);
  for (const int status : {501, 505})
    expect(std::to_string(status).c_str(), answered(status), "eelle", unknown);
}

BOOST_AUTO_TEST_CASE(how_far_a_request_got_says_the_rest) {
  request_end end;
  expect("not connected", end, "rrrrr", no);
  end.permanent = true;
  expect("bad certificate", end, "eeeee", no);
  end.reached = reach::sent;
  expect("an answer that is no HTTP", end, "eelle", unknown);
  end.permanent = false;
  expect("no answer", end, "rrlle", unknown);
  end.status = 202;
  expect("2xx that breaks off", end, "rrdle", yes);
}

BOOST_AUTO_TEST_CASE(a_404_is_proof_only_as_json_with_the_code_of_what_was_asked_for) {
  const call_identity start = call_identity::keyed(proof::id);
  const call_identity schedule = call_identity::keyed(proof::definition, "WF_1201");
  request_end end = answered(404, "WF_1100");
  BOOST_TEST((read_look(start, end, false, false) == look_answer::absent));
  BOOST_TEST((read_look(schedule, end, false, false) == look_answer::passing));
  BOOST_TEST((read_look(schedule, answered(404, "WF_1201"), false, false) == look_answer::absent));
  BOOST_TEST((read_look(start, answered(404), false, false) == look_answer::passing));
  end.json = false;
  BOOST_TEST((read_look(start, end, false, false) == look_answer::passing));
  end.json = true;
  end.reached = reach::sent;
  BOOST_TEST((read_look(start, end, false, false) == look_answer::passing));
}

BOOST_AUTO_TEST_SUITE_END()
