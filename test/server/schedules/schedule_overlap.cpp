#include "testing/engine/times/overlap.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace wf = mistral::workflows;
namespace wt = mistral::workflows::testing;
namespace data = boost::unit_test::data;

namespace {

// Starts by their number; 10 and more override the policy by their tens: 42 is start 2 with policy 4.
wt::due_start due(int number) {
  std::optional<wf::schedule_overlap> own;
  if (number >= 10) own = static_cast<wf::schedule_overlap>(number / 10);
  return wt::due_start(wf::timestamp(std::chrono::seconds(number)), false, own);
}

std::string number(const wt::due_start& one) {
  return std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(one.scheduled_at.time_since_epoch()).count());
}

struct example {
  int policy;
  bool running;
  std::vector<int> due;
  const char* expected;  ///< "beside 1, alone 2, later 3, cancel, terminate"

  friend std::ostream& operator<<(std::ostream& out, const example& one) {
    out << "policy " << one.policy << (one.running ? " running" : " idle");
    for (const int start : one.due) out << ' ' << start;
    return out;
  }
};

const std::vector<example> examples{
    {1, false, {1}, "alone 1"},
    {1, true, {1}, ""},
    {1, false, {1, 2, 3}, "alone 1"},
    {2, true, {1}, "later 1"},
    {2, true, {1, 2}, "later 1"},
    {2, false, {1, 2, 3}, "alone 1, later 2"},
    {3, true, {1, 2}, "later 1, later 2"},
    {3, false, {1, 2, 3}, "alone 1, later 2, later 3"},
    {4, true, {1}, "later 1, cancel"},
    {4, false, {1}, "alone 1"},
    {4, false, {1, 2, 3}, "alone 3"},
    {5, true, {1}, "later 1, terminate"},
    {5, false, {1, 2}, "alone 2"},
    {6, true, {1, 2}, "beside 1, beside 2"},
    {6, false, {1}, "beside 1"},
    // A trigger with a policy of its own.
    {1, true, {1, 62}, "beside 62"},
    {1, true, {32, 1}, "later 32"},
    {6, true, {1, 52}, "beside 1, later 52, terminate"},
    {3, true, {1, 42}, "later 1, later 42, cancel"},
    {3, false, {1, 22}, "alone 1, later 22"},
    {3, true, {1, 22}, "later 1"},
    {1, false, {}, ""},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(schedule_overlap)

BOOST_DATA_TEST_CASE(starts_that_meet_what_runs, data::make(examples), one) {
  std::vector<wt::due_start> starts;
  for (const int each : one.due) starts.push_back(due(each));
  const auto decided = wt::decide_overlap(starts, one.running, static_cast<wf::schedule_overlap>(one.policy));
  std::string told;
  const auto tell = [&](const std::string& what) { told += (told.empty() ? "" : ", ") + what; };
  for (const auto& each : decided.beside) tell("beside " + number(each));
  if (decided.alone) tell("alone " + number(*decided.alone));
  for (const auto& each : decided.later) tell("later " + number(each));
  if (decided.cancel) tell("cancel");
  if (decided.terminate) tell("terminate");
  BOOST_TEST(told == one.expected);
}

BOOST_AUTO_TEST_SUITE_END()
