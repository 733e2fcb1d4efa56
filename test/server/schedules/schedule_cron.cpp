#include "testing/engine/times/calendar.hpp"
#include "testing/engine/times/cron.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace wf = mistral::workflows;
namespace wt = mistral::workflows::testing;
namespace data = boost::unit_test::data;

namespace {

// The values that a field's ranges name, up to `most`: "0 15 30 45".
std::string values(const std::vector<wf::schedule_range>& ranges, std::int64_t most) {
  std::string text;
  for (std::int64_t value = 0; value <= most; ++value)
    for (const auto& range : ranges)
      if (value >= range.start && value <= std::max(range.start, range.end) &&
          (value - range.start) % std::max<std::int64_t>(range.step, 1) == 0) {
        text += (text.empty() ? "" : " ") + std::to_string(value);
        break;
      }
  return text;
}

struct meaning {
  const char* expression;
  const char *minute, *hour, *day_of_month, *month, *day_of_week;

  friend std::ostream& operator<<(std::ostream& out, const meaning& one) { return out << one.expression; }
};

constexpr const char* all_hours = "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23";
constexpr const char* all_days =
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31";
constexpr const char* all_months = "1 2 3 4 5 6 7 8 9 10 11 12";
constexpr const char* all_weekdays = "0 1 2 3 4 5 6";

const std::vector<meaning> good{
    {"*/15 * * * *", "0 15 30 45", all_hours, all_days, all_months, all_weekdays},
    {"5/20 * * * *", "5 25 45", all_hours, all_days, all_months, all_weekdays},
    {"0 9-17/4 * * *", "0", "9 13 17", all_days, all_months, all_weekdays},
    {"0,30 8,20-22 1,15 * *", "0 30", "8 20 21 22", "1 15", all_months, all_weekdays},
    {"0 0 * jan,JUL *", "0", "0", all_days, "1 7", all_weekdays},
    {"0 0 * march-May *", "0", "0", all_days, "3 4 5", all_weekdays},
    {"0 0 * * MON-FRI", "0", "0", all_days, all_months, "1 2 3 4 5"},
    {"0 0 * * 7", "0", "0", all_days, all_months, "0"},
    {"0 0 * * 5-7", "0", "0", all_days, all_months, "0 5 6"},
    {"0 0 * * 0,saturday", "0", "0", all_days, all_months, "0 6"},
    {"  0\t0  1 1   * ", "0", "0", "1", "1", all_weekdays},
    {"@hourly", "0", all_hours, all_days, all_months, all_weekdays},
    {"@daily", "0", "0", all_days, all_months, all_weekdays},
    {"@weekly", "0", "0", all_days, all_months, "0"},
    {"@monthly", "0", "0", "1", all_months, all_weekdays},
    {"@yearly", "0", "0", "1", "1", all_weekdays},
};

const std::vector<const char*> bad{
    "",           "* * * *",    "* * * * * *", "60 * * * *",  "* 24 * * *",    "* * 0 * *",   "* * 32 * *",
    "* * * 13 *", "* * * * 8",  "-1 * * * *",  "*/0 * * * *", "30-10 * * * *", "1-2-3 * * *", "a * * * *",
    "1, * * * *", "*/ * * * *", "* * * ju *",  "@reboot",     "1/2/3 * * * *", "1.5 * * * *", "* * * * sunny",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(schedule_cron)

BOOST_DATA_TEST_CASE(an_expression_names_these_values, data::make(good), expected) {
  const auto read = wt::parse_cron(expected.expression, "cron");
  BOOST_TEST(values(read.second, 59) == "0");
  BOOST_TEST(values(read.minute, 59) == expected.minute);
  BOOST_TEST(values(read.hour, 23) == expected.hour);
  BOOST_TEST(values(read.day_of_month, 31) == expected.day_of_month);
  BOOST_TEST(values(read.month, 12) == expected.month);
  BOOST_TEST(values(read.day_of_week, 7) == expected.day_of_week);
  BOOST_TEST(read.year.empty());
}

BOOST_DATA_TEST_CASE(what_is_no_expression_is_refused_by_its_place, data::make(bad), expression) {
  const auto says_where = [](const wt::schedule_problem& problem) {
    return std::string_view(problem.what()).starts_with("cron_expressions[2]: ");
  };
  BOOST_CHECK_EXCEPTION(wt::parse_cron(expression, "cron_expressions[2]"), wt::schedule_problem, says_where);
}

BOOST_AUTO_TEST_SUITE_END()
