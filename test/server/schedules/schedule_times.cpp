#include "testing/engine/times/schedule_times.hpp"
#include "protocol/json/date_time.hpp"
#include "protocol/json/decode.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

namespace wf = mistral::workflows;
namespace wt = mistral::workflows::testing;
namespace data = boost::unit_test::data;

namespace {

wf::timestamp at(std::string_view text) {
  const auto parsed = wf::protocol::parse_timestamp(text);
  BOOST_REQUIRE_MESSAGE(parsed, text);
  return *parsed;
}

// A definition without its input, as it stands in a request.
wf::schedule_definition definition_of(const std::string& members) {
  wf::schedule_definition made;
  const auto problem = wf::protocol::decode("{\"input\": null, " + members + "}", made);
  BOOST_REQUIRE_MESSAGE(!problem, (problem ? problem->path + ' ' + problem->reason : members));
  return made;
}

std::string short_form(wf::timestamp time) {
  auto text = wf::protocol::format_timestamp(time);
  if (text.ends_with(".000000Z")) text.replace(19, std::string::npos, "Z");
  return text;
}

// The first `count` nominal times after an instant, or fewer if there are no more.
std::vector<std::string> times(const std::string& members, std::string_view after, int count) {
  const wt::schedule_times schedule(definition_of(members), "seed");
  std::vector<std::string> found;
  auto last = at(after);
  while (count-- > 0) {
    const auto next = schedule.next(last);
    if (!next) break;
    last = next->nominal;
    found.push_back(short_form(last));
  }
  return found;
}

struct example {
  const char* what;
  std::string definition;
  const char* after;
  std::vector<std::string> expected;  ///< all there are, if the last is empty

  friend std::ostream& operator<<(std::ostream& out, const example& one) { return out << one.what; }
};

std::string calendar(const std::string& fields) { return R"("calendars": [{)" + fields + "}]"; }
std::string cron(const std::string& expression, const std::string& zone = "") {
  return R"("cron_expressions": [")" + expression + "\"]" +
         (zone.empty() ? "" : R"(, "time_zone_name": ")" + zone + '"');
}

const std::vector<example> examples{
    // calendars
    {"an_empty_calendar_is_midnight_in_utc",
     calendar(""),
     "2026-03-01T12:00:00Z",
     {"2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"}},
    {"a_match_itself_is_not_after_itself", calendar(""), "2026-03-02T00:00:00Z", {"2026-03-03T00:00:00Z"}},
    {"a_fraction_of_a_second_before_is_before",
     calendar(""),
     "2026-03-01T23:59:59.999999Z",
     {"2026-03-02T00:00:00Z"}},
    {"an_end_of_0_is_the_start_alone",
     calendar(R"("hour": [{"start": 5}])"),
     "2026-03-01T00:00:00Z",
     {"2026-03-01T05:00:00Z", "2026-03-02T05:00:00Z"}},
    {"ranges_step",
     calendar(R"("hour": [{"start": 8, "end": 18, "step": 5}], "minute": [{"start": 30}])"),
     "2026-03-01T00:00:00Z",
     {"2026-03-01T08:30:00Z", "2026-03-01T13:30:00Z", "2026-03-01T18:30:00Z", "2026-03-02T08:30:00Z"}},
    {"seconds_count",
     calendar(R"("second": [{"start": 10, "end": 50, "step": 20}])"),
     "2026-03-01T00:00:10Z",
     {"2026-03-01T00:00:30Z", "2026-03-01T00:00:50Z", "2026-03-02T00:00:10Z"}},
    {"day_of_month_and_day_of_week_must_both_match",
     calendar(R"("day_of_month": [{"start": 13}], "day_of_week": [{"start": 5}])"),
     "2026-01-01T00:00:00Z",
     {"2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z", "2026-11-13T00:00:00Z"}},
    {"the_29th_of_february_waits_for_a_leap_year",
     calendar(R"("day_of_month": [{"start": 29}], "month": [{"start": 2}])"),
     "2025-01-01T00:00:00Z",
     {"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
    {"years_end",
     calendar(
         R"("year": [{"start": 2027}], "month": [{"start": 12}], "day_of_month": [{"start": 30, "end": 31}])"),
     "2025-01-01T00:00:00Z",
     {"2027-12-30T00:00:00Z", "2027-12-31T00:00:00Z", ""}},
    {"the_30th_of_february_never_comes",
     calendar(R"("day_of_month": [{"start": 30}], "month": [{"start": 2}])"),
     "2025-01-01T00:00:00Z",
     {""}},
    // cron
    {"cron_on_weekdays",
     cron("30 9 * * MON-FRI"),
     "2026-07-10T10:00:00Z",
     {"2026-07-13T09:30:00Z", "2026-07-14T09:30:00Z"}},
    {"cron_in_a_zone_follows_its_summer",
     cron("0 9 * * *", "Europe/Paris"),
     "2026-03-27T12:00:00Z",
     {"2026-03-28T08:00:00Z", "2026-03-29T07:00:00Z", "2026-03-30T07:00:00Z"}},
    {"a_link_of_the_database_is_a_zone",
     cron("0 9 * * *", "Europe/Vatican"),
     "2026-01-01T00:00:00Z",
     {"2026-01-01T08:00:00Z"}},
    {"half_an_hour_is_an_offset_too",
     cron("0 0 * * *", "Asia/Kolkata"),
     "2026-01-01T00:00:00Z",
     {"2026-01-01T18:30:00Z"}},
    // Clocks in New York go from 2:00 to 3:00 on 8 March 2026, and from 2:00 back to 1:00 on 1 November 2026.
    {"a_time_that_clocks_skip_is_left_out",
     cron("30 2 * * *", "America/New_York"),
     "2026-03-07T00:00:00Z",
     {"2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"}},
    {"the_hours_around_the_gap_are_there",
     cron("30 1,3 * * *", "America/New_York"),
     "2026-03-08T00:00:00Z",
     {"2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z", "2026-03-09T05:30:00Z"}},
    {"the_first_second_after_the_gap_is_there",
     cron("0 3 * * *", "America/New_York"),
     "2026-03-08T00:00:00Z",
     {"2026-03-08T07:00:00Z"}},
    {"a_time_that_clocks_show_twice_is_two",
     cron("30 1 * * *", "America/New_York"),
     "2026-10-31T12:00:00Z",
     {"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-02T06:30:00Z"}},
    {"every_20_minutes_goes_on_through_the_overlap",
     cron("*/20 * * * *", "America/New_York"),
     "2026-11-01T05:20:00Z",
     {"2026-11-01T05:40:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:20:00Z", "2026-11-01T06:40:00Z",
      "2026-11-01T07:00:00Z"}},
    {"every_hour_goes_on_through_the_gap",
     cron("@hourly", "America/New_York"),
     "2026-03-08T05:30:00Z",
     {"2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"}},
    {"half_an_hour_of_gap",
     cron("15 2 * * *", "Australia/Lord_Howe"),
     "2026-10-03T00:00:00Z",
     {"2026-10-04T15:15:00Z"}},
    {"a_day_that_a_zone_left_out",
     cron("0 12 * * *", "Pacific/Apia"),
     "2011-12-29T12:00:00Z",
     {"2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"}},
    // intervals
    {"intervals_count_from_the_epoch",
     R"("intervals": [{"every": "PT4H"}])",
     "2026-03-01T01:00:00Z",
     {"2026-03-01T04:00:00Z", "2026-03-01T08:00:00Z"}},
    {"an_offset_shifts_them",
     R"("intervals": [{"every": "PT1H", "offset": "PT19M"}])",
     "2026-03-01T01:19:00Z",
     {"2026-03-01T02:19:00Z"}},
    {"intervals_know_no_zone",
     R"("intervals": [{"every": "P1D"}], "time_zone_name": "Asia/Tokyo")",
     "2026-03-01T01:00:00Z",
     {"2026-03-02T00:00:00Z"}},
    {"an_interval_before_1970",
     R"("intervals": [{"every": "PT1H"}])",
     "1969-12-31T22:30:00Z",
     {"1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"}},
    {"an_interval_may_have_a_fraction",
     R"("intervals": [{"every": "PT1.5S"}])",
     "1970-01-01T00:00:00Z",
     {"1970-01-01T00:00:01.500000Z", "1970-01-01T00:00:03Z"}},
    // together
    {"a_union_counts_what_is_in_both_once",
     R"("intervals": [{"every": "PT12H"}], "cron_expressions": ["0 0,6 * * *"], "calendars": [{"hour": [{"start": 6}]}])",
     "2026-03-01T00:00:00Z",
     {"2026-03-01T06:00:00Z", "2026-03-01T12:00:00Z", "2026-03-02T00:00:00Z", "2026-03-02T06:00:00Z"}},
    {"skip_is_taken_out_of_all",
     R"("intervals": [{"every": "PT6H"}], "skip": [{"hour": [{"start": 6, "end": 12}], "day_of_week": [{"start": 1}]}])",
     "2026-03-01T18:00:00Z",
     {"2026-03-02T00:00:00Z", "2026-03-02T18:00:00Z", "2026-03-03T00:00:00Z"}},
    {"skip_is_in_the_zone_too",
     R"("intervals": [{"every": "PT1H"}], "time_zone_name": "Asia/Tokyo", "skip": [{"hour": [{"start": 10}]}])",
     "2026-03-01T00:00:00Z",
     {"2026-03-01T02:00:00Z"}},
    {"start_at_is_included",
     R"("intervals": [{"every": "PT1H"}], "start_at": "2026-03-02T00:00:00Z")",
     "2026-03-01T00:00:00Z",
     {"2026-03-02T00:00:00Z"}},
    {"end_at_is_included",
     R"("intervals": [{"every": "PT1H"}], "end_at": "2026-03-01T02:00:00Z")",
     "2026-03-01T00:00:00Z",
     {"2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z", ""}},
    {"no_times_at_all", R"("calendars": [])", "2026-03-01T00:00:00Z", {""}},
};

struct refusal {
  std::string definition;
  const char* where;

  friend std::ostream& operator<<(std::ostream& out, const refusal& one) { return out << one.definition; }
};

const std::vector<refusal> refusals{
    {calendar(R"("second": [{"start": 60}])"), "calendars[0].second[0]"},
    {calendar(R"("minute": [{"start": -1}])"), "calendars[0].minute[0]"},
    {calendar(R"("hour": [{"start": 1}, {"start": 5, "end": 24}])"), "calendars[0].hour[1]"},
    {calendar(R"("hour": [{"start": 5, "end": 3}])"), "calendars[0].hour[0]"},
    {calendar(R"("day_of_month": [{"start": 0}])"), "calendars[0].day_of_month[0]"},
    {calendar(R"("month": [{"start": 13}])"), "calendars[0].month[0]"},
    {calendar(R"("year": [{"start": 1999}])"), "calendars[0].year[0]"},
    {calendar(R"("day_of_week": [{"start": 7}])"), "calendars[0].day_of_week[0]"},
    {calendar(R"("hour": [{"start": 1, "step": -1}])"), "calendars[0].hour[0]"},
    {R"("skip": [{}, {"hour": [{"start": 30}]}])", "skip[1].hour[0]"},
    {cron(""), "cron_expressions[0]"},
    {cron("0 9 * * *", "Mars/Olympus"), "time_zone_name"},
    {cron("0 9 * * *", "../etc/passwd"), "time_zone_name"},
    {R"("intervals": [{"every": "PT0.5S"}])", "intervals[0].every"},
    {R"("intervals": [{"every": "PT1H", "offset": "PT1H"}])", "intervals[0].offset"},
    {R"("intervals": [{"every": "PT1H", "offset": "-PT1M"}])", "intervals[0].offset"},
    {R"("jitter": "-PT1S")", "jitter"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(schedule_times)

BOOST_DATA_TEST_CASE(the_next_times_after, data::make(examples), one) {
  auto expected = one.expected;
  auto count = static_cast<int>(expected.size());
  if (expected.back().empty()) expected.pop_back();
  const auto found = times(one.definition, one.after, count);
  BOOST_TEST(found == expected, boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(what_cannot_be_is_refused_by_its_place, data::make(refusals), one) {
  const auto says_where = [&](const wt::schedule_problem& problem) {
    BOOST_TEST_INFO(problem.what());
    return std::string_view(problem.what()).starts_with(std::string(one.where) + ": ");
  };
  BOOST_CHECK_EXCEPTION(wt::schedule_times(definition_of(one.definition), "seed"), wt::schedule_problem,
                        says_where);
}

BOOST_AUTO_TEST_CASE(jitter_is_between_0_and_its_length_and_always_the_same) {
  const auto definition = definition_of(R"("intervals": [{"every": "PT1H"}], "jitter": "PT10M")");
  const wt::schedule_times schedule(definition, "a"), same(definition, "a"), other(definition, "b");
  std::set<wf::duration> seen;
  int different = 0;
  auto last = at("2026-03-01T00:00:00Z");
  for (int i = 0; i < 200; ++i) {
    const auto next = schedule.next(last);
    BOOST_REQUIRE(next);
    BOOST_TEST((next == same.next(last)));
    if (next != other.next(last)) ++different;
    const auto late = next->due - next->nominal;
    BOOST_TEST((late >= wf::duration(0) && late <= std::chrono::minutes(10)));
    seen.insert(late);
    last = next->nominal;
  }
  BOOST_TEST(seen.size() > 190u);
  BOOST_TEST(different > 190);
  BOOST_TEST((*seen.begin() < std::chrono::minutes(1) && *seen.rbegin() > std::chrono::minutes(9)));
}

BOOST_AUTO_TEST_CASE(jitter_does_not_reach_the_next_time) {
  const wt::schedule_times schedule(definition_of(R"("intervals": [{"every": "PT10S"}], "jitter": "P1D")"),
                                    "a");
  auto last = at("2026-03-01T00:00:00Z");
  for (int i = 0; i < 200; ++i) {
    const auto next = schedule.next(last);
    BOOST_REQUIRE(next);
    BOOST_TEST((next->due >= next->nominal && next->due < next->nominal + std::chrono::seconds(10)));
    last = next->nominal;
  }
}

BOOST_AUTO_TEST_SUITE_END()
