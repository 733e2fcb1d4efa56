#include "protocol/json/date_time.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>

namespace mistral::workflows::protocol {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr timestamp example = sys_days(2025y / 12 / 17) + 10h + 25min + 7s + 818693us;

BOOST_AUTO_TEST_SUITE(json_date_time)

BOOST_AUTO_TEST_CASE(both_forms_that_the_api_sends_are_read_to_the_microsecond) {
  for (const std::string_view text :
       {"2025-12-17T10:25:07.818693Z", "2025-12-17 10:25:07.818693+00:00", "2025-12-17T10:25:07.818693999Z",
        "2025-12-17T12:55:07.818693+02:30", "2025-12-16T23:25:07.818693-11:00",
        "2025-12-17T11:25:07.818693+0100", "2025-12-17T11:25:07.818693+01", "2025-12-17t10:25:07.818693z"})
    BOOST_TEST((parse_timestamp(text) == example), text);
}

BOOST_AUTO_TEST_CASE(a_fraction_has_any_number_of_digits) {
  BOOST_TEST((parse_timestamp("2025-12-17T10:25:07Z") == example - 818693us));
  BOOST_TEST((parse_timestamp("2025-12-17T10:25:07.8Z") == example - 18693us));
  BOOST_TEST((parse_timestamp_ns("2025-12-17T10:25:07.818693123Z") == timestamp_ns(example) + 123ns));
  BOOST_TEST((parse_timestamp("2025-12-17T10:25:07.8186931234Z") == example));
  BOOST_TEST((parse_timestamp("2025-12-17T10:25:07.818693" + std::string(100, '9') + "+00:00") == example));
  BOOST_TEST((parse_timestamp_ns("2025-12-17T10:25:07.8186931239Z") == timestamp_ns(example) + 123ns));
  BOOST_TEST(!parse_timestamp("2025-12-17T10:25:07.Z"));
}

BOOST_AUTO_TEST_CASE(an_instant_without_an_offset_is_in_utc) {
  for (const std::string_view text : {"2025-12-17T10:25:07.818693", "2025-12-17 10:25:07.8186930001"})
    BOOST_TEST((parse_timestamp(text) == example), text);
  BOOST_TEST((parse_timestamp("2025-12-17T10:25:07") == example - 818693us));
}

BOOST_AUTO_TEST_CASE(a_leap_second_is_the_first_second_of_the_next_day_and_stands_nowhere_else) {
  constexpr timestamp next_year = sys_days(2017y / 1 / 1);
  for (const std::string_view text :
       {"2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00", "2016-12-31T18:29:60-05:30",
        "2016-12-31t23:59:60", "2016-12-31 23:59:60.0z"})
    BOOST_TEST((parse_timestamp(text) == next_year), text);
  BOOST_TEST((parse_timestamp("2016-12-31T23:59:60.25Z") == next_year + 250ms));
  for (const std::string_view text :
       {"2016-12-31T22:59:60Z", "2016-12-31T23:58:60Z", "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:61Z",
        "9999-12-31T23:59:60Z"})
    BOOST_TEST(!parse_timestamp(text), text);
}

BOOST_AUTO_TEST_CASE(what_is_no_instant_is_refused) {
  for (const std::string_view text :
       {"", "2025", "2025-12-17", "2025-12-17T10:25:0", "2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z", "2025-01-32T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z",
        "2025-01-01T00:00:60Z", "2025-01-01T00:00:00+24:00", "2025-01-01T00:00:00Zjunk", "2025-1-1T0:0:0Z",
        "2025-01-01_00:00:00Z", "-025-01-01T00:00:00Z", "2025-01-01T00:00:00+1", "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00"})
    BOOST_TEST(!parse_timestamp(text), text);
  BOOST_TEST(!parse_timestamp_ns("2400-01-01T00:00:00Z"));
  BOOST_TEST(!parse_timestamp_ns("1600-01-01T00:00:00Z"));
}

BOOST_AUTO_TEST_CASE(no_other_letter_may_stand_in_the_place_of_a_digit_or_of_what_parts_them) {
  const std::string usual = "2025-12-17T10:25:07.818693Z", both_cases = "TZ";
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (std::size_t at = 0; at < usual.size(); ++at)
    for (int c = 0; c < 256; ++c) {
      std::string text = usual;
      text[at] = static_cast<char>(c);
      const auto read = parse_timestamp(text);
      if (digit(usual[at]) && digit(text[at])) {
        if (read) BOOST_TEST(format_timestamp(*read) == text);
      } else {
        const bool small_letter =
            both_cases.find(usual[at]) != std::string::npos && (c | 32) == (usual[at] | 32);
        const bool one_digit_more = at + 1 == usual.size() && digit(text[at]);
        const bool may = text == usual || small_letter || one_digit_more || (at == 10 && c == ' ');
        BOOST_TEST((read ? *read == example && may : !may), "byte " << c << " at " << at);
      }
    }
}

BOOST_AUTO_TEST_CASE(every_instant_of_the_years_with_four_digits_reads_back_as_it_was_written) {
  constexpr timestamp first = sys_days(0y / 1 / 1), last = sys_days(10'000y / 1 / 1);
  std::mt19937_64 random(11);
  std::uniform_int_distribution<std::int64_t> any(first.time_since_epoch().count(),
                                                  last.time_since_epoch().count() - 1);
  for (int i = 0; i < 10'000; ++i) {
    const timestamp time{microseconds(any(random))};
    BOOST_TEST_REQUIRE((parse_timestamp(format_timestamp(time)) == time), format_timestamp(time));
  }
  BOOST_TEST((parse_timestamp(format_timestamp(first)) == first));
  BOOST_TEST((parse_timestamp(format_timestamp(last - 1us)) == last - 1us));
}

BOOST_AUTO_TEST_CASE(an_instant_is_written_in_utc_with_six_digits) {
  BOOST_TEST(format_timestamp(example) == "2025-12-17T10:25:07.818693Z");
  BOOST_TEST(format_timestamp(timestamp()) == "1970-01-01T00:00:00.000000Z");
  BOOST_TEST(format_timestamp(timestamp() - 1us) == "1969-12-31T23:59:59.999999Z");
  BOOST_TEST(format_timestamp(sys_days(1y / 1 / 1)) == "0001-01-01T00:00:00.000000Z");
}

BOOST_AUTO_TEST_CASE(durations_are_read_in_any_mix_of_weeks_days_and_time) {
  BOOST_TEST((parse_duration("PT4H") == 4h));
  BOOST_TEST((parse_duration("P1DT2H3M4.5S") == 26h + 3min + 4500ms));
  BOOST_TEST((parse_duration("P2W") == 14 * 24h));
  BOOST_TEST((parse_duration("-PT1M") == -1min));
  BOOST_TEST((parse_duration("PT0.000001S") == 1us));
  BOOST_TEST((parse_duration("PT1,5S") == 1500ms));
  BOOST_TEST((parse_duration("PT0S") == 0s));
  BOOST_TEST((parse_duration("PT36H") == 36h));
}

BOOST_AUTO_TEST_CASE(what_has_no_fixed_length_or_is_no_duration_is_refused) {
  for (const std::string_view text :
       {"", "P", "PT", "P1DT", "P1Y", "P1M", "4H", "PT4", "PT4D", "P4H", "PT1M1H", "PT1.5H1M", "PT-1H",
        "PT1H ", "P99999999999999999D", "PT1S1S"})
    BOOST_TEST(!parse_duration(text), text);
}

BOOST_AUTO_TEST_CASE(a_duration_reads_back_as_it_was) {
  BOOST_TEST(format_duration(4h) == "PT4H");
  BOOST_TEST(format_duration(26h + 3min + 4500ms) == "P1DT2H3M4.5S");
  BOOST_TEST(format_duration(0s) == "PT0S");
  BOOST_TEST(format_duration(-1us) == "-PT0.000001S");
  BOOST_TEST(format_duration(48h) == "P2D");
  std::mt19937_64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const duration length(static_cast<std::int64_t>(random() % 2'000'000'000'000'000) -
                          1'000'000'000'000'000);
    BOOST_TEST_REQUIRE((parse_duration(format_duration(length)) == length), format_duration(length));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows::protocol
