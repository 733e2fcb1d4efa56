// The operations on deployments as a client of the API sees them, on a clock that the test moves.
#include "server/http/http_workflows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include <stdlib.h>

namespace json = boost::json;
using namespace server_test;
using namespace std::chrono_literals;

namespace {

boost::asio::awaitable<json::value> write_line(wft::workflow_context context) {
  context.log("INFO", "hello");
  co_return nullptr;
}

// "talker" and "writer" run in the deployment "chat", the others in none.
wft::local_server_options by_hand() {
  auto options = plain_options();
  options.manual_clock = true;
  for (auto& workflow : options.workflows)
    if (workflow.name == "talker") workflow.deployment_name = "chat";
  options.workflows.emplace_back("writer", write_line).deployment_name = "chat";
  return options;
}

const std::string deployments = api + "/deployments";
const std::string spec = R"("spec": {"github_url": "https://github.com/acme/workers"})";

struct running_server {
  wft::local_server server{by_hand()};
  raw_client client{server};

  reply get(const std::string& target) { return client.ask("GET", target); }
  reply post(const std::string& target, const std::string& body = std::string()) {
    return client.ask("POST", target, body);
  }
  reply patch(const std::string& name, const std::string& body) {
    return client.ask("PATCH", deployments + "/" + name, body);
  }
  reply create(const std::string& name, const std::string& more = std::string()) {
    return post(deployments, R"({"name": ")" + name + "\", " + spec + more + "}");
  }
  void create_running(const std::string& name, const std::string& more = std::string()) {
    BOOST_REQUIRE_EQUAL(create(name, more).status, 202);
    server.advance(3s);
    BOOST_REQUIRE_EQUAL(phase(name), "running 1");
  }
  // Its phase and how many of its workers are live: "running 1".
  std::string phase(const std::string& name) {
    const auto shown = get(deployments + "/" + name).json();
    return std::string(shown.at("managed").at("status").at("phase").as_string()) + ' ' +
           json::serialize(shown.at("active_worker_count"));
  }
  // "chat-1 active, chat-2 inactive"
  std::string workers(const std::string& name, const std::string& query = std::string()) {
    return told(get(deployments + "/" + name + "/workers" + query).json());
  }
  static std::string told(const json::value& page) {
    std::string text;
    for (const auto& worker : page.at("workers").as_array())
      text += (text.empty() ? "" : ", ") + std::string(worker.at("name").as_string()) +
              (worker.at("is_active").as_bool() ? " active" : " inactive");
    return text;
  }
  std::string listed(const std::string& query) {
    std::string text;
    const auto page = get(deployments + query).json();
    for (const auto& one : page.at("deployments").as_array())
      text += (text.empty() ? "" : " ") + std::string(one.at("name").as_string());
    return text;
  }
};

std::string location_of(const reply& refused) {
  BOOST_REQUIRE_EQUAL(refused.status, 422);
  return json::serialize(refused.json().at("detail").at(0).at("loc"));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_deployments, running_server)

BOOST_AUTO_TEST_CASE(a_deployment_is_built_then_rolled_out_then_runs) {
  const reply created =
      create("d", R"(, "resources": {"replicas": 2, "cpu_limit": "500m"}, "hardened": true)");
  BOOST_TEST(created.status == 202);
  const auto answer = created.json();
  BOOST_TEST(answer.at("name") == "d");
  BOOST_TEST(answer.at("stopped") == false);
  BOOST_TEST(answer.at("is_hardened") == true);
  BOOST_TEST(answer.at("spec").at("revision") == "main");
  BOOST_TEST(answer.at("spec").at("entrypoint") == "worker:main");
  BOOST_TEST(answer.at("resources").at("cpu_limit") == "500m");
  BOOST_TEST(answer.at("status").at("phase") == "building");
  BOOST_TEST(answer.at("status").at("build_state").at("phase") == "building");
  BOOST_TEST(answer.at("rollout_status") == "in_progress");
  BOOST_TEST(phase("d") == "building 0");
  server.advance(2s);
  BOOST_TEST(phase("d") == "deploying 0");
  server.advance(1s);
  BOOST_TEST(phase("d") == "running 2");
  const auto shown = get(deployments + "/d").json();
  BOOST_TEST(shown.at("is_active") == true);
  BOOST_TEST(shown.at("managed").at("status").at("ready_replicas") == 2);
  BOOST_TEST(shown.at("managed").at("status").at("build_state").at("phase") == "succeeded");
  BOOST_TEST(shown.at("managed").at("status").at("deployed_revision") == "main");
  BOOST_TEST(shown.at("managed").at("rollout_status") == "complete");
  BOOST_TEST(shown.at("managed").at("spec").at("commit_sha").as_string().size() == 40u);
  BOOST_TEST(shown.at("locations") == json::parse(R"(["managed"])"));
  BOOST_TEST(shown.at("workers").as_array().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_name_is_taken_once) {
  create("d");
  BOOST_TEST(create("d").status == 409);
  BOOST_TEST(server.done("deployments.create") == 1);
}

BOOST_AUTO_TEST_CASE(it_stops_and_starts_again) {
  create_running("d");
  BOOST_TEST(post(deployments + "/d/stop").json().at("stopped") == true);
  BOOST_TEST(phase("d") == "stopping 1");
  server.advance(1s);
  BOOST_TEST(phase("d") == "stopped 0");
  const auto started = post(deployments + "/d/start");
  BOOST_TEST(started.status == 202);
  BOOST_TEST(started.json().at("stopped") == false);
  BOOST_TEST(phase("d") == "deploying 0");
  server.advance(1s);
  BOOST_TEST(phase("d") == "running 1");
  BOOST_TEST(workers("d") == "d-1 inactive, d-2 active");
  post(deployments + "/d/start");
  BOOST_TEST(phase("d") == "running 1");
}

BOOST_AUTO_TEST_CASE(one_that_is_stopped_before_it_was_built_is_built_when_it_starts) {
  create("d");
  server.advance(1s);
  post(deployments + "/d/stop");
  server.advance(5s);
  BOOST_TEST(phase("d") == "stopped 0");
  post(deployments + "/d/start");
  BOOST_TEST(phase("d") == "building 0");
  server.advance(3s);
  BOOST_TEST(phase("d") == "running 1");
}

BOOST_AUTO_TEST_CASE(a_restart_replaces_the_workers_without_a_gap) {
  create_running("d");
  const auto answer = post(deployments + "/d/restart");
  BOOST_TEST(answer.status == 202);
  BOOST_TEST(answer.json().at("spec").at("restarted_at").is_string());
  BOOST_TEST(phase("d") == "deploying 1");
  BOOST_TEST(workers("d") == "d-1 active");
  server.advance(1s);
  BOOST_TEST(workers("d") == "d-1 inactive, d-2 active");
}

BOOST_AUTO_TEST_CASE(a_patch_builds_what_runs_anew_and_keeps_what_it_leaves_out) {
  create_running("d", R"(, "resources": {"memory_limit": "1Gi"})");
  const auto answer =
      patch("d", R"({"spec": {"revision": "v2"}, "resources": {"memory_limit": null}})").json();
  BOOST_TEST(answer.at("spec").at("revision") == "v2");
  BOOST_TEST(answer.at("spec").at("entrypoint") == "worker:main");
  BOOST_TEST(answer.at("resources").at("memory_limit").is_null());
  BOOST_TEST(answer.at("resources").at("replicas") == 1);
  BOOST_TEST(answer.at("status").at("deployed_revision") == "main");
  BOOST_TEST(phase("d") == "building 1");
  server.advance(3s);
  BOOST_TEST(get(deployments + "/d").json().at("managed").at("status").at("deployed_revision") == "v2");
  patch("d", R"({"resources": {"replicas": 3}})");
  BOOST_TEST(phase("d") == "deploying 1");
  server.advance(1s);
  BOOST_TEST(phase("d") == "running 3");
  patch("d", R"({"spec": null})");
  BOOST_TEST(phase("d") == "running 3");
}

BOOST_AUTO_TEST_CASE(a_deleted_one_is_gone_and_its_name_free) {
  create_running("d");
  const reply deleted = client.ask("DELETE", deployments + "/d");
  BOOST_TEST(deleted.status == 202);
  BOOST_TEST(deleted.json().at("status").at("phase") == "deleting");
  BOOST_TEST(get(deployments + "/d").status == 404);
  BOOST_TEST(client.ask("DELETE", deployments + "/d").status == 404);
  BOOST_TEST(create("d").status == 202);
}

BOOST_AUTO_TEST_CASE(a_backend_spec_takes_the_place_of_the_entrypoint) {
  const std::string backend = R"("backend_spec": {"type": "kubernetes", "entrypoint": "a:b"})";
  const reply created =
      post(deployments,
           R"({"name": "d", "spec": {"github_url": "https://github.com/acme/workers", )" + backend + "}}");
  BOOST_TEST(created.json().at("spec").at("backend_spec").at("type") == "kubernetes");
  BOOST_TEST(created.json().at("spec").at("entrypoint").is_null());
  BOOST_TEST(
      post(deployments, R"({"name": "e", "spec": {"github_url": "u", "entrypoint": "a:b", )" + backend + "}}")
          .status == 422);
}

BOOST_AUTO_TEST_CASE(workflows_of_the_server_make_a_deployment_of_their_own) {
  const auto shown = get(deployments + "/chat").json();
  BOOST_TEST(shown.at("is_active") == true);
  BOOST_TEST(shown.at("managed").is_null());
  BOOST_TEST(shown.at("locations") == json::parse(R"(["local"])"));
  BOOST_TEST(shown.at("workers").at(0).at("location").at("location_type") == "local");
  BOOST_TEST(get(deployments + "/chat?workflow_name=talker").json().at("is_active") == true);
  BOOST_TEST(get(deployments + "/chat?workflow_name=mirror").json().at("is_active") == false);
  // It is not for the server to stop.
  for (const char* what : {"stop", "start", "restart"})
    BOOST_TEST(post(deployments + "/chat/" + what).status == 404);
  BOOST_TEST(create("chat").status == 202);
  server.advance(3s);
  BOOST_TEST(get(deployments + "/chat").json().at("locations") == json::parse(R"(["local", "managed"])"));
  BOOST_TEST(client.ask("DELETE", deployments + "/chat").status == 202);
  BOOST_TEST(get(deployments + "/chat").json().at("managed").is_null());
}

BOOST_AUTO_TEST_CASE(deployments_are_listed_by_filter_and_order) {
  for (const char* name : {"a", "b", "c"}) {
    server.advance(1h);
    create(name, std::string_view(name) == "b" ? R"(, "hardened": true)" : "");
  }
  server.advance(1h);
  post(deployments + "/b/stop");
  server.advance(1h);
  BOOST_TEST(listed("") == "c a chat");
  BOOST_TEST(listed("?active_only=false") == "c b a chat");
  BOOST_TEST(listed("?active_only=false&order=asc") == "chat a b c");
  BOOST_TEST(listed("?active_only=false&order_by=updated_at") == "b c a chat");
  BOOST_TEST(listed("?active_only=false&order_by=created_at&order=asc") == "chat a b c");
  BOOST_TEST(listed("?active_only=false&is_hardened=true") == "b");
  BOOST_TEST(listed("?is_hardened=false") == "c a chat");
  BOOST_TEST(listed("?workflow_name=talker") == "chat");
  BOOST_TEST(listed("?search=CH") == "chat");
  const std::string id(get(deployments + "/a").json().at("id").as_string());
  BOOST_TEST(listed("?search=" + id.substr(0, 13)) == "a");
  BOOST_TEST(listed("?location_types=local") == "chat");
  BOOST_TEST(listed("?location_types=local&location_types=managed") == "c a chat");
  BOOST_TEST(listed("?created_by=current") == "c a chat");
  BOOST_TEST(listed("?created_by=nobody") == "");
  BOOST_TEST(listed("?workspace_id=00000000-0000-4000-8000-0000000000ff") == "");
  BOOST_TEST(location_of(get(deployments + "?limit=101")) == R"(["query","limit"])");
  BOOST_TEST(location_of(get(deployments + "?workspace_id=x")) == R"(["query","workspace_id"])");
  BOOST_TEST(get(deployments + "?cursor=x").status == 422);

  std::string all, cursor;
  for (int pages = 0; pages < 4; ++pages) {
    const auto page =
        get(deployments + "?active_only=false&limit=1" + (cursor.empty() ? "" : "&cursor=" + cursor)).json();
    all += std::string(page.at("deployments").at(0).at("name").as_string()) + ' ';
    if (page.at("next_cursor").is_null()) break;
    cursor = page.at("next_cursor").as_string();
  }
  BOOST_TEST(all == "c b a chat ");
}

BOOST_AUTO_TEST_CASE(workers_are_listed_by_status_and_page) {
  create("d", R"(, "resources": {"replicas": 2})");
  server.advance(3s);
  post(deployments + "/d/restart");
  server.advance(1s);
  BOOST_TEST(workers("d", "?worker_status=active") == "d-3 active, d-4 active");
  BOOST_TEST(workers("d", "?worker_status=inactive") == "d-1 inactive, d-2 inactive");
  const auto first = get(deployments + "/d/workers?limit=3").json();
  BOOST_TEST(told(first) == "d-1 inactive, d-2 inactive, d-3 active");
  const std::string cursor(first.at("next_cursor").as_string());
  BOOST_TEST(workers("d", "?limit=3&cursor=" + cursor) == "d-4 active");
  BOOST_TEST(location_of(get(deployments + "/d/workers?limit=0")) == R"(["query","limit"])");
}

BOOST_AUTO_TEST_CASE(the_log_tells_of_phases_and_workers_by_filter_and_page) {
  create("d");
  server.advance(3s);
  server.advance(1h);
  post(deployments + "/d/stop");
  server.advance(1s);
  const auto said = [&](const std::string& query) {
    const auto page = get(deployments + "/d/logs" + query).json();
    std::string text;
    for (const auto& line : page.at("results").as_array())
      text += (text.empty() ? "" : "; ") + std::string(line.at("body").as_string());
    return text;
  };
  BOOST_TEST(
      said("") ==
      "Deployment d is building; Deployment d is deploying; Worker d-1 has started; Deployment d is running; "
      "Deployment d is stopping; Worker d-1 has stopped; Deployment d is stopped");
  BOOST_TEST(said("?worker_name=d-1&order=desc") == "Worker d-1 has stopped; Worker d-1 has started");
  BOOST_TEST(said("?workflow_name=talker") == "");
  const auto first = get(deployments + "/d/logs?limit=4").json();
  const auto& fourth = first.at("results").at(3);
  BOOST_TEST(fourth.at("severity_text") == "INFO");
  BOOST_TEST(fourth.at("log_attributes") == json::parse(R"({"deployment_name": "d"})"));
  const std::string since(fourth.at("timestamp").as_string());
  BOOST_TEST(said("?before=" + since) == "Deployment d is building; Deployment d is deploying");
  BOOST_TEST(said("?limit=2&after=" + since) == "Worker d-1 has started; Deployment d is running");
  const std::string cursor(first.at("next_cursor").as_string());
  BOOST_TEST(said("?limit=1&cursor=" + cursor) == "Deployment d is stopping");
  BOOST_TEST(location_of(get(deployments + "/d/logs?limit=101")) == R"(["query","limit"])");
}

BOOST_AUTO_TEST_CASE(the_log_of_a_deployment_has_what_its_workflows_write_to_theirs) {
  BOOST_TEST(get(deployments + "/chat/logs").json().at("results").as_array().empty());
  BOOST_TEST(post(api + "/writer/execute", R"({"wait_for_result": true})").status == 200);
  for (const char* query : {"", "?workflow_name=writer", "?worker_name=local-worker"}) {
    const auto page = get(deployments + "/chat/logs" + query).json();
    BOOST_REQUIRE_EQUAL(page.at("results").as_array().size(), 1u);
    BOOST_TEST(page.at("results").at(0).at("body") == "hello");
  }
  BOOST_TEST(get(deployments + "/chat/logs?workflow_name=talker").json().at("results").as_array().empty());
  BOOST_TEST(get(deployments + "/none/logs").status == 404);
  BOOST_TEST(get(deployments + "/none/logs/stream").status == 404);
}

BOOST_AUTO_TEST_CASE(the_log_stream_goes_on_and_is_resumed_by_id) {
  create("d");
  client.request("GET", deployments + "/d/logs/stream");
  BOOST_REQUIRE_EQUAL(client.head().status, 200);
  const auto building = client.next_event();
  BOOST_REQUIRE(building);
  BOOST_TEST(building->event == "log");
  BOOST_TEST(building->json().at("body") == "Deployment d is building");
  server.advance(2s);
  BOOST_TEST(client.next_event().value().json().at("body") == "Deployment d is deploying");
  raw_client other(server);
  other.request("GET", deployments + "/d/logs/stream", "", "Last-Event-ID: " + building->id + "\r\n");
  BOOST_REQUIRE_EQUAL(other.head().status, 200);
  BOOST_TEST(other.next_event().value().json().at("body") == "Deployment d is deploying");
  server.advance(1s);
  BOOST_TEST(other.next_event().value().json().at("log_attributes").at("worker_name") == "d-1");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_404_and_what_does_not_fit_422) {
  for (const char* what : {"", "/workers"}) BOOST_TEST(get(deployments + "/none" + what).status == 404);
  for (const char* what : {"/stop", "/start", "/restart"})
    BOOST_TEST(post(deployments + "/none" + what).status == 404);
  BOOST_TEST(patch("none", "{}").status == 404);
  BOOST_TEST(location_of(post(deployments, R"({"name": "d"})")) == R"(["body","spec"])");
  BOOST_TEST(location_of(post(deployments, R"({"name": "d", "spec": {}})")) ==
             R"(["body","spec","github_url"])");
  BOOST_TEST(post(deployments, R"({"name": "", "spec": {"github_url": "u"}})").status == 422);
  BOOST_TEST(create("d", R"(, "resources": {"replicas": -1})").status == 422);
}

BOOST_AUTO_TEST_CASE(deployments_outlive_their_server) {
  // The engine's journal, as executions do; phases that fall due meanwhile have gone by.
  std::string folder = (std::filesystem::temp_directory_path() / "deployments-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(folder.data()));
  auto options = by_hand();
  options.state_folder = folder;
  json::value before;
  {
    wft::local_server first(options);
    raw_client asking(first);
    asking.ask("POST", deployments, R"({"name": "d", )" + spec + "}");
    first.advance(3s);
    asking.ask("POST", deployments + "/d/stop");
    before = asking.ask("GET", deployments + "/d").json();
  }
  {
    wft::local_server second(options);
    raw_client asking(second);
    const auto after = asking.ask("GET", deployments + "/d").json();
    BOOST_TEST(after.at("id") == before.at("id"));
    BOOST_TEST(after.at("managed").at("service_id") == before.at("managed").at("service_id"));
    BOOST_TEST(after.at("managed").at("spec") == before.at("managed").at("spec"));
    second.advance(1s);
    const auto stopped = asking.ask("GET", deployments + "/d").json();
    BOOST_TEST(stopped.at("managed").at("status").at("phase") == "stopped");
    BOOST_TEST(stopped.at("workers").as_array().size() == 1u);
    BOOST_TEST(stopped.at("is_active") == false);
  }
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_SUITE_END()
