#include "testing/server/message/router.hpp"
#include "testing/server/operations/operations.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <set>

namespace wft = mistral::workflows::testing;
using outcome = wft::routing::outcome;

namespace {

constexpr std::array<wft::route, 5> table{{
    {"get", "GET", "/v1/workflows/{name}"},
    {"runs", "GET", "/v1/workflows/runs"},
    {"archive", "PUT", "/v1/workflows/archive"},
    {"cancel", "POST", "/v1/workflows/executions/{id}/cancel"},
    {"batch", "POST", "/v1/workflows/executions/cancel"},
}};

wft::routing find(std::string_view method, std::string_view path) {
  return wft::find_route(table, method, path);
}

std::string_view name_of(const wft::routing& found) {
  return found.result == outcome::found ? table[found.index].operation : std::string_view("none");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(routing)

BOOST_AUTO_TEST_CASE(an_encoded_slash_stays_in_its_segment) {
  const wft::routing found = find("POST", "/v1/workflows/executions/a%2Fb%20c%3Fd%23e/cancel");
  BOOST_TEST(name_of(found) == "cancel");
  BOOST_REQUIRE_EQUAL(found.values.size(), 1u);
  BOOST_TEST(found.values[0] == "a/b c?d#e");
}

BOOST_AUTO_TEST_CASE(a_plus_in_a_path_is_a_plus) {
  BOOST_TEST(find("GET", "/v1/workflows/a+b").values.at(0) == "a+b");
}

BOOST_AUTO_TEST_CASE(a_literal_segment_wins_over_a_parameter) {
  BOOST_TEST(name_of(find("GET", "/v1/workflows/runs")) == "runs");
}

BOOST_AUTO_TEST_CASE(a_literal_of_another_method_leaves_the_path_to_the_parameter) {
  const wft::routing found = find("GET", "/v1/workflows/archive");
  BOOST_TEST(name_of(found) == "get");
  BOOST_TEST(found.values.at(0) == "archive");
}

BOOST_AUTO_TEST_CASE(an_empty_segment_is_no_parameter) {
  BOOST_TEST((find("POST", "/v1/workflows/executions//cancel").result == outcome::not_found));
  BOOST_TEST((find("GET", "/v1/workflows/").result == outcome::not_found));
}

BOOST_AUTO_TEST_CASE(a_known_path_with_another_method_names_the_methods_it_knows) {
  const wft::routing found = find("DELETE", "/v1/workflows/archive");
  BOOST_TEST((found.result == outcome::method_not_allowed));
  BOOST_TEST(found.allow == "GET, PUT");
}

BOOST_AUTO_TEST_CASE(a_percent_sign_without_two_digits_is_refused) {
  for (const char* path : {"/v1/workflows/%", "/v1/workflows/%2", "/v1/workflows/a%zz", "/v1/workflows/%2g"})
    BOOST_TEST((find("GET", path).result == outcome::bad_path), path);
}

BOOST_AUTO_TEST_CASE(the_bytes_of_an_encoded_segment_arrive_as_they_are) {
  BOOST_TEST(wft::percent_decode("%00%ff%C3%a4").value() == std::string("\0\xff\xc3\xa4", 4));
  BOOST_TEST(wft::percent_decode("a+b", true).value() == "a b");
}

BOOST_AUTO_TEST_CASE(no_two_operations_share_a_name_or_a_route) {
  std::set<std::string_view> names;
  std::set<std::pair<std::string_view, std::string_view>> routes;
  for (const wft::route& row : wft::all_routes()) {
    BOOST_TEST(names.insert(row.operation).second, row.operation);
    BOOST_TEST(routes.emplace(row.method, row.pattern).second, row.pattern);
  }
}

BOOST_AUTO_TEST_SUITE_END()
