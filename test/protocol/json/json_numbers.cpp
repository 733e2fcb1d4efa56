#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/invocation.hpp>

#include <boost/test/unit_test.hpp>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace mistral::workflows::protocol {
namespace {

boost::json::value read_any(std::string_view text) {
  boost::json::value any;
  BOOST_TEST_REQUIRE(!decode(text, any), text);
  return any;
}

std::optional<std::int64_t> read_int64(const std::string& text) {
  reset_body body;
  if (decode(R"({"event_id":)" + text + "}", body)) return std::nullopt;
  return body.event_id;
}

std::optional<double> read_double(const std::string& text) {
  execute_body body;
  if (decode(R"({"timeout_seconds":)" + text + "}", body)) return std::nullopt;
  return body.timeout_seconds;
}

BOOST_AUTO_TEST_SUITE(json_numbers)

BOOST_AUTO_TEST_CASE(a_million_random_doubles_survive_bit_for_bit) {
  std::mt19937_64 random(20260101);
  for (int batch = 0; batch < 1000; ++batch) {
    boost::json::array sent;
    while (sent.size() < 1000) {
      const double value = std::bit_cast<double>(random());
      if (std::isfinite(value)) sent.push_back(value);
    }
    const boost::json::value read = read_any(encode(boost::json::value(sent)));
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const double wanted = sent[i].get_double(), found = read.at(i).as_double();
      if (std::bit_cast<std::uint64_t>(wanted) != std::bit_cast<std::uint64_t>(found))
        BOOST_TEST_REQUIRE(wanted == found);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_edges_of_int64_and_uint64_survive) {
  constexpr auto low = std::numeric_limits<std::int64_t>::min(),
                 high = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t value :
       {low, low + 1, std::int64_t(-1), std::int64_t(0), (std::int64_t(1) << 53) + 1, high - 1, high}) {
    BOOST_TEST(read_any(std::to_string(value)).as_int64() == value);
    BOOST_TEST(encode(boost::json::value(value)) == std::to_string(value));
    BOOST_TEST(read_int64(std::to_string(value)).value() == value);
  }
  for (const std::uint64_t value : {std::uint64_t(high) + 1, std::numeric_limits<std::uint64_t>::max()}) {
    BOOST_TEST(read_any(std::to_string(value)).as_uint64() == value);
    BOOST_TEST(encode(boost::json::value(value)) == std::to_string(value));
    BOOST_TEST(!read_int64(std::to_string(value)));
  }
}

BOOST_AUTO_TEST_CASE(an_integer_beyond_64_bits_keeps_its_text_or_is_a_problem) {
  for (const std::string text :
       {"18446744073709551616", "-9223372036854775809", "123456789012345678901234567890"}) {
    BOOST_TEST(read_any(text).as_string() == text);
    BOOST_TEST(read_any("[" + text + "]").at(0).as_string() == text);
    BOOST_TEST(!read_int64(text));
  }
}

BOOST_AUTO_TEST_CASE(an_integer_member_takes_integers_in_any_notation_and_no_fraction) {
  const std::pair<const char*, std::int64_t> integers[] = {{"1.0", 1},
                                                           {"1e3", 1000},
                                                           {"1E+3", 1000},
                                                           {"-2.50e1", -25},
                                                           {"1000e-3", 1},
                                                           {"0.0", 0},
                                                           {"-0.0", 0},
                                                           {"0e999999", 0},
                                                           {"0.00e-99999", 0},
                                                           {"1.5e1", 15},
                                                           {"-1e0", -1},
                                                           {"100.00e-2", 1},
                                                           {"9223372036854775807.0", INT64_MAX},
                                                           {"9.223372036854775807e18", INT64_MAX},
                                                           {"-9223372036854775808.000", INT64_MIN}};
  for (const auto& [text, value] : integers) BOOST_TEST(read_int64(text).value() == value, text);
  for (const char* none : {"1.5", "1e-1", "15e-2", "9223372036854775808.0", "1e19", "1e99999999999999999999",
                           "1e-99999999999999999999", "-9223372036854775809.0", "0.1", "9007199254740993.5"})
    BOOST_TEST(!read_int64(none), none);
}

BOOST_AUTO_TEST_CASE(half_of_a_surrogate_pair_is_read_as_the_replacement_character) {
  BOOST_TEST(read_any(R"("a\\ud83d")").as_string() == "a\\ud83d");
  const std::pair<const char*, const char*> texts[] = {
      {R"("a\ud83d\n")", "a\xEF\xBF\xBD\n"},
      {R"("\uD83D\uDE00")", "\xF0\x9F\x98\x80"},
      {R"("\udE00\uD83D")", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {R"("\ud83d\ud83d\ude00")", "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
      {R"("\ud83dA")",
       "\xEF\xBF\xBD"
       "A"},
      {R"("\ud83d\u0041")",
       "\xEF\xBF\xBD"
       "A"},
      {R"("\ud83d\\ude00")", "\xEF\xBF\xBD\\ude00"},
      {R"("\\ud83d \udc00")", "\\ud83d \xEF\xBF\xBD"}};
  for (const auto& [document, text] : texts) BOOST_TEST(read_any(document).as_string() == text, document);
  boost::json::value any;
  for (const char* broken : {R"("\ud83d)", R"("\ud83)", R"("\ud83d\uZZZZ")", R"({"\ud83d":})"})
    BOOST_TEST(decode(std::string_view(broken), any).has_value(), broken);
  BOOST_TEST(read_any(R"({"k\udfff":["\udfff"]})").at("k\xEF\xBF\xBD").at(0).as_string() == "\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(a_number_member_takes_integers_and_fractions) {
  BOOST_TEST(read_double("3").value() == 3.0);
  BOOST_TEST(read_double("3.0").value() == 3.0);
  BOOST_TEST(read_double("18446744073709551615").value() == 18446744073709551615.0);
  BOOST_TEST(read_double("123456789012345678901234567890").value() == 123456789012345678901234567890.0);
  BOOST_TEST(std::signbit(read_double("-0.0").value()));
  BOOST_TEST(std::signbit(read_double("-0").value()));
}

// Boost.JSON's own parse is off by one unit in the last place for some of these.
BOOST_AUTO_TEST_CASE(fractions_are_rounded_correctly) {
  for (const std::string text :
       {"0.1", "2.2250738585072014e-308", "1.7976931348623157e308", "5e-324", "4.9406564584124654e-324",
        "9007199254740993.0", "7.2057594037927933e16", "1.00000000000000011102230246251565",
        "123456789.123456789e-20", "8.98846567431158e307", "6929495644600919.5",
        "3.237883913302901289588352412501532174863e-43"}) {
    const double wanted = std::strtod(text.c_str(), nullptr);
    BOOST_TEST(
        std::bit_cast<std::uint64_t>(read_any(text).as_double()) == std::bit_cast<std::uint64_t>(wanted),
        text);
    BOOST_TEST(
        std::bit_cast<std::uint64_t>(read_double(text).value()) == std::bit_cast<std::uint64_t>(wanted),
        text);
  }
}

BOOST_AUTO_TEST_CASE(what_a_double_cannot_hold_is_not_made_infinite) {
  BOOST_TEST(read_any("1e400").as_string() == "1e400");
  BOOST_TEST(read_any("-1e999999999").as_string() == "-1e999999999");
  BOOST_TEST(!read_double("1e400"));
  BOOST_TEST(read_any("1e-400").as_double() == 0.0);
  BOOST_TEST(std::signbit(read_any("-1e-400").as_double()));
}

BOOST_AUTO_TEST_CASE(a_double_is_written_as_short_as_it_can_be_and_stays_a_double) {
  BOOST_TEST(encode(boost::json::value(3.0)) == "3.0");
  BOOST_TEST(encode(boost::json::value(0.1)) == "0.1");
  BOOST_TEST(encode(boost::json::value(-0.0)) == "-0.0");
  BOOST_TEST(encode(boost::json::value(1e100)) == "1e+100");
  BOOST_TEST(encode(boost::json::value(std::numeric_limits<double>::infinity())) == "null");
}

BOOST_AUTO_TEST_CASE(strings_are_escaped_where_json_demands_it_and_nowhere_else) {
  BOOST_TEST(encode(boost::json::value("a\"b\\c/d\b\f\n\r\t\x01\x1f\x7f\xc3\xa9")) ==
             "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\"");
  BOOST_TEST(read_any(R"("\u0000\ud83d\ude00\/")").as_string() ==
             boost::json::string_view("\0\xf0\x9f\x98\x80/", 6));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows::protocol
