#include "server/http/http_workflows.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace json = boost::json;
using namespace server_test;

namespace {

struct running_server {
  wft::local_server server{plain_options()};
  raw_client client{server};

  reply get(const std::string& target) { return client.ask("GET", target); }
  reply post(const std::string& target, const std::string& body = std::string()) {
    return client.ask("POST", target, body);
  }
  std::string status_of(const std::string& id) {
    return std::string(get(executions + id).json().at("status").as_string());
  }
};

// The one problem of a 422: "body.name missing".
std::string problem_of(const reply& refused) {
  BOOST_REQUIRE_EQUAL(refused.status, 422);
  const json::value body = refused.json();
  const json::value& first = body.at("detail").at(0);
  BOOST_TEST(first.at("msg").is_string());
  std::string text;
  for (const json::value& part : first.at("loc").as_array())
    text += (text.empty() ? "" : ".") + std::string(part.as_string());
  return text + ' ' + std::string(first.at("type").as_string());
}

std::string code_of(const reply& refused) { return std::string(refused.json().at("code").as_string()); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_operations, running_server)

BOOST_AUTO_TEST_CASE(workflows_are_listed_page_by_page) {
  const reply first = get(api + "?limit=2");
  BOOST_TEST(first.status == 200);
  BOOST_TEST(first.headers.at("content-type") == "application/json");
  BOOST_TEST(first.json().at("workflows").as_array().size() == 2u);
  const std::string cursor(first.json().at("next_cursor").as_string());
  const json::value second = get(api + "?limit=2&cursor=" + cursor).json();
  BOOST_TEST(second.at("workflows").as_array().size() == 1u);
  BOOST_TEST(second.at("next_cursor").is_null());
}

BOOST_AUTO_TEST_CASE(a_workflow_is_found_by_name_and_by_uuid) {
  const json::value by_name = get(api + "/talker").json();
  const std::string id(by_name.at("workflow").at("id").as_string());
  BOOST_TEST(by_name.at("workflow").at("name") == "talker");
  BOOST_TEST(by_name.at("workflow").at("active") == true);
  BOOST_TEST(get(api + "/" + id).json() == by_name);
}

BOOST_AUTO_TEST_CASE(an_unknown_workflow_is_WF_1100) {
  const reply refused = get(api + "/nobody");
  BOOST_TEST(refused.status == 404);
  BOOST_TEST(code_of(refused) == "WF_1100");
  BOOST_TEST(refused.json().at("detail").is_string());
  BOOST_TEST(post(api + "/nobody/execute", "{}").status == 404);
}

BOOST_AUTO_TEST_CASE(execute_answers_the_whole_execution) {
  const json::value started = start_talker(client, "e1");
  for (const char* member :
       {"workflow_name", "execution_id", "root_execution_id", "status", "start_time", "end_time", "result"})
    BOOST_TEST(started.as_object().contains(member), member);
  BOOST_TEST(started.at("status") == "RUNNING");
  BOOST_TEST(started.at("end_time").is_null());
  BOOST_TEST(started.at("execution_id") == "e1");
  BOOST_TEST(server.done("workflows.execute", "e1") == 1);
}

BOOST_AUTO_TEST_CASE(an_id_that_is_running_is_WF_1101) {
  start_talker(client, "e1");
  const reply refused = post(api + "/talker/execute", R"({"execution_id": "e1", "input": {"events": 3}})");
  BOOST_TEST(refused.status == 409);
  BOOST_TEST(code_of(refused) == "WF_1101");
  BOOST_TEST(server.done("workflows.execute", "e1") == 1);
}

BOOST_AUTO_TEST_CASE(an_input_may_be_any_json_and_comes_back_as_it_was) {
  for (const std::string input :
       {"[1,2]", "\"text\"", "1.5", "true", "9223372036854775807", "0.1", "{\"a\":null}"}) {
    const reply answered =
        post(api + "/mirror/execute", "{\"wait_for_result\": true, \"input\": " + input + "}");
    BOOST_TEST(answered.json().at("result") == json::parse(input), input);
  }
}

BOOST_AUTO_TEST_CASE(a_synchronous_execute_answers_the_short_form) {
  const reply answered =
      post(api + "/mirror/execute", R"({"execution_id": "m", "wait_for_result": true, "input": {"a": 1}})");
  BOOST_TEST(answered.status == 200);
  BOOST_TEST(answered.json() ==
             json::parse(R"({"workflow_name": "mirror", "execution_id": "m", "result": {"a": 1}})"));
}

BOOST_AUTO_TEST_CASE(a_synchronous_execute_whose_time_is_up_answers_a_running_execution) {
  const reply answered =
      post(api + "/talker/execute",
           R"({"wait_for_result": true, "timeout_seconds": 0.05, "input": {"events": 2}})");
  BOOST_TEST(answered.status == 200);
  BOOST_TEST(answered.json().at("status") == "RUNNING");
}

BOOST_AUTO_TEST_CASE(a_synchronous_execute_that_fails_answers_the_failed_execution) {
  const reply answered = post(api + "/failer/execute", R"({"wait_for_result": true})");
  BOOST_TEST(answered.json().at("status") == "FAILED");
}

BOOST_AUTO_TEST_CASE(a_signal_ends_the_talk_with_202) {
  start_talker(client, "e1");
  const reply accepted = post(executions + "e1/signals", R"({"name": "go"})");
  BOOST_TEST(accepted.status == 202);
  BOOST_TEST(accepted.json() == json::parse(R"({"message": "Signal accepted"})"));
  BOOST_TEST(server.done("executions.signal", "e1") == 1);
  raw_client follower(server);
  follower.request("GET", executions + "e1/stream");
  follower.head();
  while (follower.next_event()) {
  }
  BOOST_TEST(status_of("e1") == "COMPLETED");
}

BOOST_AUTO_TEST_CASE(an_update_changes_what_a_query_then_answers) {
  start_talker(client, "e1");
  const reply updated = post(executions + "e1/updates", R"({"name": "set", "input": {"value": 7}})");
  BOOST_TEST(updated.status == 200);
  BOOST_TEST(updated.json() == json::parse(R"({"update_name": "set", "result": 7})"));
  const reply asked = post(executions + "e1/queries", R"({"name": "state", "input": {}})");
  BOOST_TEST(asked.status == 200);
  BOOST_TEST(asked.json() == json::parse(R"({"query_name": "state", "result": 7})"));
}

BOOST_AUTO_TEST_CASE(an_update_whose_input_does_not_fit_is_422) {
  start_talker(client, "e1");
  BOOST_TEST(post(executions + "e1/updates", R"({"name": "set", "input": {}})").status == 422);
}

BOOST_AUTO_TEST_CASE(terminate_ends_at_once_and_answers_204_without_a_body) {
  start_talker(client, "e1");
  const reply ended = post(executions + "e1/terminate");
  BOOST_TEST(ended.status == 204);
  BOOST_TEST(ended.body.empty());
  BOOST_TEST(!ended.headers.contains("content-length"));
  BOOST_TEST(!ended.headers.contains("content-type"));
  BOOST_TEST(status_of("e1") == "TERMINATED");
}

BOOST_AUTO_TEST_CASE(what_has_ended_is_WF_1102_with_its_status) {
  start_talker(client, "e1");
  post(executions + "e1/terminate");
  for (const char* operation : {"terminate", "cancel"}) {
    const reply refused = post(executions + "e1/" + operation);
    BOOST_TEST(refused.status == 409);
    BOOST_TEST(code_of(refused) == "WF_1102");
    BOOST_TEST(refused.json().at("status") == "TERMINATED");
  }
  BOOST_TEST(code_of(post(executions + "e1/signals", R"({"name": "go"})")) == "WF_1102");
}

BOOST_AUTO_TEST_CASE(cancel_answers_204_and_the_workflow_ends_as_canceled) {
  start_talker(client, "e1");
  raw_client follower(server);
  follower.request("GET", executions + "e1/stream");
  follower.head();
  BOOST_TEST(post(executions + "e1/cancel").status == 204);
  std::string last;
  while (const auto event = follower.next_event()) last = event->event;
  BOOST_TEST(last == "WORKFLOW_EXECUTION_CANCELED");
  BOOST_TEST(status_of("e1") == "CANCELED");
}

BOOST_AUTO_TEST_CASE(a_batch_tells_what_became_of_each_id) {
  start_talker(client, "e1");
  start_talker(client, "e2");
  const reply cancelled = post(executions + "cancel", R"({"execution_ids": ["e1", "nobody"]})");
  BOOST_TEST(cancelled.status == 200);
  BOOST_TEST(cancelled.json().at("results").as_object().size() == 2u);
  BOOST_TEST(cancelled.json().at("results").at("nobody").at("error").is_string());
  const reply terminated = post(executions + "terminate", R"({"execution_ids": ["e2"]})");
  BOOST_TEST(terminated.status == 200);
  BOOST_TEST(status_of("e2") == "TERMINATED");
}

BOOST_AUTO_TEST_CASE(a_reset_starts_a_new_run_under_the_same_id) {
  const json::value first = start_talker(client, "e1");
  const reply refused = post(executions + "e1/reset", R"({"event_id": 999999})");
  BOOST_TEST(refused.status == 422);
  BOOST_TEST(code_of(refused) == "WF_1001");
  const json::value points = refused.json().at("valid_reset_events");
  BOOST_REQUIRE(points.is_array() && !points.as_array().empty());
  const json::value& point = points.at(0);
  const std::string event = json::serialize(point.is_object() ? point.at("event_id") : point);
  const reply done = post(executions + "e1/reset", "{\"event_id\": " + event + "}");
  BOOST_TEST(done.status == 204);
  BOOST_TEST(get(executions + "e1").json().at("run_id") != first.at("run_id"));
}

BOOST_AUTO_TEST_CASE(histories_and_runs_can_be_read) {
  const json::value started = start_talker(client, "e1");
  const std::string run(started.at("run_id").as_string());
  BOOST_TEST(get(executions + "e1/history?decode_payloads=true").status == 200);
  BOOST_TEST(get(api + "/runs/" + run + "/history").status == 200);
  BOOST_TEST(get(api + "/runs/" + run).json().at("execution_id") == "e1");
  const json::value page =
      get(api + "/runs?status=RUNNING&status=FAILED&workflow_identifier=talker&page_size=10").json();
  BOOST_REQUIRE_EQUAL(page.at("executions").as_array().size(), 1u);
  BOOST_TEST(!page.at("executions").at(0).as_object().contains("result"));
  BOOST_TEST(page.at("next_page_token").is_null());
}

BOOST_AUTO_TEST_CASE(an_unknown_execution_is_404) {
  BOOST_TEST(get(executions + "nobody").status == 404);
  BOOST_TEST(get(executions + "nobody/history").status == 404);
  BOOST_TEST(get(executions + "nobody/stream").status == 404);
  BOOST_TEST(post(executions + "nobody/terminate").status == 404);
  BOOST_TEST(get(api + "/runs/00000000-0000-4000-8000-000000000000").status == 404);
}

BOOST_AUTO_TEST_CASE(an_id_with_slashes_and_question_marks_is_one_id) {
  start_talker(client, "a/b c?d#e");
  const reply found = get(executions + "a%2Fb%20c%3Fd%23e");
  BOOST_TEST(found.json().at("execution_id") == "a/b c?d#e");
  BOOST_TEST(post(executions + "a%2fb%20c%3Fd%23e/terminate").status == 204);
}

BOOST_AUTO_TEST_CASE(an_empty_id_never_reaches_the_batch_route) {
  start_talker(client, "e1");
  BOOST_TEST(post(executions + "/terminate", R"({"execution_ids": ["e1"]})").status == 404);
  BOOST_TEST(status_of("e1") == "RUNNING");
}

BOOST_AUTO_TEST_CASE(events_can_be_listed) {
  start_talker(client, "e1");
  const json::value listed = get(api + "/events/list?workflow_exec_id=e1&limit=2").json();
  BOOST_TEST(listed.at("events").as_array().size() == 2u);
  BOOST_TEST(listed.at("events").at(0).at("event_type") == "WORKFLOW_EXECUTION_STARTED");
  BOOST_TEST(listed.at("next_cursor").is_string());
}

BOOST_AUTO_TEST_CASE(whoami_tells_scheduler_and_namespace) {
  const json::value told = get(api + "/workers/whoami").json();
  BOOST_TEST(told.at("scheduler_url").is_string());
  BOOST_TEST(told.at("namespace").is_string());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_named_in_a_422) {
  start_talker(client, "e1");
  BOOST_TEST(problem_of(post(executions + "e1/signals")) == "body missing");
  BOOST_TEST(problem_of(post(executions + "e1/signals", "{")) == "body json_invalid");
  BOOST_TEST(problem_of(post(executions + "e1/signals", "[]")) == "body model_attributes_type");
  BOOST_TEST(problem_of(post(executions + "e1/signals", "{}")) == "body.name missing");
  BOOST_TEST(problem_of(post(executions + "e1/signals", R"({"name": 1})")) == "body.name string_type");
  BOOST_TEST(problem_of(post(executions + "e1/queries", R"({"name": "state", "input": []})")) ==
             "body.input dict_type");
  BOOST_TEST(problem_of(post(executions + "e1/reset", "{}")) == "body.event_id missing");
  BOOST_TEST(problem_of(post(executions + "cancel", R"({"execution_ids": []})")) ==
             "body.execution_ids too_short");
  BOOST_TEST(problem_of(get(api + "?limit=0")) == "query.limit greater_than_equal");
  BOOST_TEST(problem_of(get(api + "?limit=x")) == "query.limit int_parsing");
  BOOST_TEST(problem_of(get(api + "/runs?page_size=1001")) == "query.page_size less_than_equal");
  BOOST_TEST(problem_of(get(api + "/runs?status=ASLEEP")) == "query.status enum");
  BOOST_TEST(problem_of(get(api + "/runs?start_time_after=yesterday")) ==
             "query.start_time_after datetime_from_date_parsing");
  BOOST_TEST(problem_of(get(api + "/runs/not-a-uuid")) == "path.run_id uuid_parsing");
  const std::string long_id(257, 'x');
  BOOST_TEST(problem_of(post(api + "/talker/execute", R"({"execution_id": ")" + long_id + "\"}")) ==
             "body.execution_id string_too_long");
}

BOOST_AUTO_TEST_CASE(a_batch_over_a_hundred_ids_is_422) {
  json::array ids;
  for (int i = 0; i < 101; ++i) ids.push_back(json::string("e" + std::to_string(i)));
  json::object body;
  body["execution_ids"] = ids;
  BOOST_TEST(problem_of(post(executions + "terminate", json::serialize(body))) ==
             "body.execution_ids too_long");
}

BOOST_AUTO_TEST_SUITE_END()
