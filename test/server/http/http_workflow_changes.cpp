// Changing workflows, registrations and metrics, over HTTP.
#include "server/http/http_workflows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace json = boost::json;
using namespace server_test;

namespace {

struct changed_server {
  wft::local_server server{plain_options()};
  raw_client client{server};

  reply get(const std::string& target) { return client.ask("GET", target); }
  reply put(const std::string& target, const std::string& body = std::string()) {
    return client.ask("PUT", target, body);
  }
  std::string id_of(const std::string& name) {
    return std::string(get(api + "/" + name).json().at("workflow").at("id").as_string());
  }
  std::string registration_of(const std::string& name) {
    const json::value page = get(api + "/registrations?workflow_search=" + name).json();
    return std::string(page.at("workflow_registrations").at(0).at("id").as_string());
  }
};

std::string problem_of(const reply& refused) {
  BOOST_REQUIRE_EQUAL(refused.status, 422);
  const json::value body = refused.json();
  const json::value& first = body.at("detail").at(0);
  return std::string(first.at("loc").at(1).as_string()) + ' ' + std::string(first.at("type").as_string());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_workflow_changes, changed_server)

BOOST_AUTO_TEST_CASE(an_update_changes_what_it_names_and_keeps_the_rest) {
  const reply first = put(api + "/mirror", R"({"display_name": "Mirror", "tags": ["a", "b"]})");
  BOOST_TEST(first.status == 200);
  BOOST_TEST(first.json().at("workflow").at("display_name") == "Mirror");
  put(api + "/mirror", R"({"available_in_chat_assistant": true, "tags": null, "display_name": null})");
  const json::value shown = get(api + "/mirror").json().at("workflow");
  BOOST_TEST(shown.at("display_name") == "Mirror");
  BOOST_TEST(shown.at("tags") == json::parse(R"(["a", "b"])"));
  BOOST_TEST(shown.at("available_in_chat_assistant") == true);
  BOOST_TEST(get(api + "?available_in_chat_assistant=true").json().at("workflows").as_array().size() == 1u);
  BOOST_TEST(get(api + "?tags=a&tags=b").json().at("workflows").as_array().size() == 1u);
  BOOST_TEST(put(api + "/nobody", "{}").status == 404);
}

BOOST_AUTO_TEST_CASE(an_update_that_does_not_fit_is_422_and_changes_nothing) {
  std::string name;
  for (int i = 0; i < 129; ++i) name += "ä";
  BOOST_TEST(problem_of(put(api + "/mirror", R"({"display_name": ")" + name + R"("})")) ==
             "display_name string_too_long");
  BOOST_TEST(problem_of(put(api + "/mirror", R"({"display_name": 1})")) == "display_name string_type");
  BOOST_TEST(problem_of(put(api + "/mirror", R"({"tags": "a", "description": "b"})")) == "tags list_type");
  BOOST_TEST(problem_of(put(api + "/mirror", R"({"available_in_chat_assistant": "yes"})")) ==
             "available_in_chat_assistant bool_type");
  BOOST_TEST(get(api + "/mirror").json().at("workflow").at("description").is_null());
  BOOST_TEST(put(api + "/mirror", R"({"display_name": ")" + name.substr(2) + R"("})").status == 200);
}

BOOST_AUTO_TEST_CASE(workflows_are_archived_and_unarchived_one_by_one_and_together) {
  BOOST_TEST(put(api + "/mirror/archive").json().at("workflow").at("archived") == true);
  BOOST_TEST(get(api + "?archived=false").json().at("workflows").as_array().size() == 2u);
  BOOST_TEST(put(api + "/mirror/unarchive").json().at("workflow").at("archived") == false);
  const std::string ids = R"({"workflow_ids": [")" + id_of("mirror") + R"(", ")" + id_of("talker") + R"("]})";
  BOOST_TEST(put(api + "/archive", ids).json().at("archived").as_array().size() == 2u);
  BOOST_TEST(get(api + "?archived=true").json().at("workflows").as_array().size() == 2u);
  BOOST_TEST(put(api + "/unarchive", ids).json().at("unarchived").as_array().size() == 2u);
  BOOST_TEST(get(api + "?archived=true").json().at("workflows").as_array().empty());
  BOOST_TEST(server.done("workflows.archive") == 3);
}

BOOST_AUTO_TEST_CASE(a_bulk_archive_takes_a_hundred_uuids_at_most) {
  BOOST_TEST(problem_of(put(api + "/archive", R"({"workflow_ids": ["mirror"]})")) ==
             "workflow_ids uuid_parsing");
  BOOST_TEST(problem_of(put(api + "/archive", "{}")) == "workflow_ids missing");
  json::object body;
  json::array& ids = body["workflow_ids"].emplace_array();
  for (int i = 0; i < 101; ++i) ids.push_back(json::string(id_of("mirror")));
  BOOST_TEST(problem_of(put(api + "/archive", json::serialize(body))) == "workflow_ids too_long");
}

BOOST_AUTO_TEST_CASE(a_registration_is_found_and_executed_by_its_uuid) {
  const std::string id = registration_of("mirror");
  const json::value shown = get(api + "/registrations/" + id + "?with_workflow=true").json();
  BOOST_TEST(shown.at("workflow_registration").at("workflow").at("name") == "mirror");
  const reply done = client.ask("POST", api + "/registrations/" + id + "/execute",
                                R"({"execution_id": "r", "wait_for_result": true, "input": {"a": 1}})");
  BOOST_TEST(done.status == 200);
  BOOST_TEST(done.json() ==
             json::parse(R"({"workflow_name": "mirror", "execution_id": "r", "result": {"a": 1}})"));
  BOOST_TEST(get(api + "/registrations/mirror").status == 422);
  BOOST_TEST(client.ask("POST", api + "/registrations/mirror/execute", "{}").status == 422);
  BOOST_TEST(get(api + "/registrations/00000000-0000-4000-8000-000000000000").status == 404);
  BOOST_TEST(problem_of(get(api + "/registrations?workflow_id=mirror")) == "workflow_id uuid_parsing");
  BOOST_TEST(get(api + "/registrations?limit=1").json().at("next_cursor").is_string());
}

BOOST_AUTO_TEST_CASE(a_fault_finds_an_execute_by_registration_by_its_execution) {
  server.faults().add(wft::fault().on("registrations.execute").execution("r").answer(503));
  const std::string path = api + "/registrations/" + registration_of("mirror") + "/execute";
  BOOST_TEST(client.ask("POST", path, R"({"execution_id": "other"})").status == 200);
  BOOST_TEST(client.ask("POST", path, R"({"execution_id": "r"})").status == 503);
}

BOOST_AUTO_TEST_CASE(metrics_are_of_one_workflow_by_name_or_uuid) {
  client.ask("POST", api + "/mirror/execute", R"({"wait_for_result": true})");
  start_talker(client, "e1");
  for (const std::string& name : {std::string("mirror"), id_of("mirror")}) {
    const json::value metrics = get(api + "/" + name + "/metrics").json();
    BOOST_TEST(metrics.at("execution_count").at("value") == 1);
    BOOST_TEST(metrics.at("success_count").at("value") == 1);
    BOOST_TEST(metrics.at("error_count").at("value") == 0);
    BOOST_TEST(metrics.at("latency_over_time").at("value").as_array().size() == 1u);
  }
  const json::value none = get(api + "/mirror/metrics?end_time=2001-01-01T00:00:00Z").json();
  BOOST_TEST(none.at("execution_count").at("value") == 0);
  BOOST_TEST(problem_of(get(api + "/mirror/metrics?start_time=soon")) ==
             "start_time datetime_from_date_parsing");
  BOOST_TEST(get(api + "/nobody/metrics").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
