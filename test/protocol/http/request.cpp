#include "protocol/http/request.hpp"

#include "protocol/http/checks.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace mistral::workflows;
using protocol::operation;
using protocol::request;

namespace {

request get(std::string_view id) {
  request out(operation::executions_get);
  out.segment("execution_id", id, protocol::max_execution_id);
  return out;
}

auto refuses(std::string field, std::string part) {
  return [field = std::move(field), part = std::move(part)](const invalid_argument& e) {
    return e.field() == field && std::string_view(e.what()).find(part) != std::string_view::npos &&
           e.server_may_have_acted() == server_action::no;
  };
}

protocol::request_defaults defaults() {
  protocol::request_defaults out;
  out.host = "api.example";
  out.user_agent = "test/1";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(requests)

BOOST_AUTO_TEST_CASE(all_54_operations_have_a_name_a_route_and_a_class_of_their_own) {
  std::set<std::string> names;
  std::set<std::string> routes;
  for (const auto& op : protocol::all_operations()) {
    names.emplace(op.name);
    routes.emplace(std::string(op.method) + " " + std::string(op.path));
    if (op.method == "GET") BOOST_TEST((op.repeat == protocol::safety::read));
  }
  BOOST_TEST(names.size() == 54u);
  BOOST_TEST(routes.size() == 54u);
}

BOOST_AUTO_TEST_CASE(a_path_parameter_is_percent_encoded_as_one_segment) {
  BOOST_TEST(get("a/b c?d#e").target() == "/v1/workflows/executions/a%2Fb%20c%3Fd%23e");
  BOOST_TEST(get("\xC3\xA9%").target() == "/v1/workflows/executions/%C3%A9%25");
  BOOST_TEST(get("{execution_id}").target() == "/v1/workflows/executions/%7Bexecution_id%7D");
}

BOOST_AUTO_TEST_CASE(a_path_parameter_that_could_reach_another_route_is_refused) {
  BOOST_CHECK_EXCEPTION(get(""), invalid_argument, refuses("execution_id", "empty"));
  BOOST_CHECK_EXCEPTION(get("."), invalid_argument, refuses("execution_id", "change the path"));
  BOOST_CHECK_EXCEPTION(get(".."), invalid_argument, refuses("execution_id", "change the path"));
  BOOST_CHECK_EXCEPTION(get(std::string(1, '\0')), invalid_argument, refuses("execution_id", "NUL"));
  BOOST_CHECK_EXCEPTION(get(std::string(257, 'x')), invalid_argument, refuses("execution_id", "257"));
  BOOST_TEST(get(std::string(256, 'x')).target().size() ==
             256 + std::string("/v1/workflows/executions/").size());
}

BOOST_AUTO_TEST_CASE(arrays_repeat_the_key_and_unset_values_are_left_out) {
  request r(operation::runs_list);
  const std::vector<open_enum<execution_status>> status{execution_status::running, execution_status::failed};
  r.query("status", status)
      .query("search", std::optional<std::string>())
      .query("workflow_tags", std::vector<std::string>());
  r.query("user_id", std::optional<std::string>(""));
  r.query("search_key", std::vector<std::string>{"a,b:c"});
  r.query("page_size", 50).query("include_internal", std::optional<bool>(false));
  BOOST_TEST(
      r.target() ==
      "/v1/workflows/"
      "runs?status=RUNNING&status=FAILED&user_id=&search_key=a%2Cb%3Ac&page_size=50&include_internal=false");
  BOOST_TEST(r.path() == "/v1/workflows/runs");
}

BOOST_AUTO_TEST_CASE(date_times_go_out_in_utc_with_their_microseconds) {
  request r(operation::runs_list);
  r.query("start_time_after", timestamp(std::chrono::microseconds(1'765'967'107'818'693)));
  BOOST_TEST(r.target() == "/v1/workflows/runs?start_time_after=2025-12-17T10%3A25%3A07.818693Z");
}

BOOST_AUTO_TEST_CASE(a_plus_in_a_value_is_encoded) {
  request r(operation::runs_list);
  r.query("search", "a+b");
  BOOST_TEST(r.target() == "/v1/workflows/runs?search=a%2Bb");
}

BOOST_AUTO_TEST_CASE(a_request_with_a_body_states_its_length_and_type) {
  request r(operation::executions_signal);
  r.segment("execution_id", "e1").json(R"({"name":"go"})");
  BOOST_TEST(
      serialize(r, defaults(), "Bearer k") ==
      "POST /v1/workflows/executions/e1/signals HTTP/1.1\r\n"
      "Host: api.example\r\nAuthorization: Bearer k\r\nUser-Agent: test/1\r\nAccept-Encoding: identity\r\n"
      "Accept: application/json\r\n"
      "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"name\":\"go\"}");
}

BOOST_AUTO_TEST_CASE(a_post_without_a_body_has_no_content_type_and_length_zero) {
  request r(operation::executions_cancel);
  r.segment("execution_id", "e1");
  const std::string bytes = serialize(r, defaults(), "");
  BOOST_TEST(bytes.find("Content-Type") == std::string::npos);
  BOOST_TEST(bytes.find("Authorization") == std::string::npos);
  BOOST_TEST(bytes.find("Content-Length: 0\r\n\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_path_prefix_of_the_server_url_comes_first) {
  auto shared = defaults();
  shared.path_prefix = "/mistral";
  BOOST_TEST(
      serialize(get("e1"), shared, "").starts_with("GET /mistral/v1/workflows/executions/e1 HTTP/1.1\r\n"));
}

BOOST_AUTO_TEST_CASE(a_header_of_one_call_takes_the_place_of_the_clients) {
  auto shared = defaults();
  shared.headers = {{"X-Team", "blue"}, {"X-Zone", "a"}};
  const std::string bytes = serialize(get("e1"), shared, "", {{"x-team", "red"}});
  BOOST_TEST(bytes.find("blue") == std::string::npos);
  BOOST_TEST(bytes.find("x-team: red\r\n") != std::string::npos);
  BOOST_TEST(bytes.find("X-Zone: a\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(
    an_answer_is_about_the_id_that_was_asked_for_and_not_about_that_ids_notation_in_the_path) {
  BOOST_TEST(get("e1").is_about("e1"));
  BOOST_TEST(!get("e1").is_about("e2"));
  BOOST_TEST(get("a b").is_about("a b"));
  BOOST_TEST(!get("a b").is_about("a%20b"));
  BOOST_TEST(get("a%20b").is_about("a%20b"));
}

BOOST_AUTO_TEST_CASE(checks_name_the_field_and_what_is_wrong_with_the_value) {
  const protocol::checks check(operation::runs_list);
  BOOST_CHECK_EXCEPTION(check.in_range("page_size", 0, 1, 1000), invalid_argument,
                        refuses("page_size", "from 1 to 1000, and is 0"));
  BOOST_CHECK_EXCEPTION(check.uuid("run_id", "not-one"), invalid_argument, refuses("run_id", "not-one"));
  BOOST_CHECK_EXCEPTION(check.at_most("search_keys", 4, 3), invalid_argument, refuses("search_keys", "4"));
  BOOST_CHECK_EXCEPTION(check.search_key("search_keys", "plain"), invalid_argument,
                        refuses("search_keys", "key:value"));
  BOOST_CHECK_EXCEPTION(check.object_or_null("input", boost::json::value(3)), invalid_argument,
                        refuses("input", "int64"));
  BOOST_CHECK_EXCEPTION(check.execution_ids("ids", {}), invalid_argument, refuses("ids", "empty"));
  BOOST_CHECK_EXCEPTION(check.execution_ids("ids", {"a", ".."}), invalid_argument, refuses("ids[1]", ".."));
  check.execution_ids("ids", std::vector<std::string>(101, "a"));  // a batch is split: see batch.hpp
  BOOST_CHECK_EXCEPTION(check.not_reserved("workflow", "runs", {"runs"}), invalid_argument,
                        refuses("workflow", "UUID"));
  check.object_or_null("input", boost::json::object());
  check.object_or_null("input", nullptr);
  check.uuid("run_id", "01934c6e-7a3b-7def-8abc-0123456789AB");
}

BOOST_AUTO_TEST_SUITE_END()
