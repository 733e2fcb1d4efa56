// The operations on schedules as a client of the API sees them.
#include "server/http/http_workflows.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace json = boost::json;
namespace data = boost::unit_test::data;
using namespace server_test;

namespace {

wft::local_server_options by_hand() {
  auto options = plain_options();
  options.manual_clock = true;
  return options;
}

const std::string schedules = api + "/schedules";

struct running_server {
  wft::local_server server{by_hand()};
  raw_client client{server};

  reply get(const std::string& target) { return client.ask("GET", target); }
  reply post(const std::string& target, const std::string& body = std::string()) {
    return client.ask("POST", target, body);
  }
  reply create(const std::string& id, const std::string& more = R"("intervals": [{"every": "PT1H"}])",
               const std::string& workflow = "mirror") {
    return post(schedules, R"({"workflow_identifier": ")" + workflow + R"(", "schedule_id": ")" + id +
                               R"(", "schedule": {"input": {"a": 1}, )" + more + "}}");
  }
};

std::string code_of(const reply& refused) {
  const auto body = refused.json();
  const auto* code = body.as_object().if_contains("code");
  return std::to_string(refused.status) + ' ' + (code ? std::string(code->as_string()) : "");
}

// Where a 422 says the problem is: "body.schedule.intervals.0.every value_error".
std::string problem_of(const reply& refused) {
  BOOST_REQUIRE_EQUAL(refused.status, 422);
  const auto body = refused.json();
  const auto& first = body.at("detail").at(0);
  std::string text;
  for (const auto& part : first.at("loc").as_array())
    text += (text.empty() ? "" : ".") +
            (part.is_string() ? std::string(part.as_string()) : json::serialize(part));
  return text + ' ' + std::string(first.at("type").as_string());
}

std::string ids(const json::value& page) {
  std::string text;
  for (const auto& one : page.at("schedules").as_array())
    text += (text.empty() ? "" : " ") + std::string(one.at("schedule_id").as_string());
  return text;
}

struct wrong_body {
  const char* body;
  const char* problem;
  friend std::ostream& operator<<(std::ostream& out, const wrong_body& one) { return out << one.body; }
};

const std::vector<wrong_body> wrong_bodies{
    {R"({})", "body.schedule missing"},
    {R"({"schedule": {}})", "body.schedule.input missing"},
    {R"({"schedule": {"input": 1, "intervals": [{}]}})", "body.schedule.intervals.0.every missing"},
    {R"({"schedule": {"input": 1, "intervals": [{"every": "soon"}]}})",
     "body.schedule.intervals.0.every value_error"},
    {R"({"schedule": {"input": 1, "policy": {"overlap": 7}}})", "body.schedule.policy.overlap enum"},
    {R"({"schedule": {"input": 1}, "workflow_registration_id": "x"})",
     "body.workflow_registration_id uuid_parsing"},
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_schedules, running_server)

BOOST_AUTO_TEST_CASE(a_schedule_is_created_once_under_an_id) {
  const reply created = create("s1");
  BOOST_TEST(created.status == 201);
  BOOST_TEST(created.json() == json::parse(R"({"schedule_id": "s1"})"));
  BOOST_TEST(code_of(create("s1")) == "409 WF_1200");
  const reply made = post(schedules, R"({"workflow_identifier": "mirror", "schedule": {"input": null}})");
  BOOST_TEST(made.status == 201);
  BOOST_TEST(made.json().at("schedule_id").as_string().size() == 36u);
  BOOST_TEST(server.done("schedules.create") == 2);
}

BOOST_AUTO_TEST_CASE(a_schedule_is_read_with_all_that_it_is) {
  create("s1", R"("cron_expressions": ["0 9 * * MON"], "time_zone_name": "Europe/Paris", "max_executions": 5,
                  "calendars": [{"hour": [{"start": 6}]}], "skip": [{"month": [{"start": 8}]}],
                  "start_at": "2026-01-01T00:00:00Z", "jitter": "PT30S", "policy": {"overlap": 4})");
  const auto shown = get(schedules + "/s1").json();
  BOOST_TEST(shown.at("schedule_id") == "s1");
  BOOST_TEST(shown.at("workflow_name") == "mirror");
  BOOST_TEST(shown.at("input") == json::parse(R"({"a": 1})"));
  BOOST_TEST(shown.at("cron_expressions") == json::parse(R"(["0 9 * * MON"])"));
  BOOST_TEST(shown.at("time_zone_name") == "Europe/Paris");
  BOOST_TEST(shown.at("remaining_executions") == 5);
  BOOST_TEST(!shown.as_object().contains("max_executions"));
  BOOST_TEST(shown.at("calendars").at(0).at("hour").at(0).at("start") == 6);
  BOOST_TEST(shown.at("start_at") == "2026-01-01T00:00:00.000000Z");
  BOOST_TEST(shown.at("jitter") == "PT30S");
  BOOST_TEST(shown.at("policy") ==
             json::parse(R"({"catchup_window_seconds": 31536000, "overlap": 4, "pause_on_failure": false})"));
  BOOST_TEST(shown.at("paused") == false);
  BOOST_TEST(shown.at("note").is_null());
  BOOST_TEST(shown.at("deployment_name").is_null());
  BOOST_TEST(shown.at("future_executions").as_array().size() == 5u);
  BOOST_TEST(shown.at("recent_executions").as_array().empty());
}

BOOST_AUTO_TEST_CASE(it_fires_when_the_clock_is_moved) {
  create("s1");
  server.advance(std::chrono::hours(24));
  const auto shown = get(schedules + "/s1").json();
  BOOST_TEST(shown.at("recent_executions").as_array().size() == 10u);
  BOOST_TEST(server.done("started") == 24);
  const std::string id(shown.at("recent_executions").at(9).at("execution_id").as_string());
  const auto execution = get(executions + id).json();
  BOOST_TEST(execution.at("status") == "COMPLETED");
  BOOST_TEST(execution.at("result") == json::parse(R"({"a": 1})"));
}

BOOST_AUTO_TEST_CASE(pause_resume_and_trigger_need_no_body) {
  create("s1");
  BOOST_TEST(post(schedules + "/s1/pause").status == 204);
  BOOST_TEST(get(schedules + "/s1").json().at("paused") == true);
  BOOST_TEST(post(schedules + "/s1/resume", R"({"note": "again"})").status == 204);
  BOOST_TEST(get(schedules + "/s1").json().at("note") == "again");
  BOOST_TEST(post(schedules + "/s1/trigger").status == 204);
  BOOST_TEST(post(schedules + "/s1/trigger", R"({"overlap": 6})").status == 204);
  BOOST_TEST(post(schedules + "/s1/trigger", "null").status == 204);
  BOOST_TEST(problem_of(post(schedules + "/s1/trigger", R"({"overlap": 9})")) == "body.overlap enum");
  BOOST_TEST(server.done("schedules.trigger") == 3);
  BOOST_TEST(server.done("started") >= 2);
}

BOOST_AUTO_TEST_CASE(a_patch_keeps_what_it_leaves_out_and_takes_null_for_a_value) {
  create("s1", R"("intervals": [{"every": "PT1H"}], "jitter": "PT5M", "max_executions": 3)");
  const auto patch = [&](const std::string& members) {
    return client.ask("PATCH", schedules + "/s1", R"({"schedule": {)" + members + "}}");
  };
  const reply updated = patch(R"("jitter": null, "input": null)");
  BOOST_TEST(updated.status == 200);
  BOOST_TEST(updated.json() == json::parse(R"({"schedule_id": "s1"})"));
  const auto shown = get(schedules + "/s1").json();
  BOOST_TEST(shown.at("jitter").is_null());
  BOOST_TEST(shown.at("input").is_null());
  BOOST_TEST(shown.at("remaining_executions") == 3);
  BOOST_TEST(shown.at("intervals").as_array().size() == 1u);
  BOOST_TEST(problem_of(patch(R"("intervals": null)")) == "body.schedule.intervals list_type");
  BOOST_TEST(problem_of(patch(R"("policy": null)")) == "body.schedule.policy model_type");
  BOOST_TEST(code_of(patch(R"("cron_expressions": ["never"])")) == "422 WF_1200");
  BOOST_TEST(code_of(client.ask("PATCH", schedules + "/none", R"({"schedule": {}})")) == "404 WF_1201");
}

BOOST_AUTO_TEST_CASE(an_unknown_schedule_is_WF_1201) {
  BOOST_TEST(code_of(get(schedules + "/none")) == "404 WF_1201");
  BOOST_TEST(code_of(client.ask("DELETE", schedules + "/none")) == "404 WF_1201");
  for (const char* what : {"pause", "resume", "trigger"})
    BOOST_TEST(code_of(post(schedules + "/none/" + what)) == "404 WF_1201");
}

BOOST_AUTO_TEST_CASE(a_deleted_schedule_is_gone_and_its_id_free) {
  create("s1");
  const reply deleted = client.ask("DELETE", schedules + "/s1");
  BOOST_TEST(deleted.status == 204);
  BOOST_TEST(deleted.body.empty());
  BOOST_TEST(get(schedules + "/s1").status == 404);
  BOOST_TEST(create("s1").status == 201);
}

BOOST_AUTO_TEST_CASE(schedules_are_listed_by_filter_and_page) {
  const std::string hourly = R"("intervals": [{"every": "PT1H"}])";
  create("a", hourly, "mirror");
  create("b", hourly, "talker");
  create("c", hourly, "mirror");
  create("d", hourly, "talker");
  post(schedules + "/c/pause");
  const auto listed = [&](const std::string& query) { return ids(get(schedules + query).json()); };
  BOOST_TEST(listed("") == "a b c d");
  BOOST_TEST(listed("?workflow_name=talker") == "b d");
  BOOST_TEST(listed("?workflow_name=talk") == "");
  BOOST_TEST(listed("?search=talk") == "b d");
  BOOST_TEST(listed("?search=alk") == "");
  BOOST_TEST(listed("?status=paused") == "c");
  BOOST_TEST(listed("?status=active&search=mir") == "a");
  BOOST_TEST(listed("?user_id=current") == "a b c d");
  BOOST_TEST(listed("?user_id=00000000-0000-4000-8000-0000000000ff") == "");

  const auto first = get(schedules + "?page_size=3").json();
  BOOST_TEST(ids(first) == "a b c");
  const auto token = std::string(first.at("next_page_token").as_string());
  client.ask("DELETE", schedules + "/c");
  const auto second = get(schedules + "?page_size=3&next_page_token=" + token).json();
  BOOST_TEST(ids(second) == "d");
  BOOST_TEST(second.at("next_page_token").is_null());

  BOOST_TEST(problem_of(get(schedules + "?page_size=0")) == "query.page_size greater_than_equal");
  BOOST_TEST(problem_of(get(schedules + "?page_size=1001")) == "query.page_size less_than_equal");
  BOOST_TEST(problem_of(get(schedules + "?status=asleep")) == "query.status enum");
  BOOST_TEST(code_of(get(schedules + "?next_page_token=x")) == "422 WF_1001");
}

BOOST_DATA_TEST_CASE_F(running_server, a_body_that_does_not_fit_is_refused_by_its_place,
                       data::make(wrong_bodies), one) {
  BOOST_TEST(problem_of(post(schedules, one.body)) == one.problem);
}

BOOST_AUTO_TEST_CASE(what_a_schedule_starts_must_be_said_once) {
  const std::string definition = R"("schedule": {"input": 1})";
  BOOST_TEST(code_of(post(schedules, "{" + definition + "}")) == "422 WF_1200");
  BOOST_TEST(code_of(post(schedules, R"({"workflow_identifier": "mirror",
      "workflow_registration_id": "00000000-0000-4000-8000-000000000009", )" +
                                         definition + "}")) == "422 WF_1200");
  BOOST_TEST(code_of(post(schedules, R"({"workflow_identifier": "nobody", )" + definition + "}")) ==
             "404 WF_1100");
}

BOOST_AUTO_TEST_SUITE_END()
