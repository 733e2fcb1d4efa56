// JSON values into types of the user's, and where an error points.
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/from_json.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace {

enum class colour { red, green };
BOOST_DESCRIBE_ENUM(colour, red, green)

struct base {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(base, (), (id))

struct price {
  double amount = 0;
  std::optional<std::string> currency;
};
BOOST_DESCRIBE_STRUCT(price, (), (amount, currency))

struct ticket : base {
  std::int64_t number = 0;
  std::uint8_t small = 0;
  bool open = false;
  colour paint = colour::red;
  std::vector<price> prices;
  std::list<bool> flags;
  std::map<std::string, std::vector<std::int32_t>> counts;
  std::array<int, 2> pair{};
  std::optional<price> best;
  boost::json::value any;
  mistral::workflows::open_enum<mistral::workflows::execution_status> status;
};
BOOST_DESCRIBE_STRUCT(ticket, (base),
                      (number, small, open, paint, prices, flags, counts, pair, best, any, status))

using mistral::workflows::decode_error;
using mistral::workflows::from_json;

const std::string whole =
    R"({"id":"T-1","number":-9007199254740993,"small":255,"open":true,"paint":"green",)"
    R"("prices":[{"amount":3},{"amount":0.5,"currency":"EUR","newer":1}],"flags":[true,false],)"
    R"("counts":{"a/b~c":[1,2]},"pair":[1,2],"best":null,"any":{"x":1},"status":"NEWER"})";

// The document with one member replaced.
std::string path_with(const std::string& member, const std::string& value) {
  boost::json::object document = boost::json::parse(whole).as_object();
  if (value.empty())
    document.erase(member);
  else
    document[member] = boost::json::parse(value);
  try {
    from_json<ticket>(document, "test.read");
  } catch (const decode_error& e) {
    BOOST_TEST(e.operation() == "test.read");
    return e.path();
  }
  return "(read)";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_json_into_types_of_the_users)

BOOST_AUTO_TEST_CASE(a_described_struct_is_read_with_all_kinds_of_members) {
  const auto read = from_json<ticket>(boost::json::parse(whole));
  BOOST_TEST(read.id == "T-1");
  BOOST_TEST(read.number == -9007199254740993);
  BOOST_TEST(read.small == 255);
  BOOST_TEST(read.open);
  BOOST_TEST((read.paint == colour::green));
  BOOST_REQUIRE(read.prices.size() == 2u);
  BOOST_TEST(read.prices[0].amount == 3.0);
  BOOST_TEST(!read.prices[0].currency.has_value());
  BOOST_TEST(read.prices[1].currency.value() == "EUR");
  BOOST_TEST(read.flags.size() == 2u);
  BOOST_TEST(read.counts.at("a/b~c").at(1) == 2);
  BOOST_TEST(read.pair[1] == 2);
  BOOST_TEST(!read.best.has_value());
  BOOST_TEST(read.any.at("x") == 1);
  BOOST_TEST(read.status.text() == "NEWER");
}

BOOST_AUTO_TEST_CASE(plain_values_are_read_too) {
  BOOST_TEST(from_json<std::string>(boost::json::value("x")) == "x");
  BOOST_TEST(from_json<std::uint64_t>(boost::json::parse("18446744073709551615")) == 18446744073709551615u);
  BOOST_TEST(from_json<std::int64_t>(boost::json::value(std::uint64_t(7))) == 7);
  BOOST_TEST(from_json<boost::json::value>(boost::json::value(nullptr)).is_null());
  BOOST_TEST(!from_json<std::optional<int>>(boost::json::value(nullptr)).has_value());
}

BOOST_AUTO_TEST_CASE(an_error_points_at_what_does_not_fit) {
  BOOST_TEST(path_with("id", "1") == "/id");
  BOOST_TEST(path_with("id", "") == "/id");
  BOOST_TEST(path_with("number", "1.5") == "/number");
  BOOST_TEST(path_with("number", "18446744073709551615") == "/number");
  BOOST_TEST(path_with("small", "256") == "/small");
  BOOST_TEST(path_with("small", "-1") == "/small");
  BOOST_TEST(path_with("open", "null") == "/open");
  BOOST_TEST(path_with("paint", "\"blue\"") == "/paint");
  BOOST_TEST(path_with("prices", "{}") == "/prices");
  BOOST_TEST(path_with("prices", R"([{"amount":1},{"amount":"much"}])") == "/prices/1/amount");
  BOOST_TEST(path_with("prices", R"([{"currency":"EUR"}])") == "/prices/0/amount");
  BOOST_TEST(path_with("flags", "[true,0]") == "/flags/1");
  BOOST_TEST(path_with("counts", R"({"a/b~c":[1,2147483648]})") == "/counts/a~1b~0c/1");
  BOOST_TEST(path_with("counts", "[]") == "/counts");
  BOOST_TEST(path_with("pair", "[1]") == "/pair");
  BOOST_TEST(path_with("best", R"({"amount":[]})") == "/best/amount");
  BOOST_TEST(path_with("best", "") == "(read)");
  BOOST_TEST(path_with("any", "") == "(read)");
  BOOST_TEST(path_with("status", "5") == "/status");
  try {
    from_json<ticket>(boost::json::value(5));
    BOOST_ERROR("a number was read as a struct");
  } catch (const decode_error& e) {
    BOOST_TEST(e.path() == "");
    BOOST_TEST(e.excerpt() == "5");
  }
}

BOOST_AUTO_TEST_SUITE_END()
