// All operations against the local server, whose answers must be what the description says.
#include "openapi/answer_check.hpp"

#include <mistral/workflows/testing/local_server.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

namespace openapi {
namespace {

namespace wft = mistral::workflows::testing;

// Emits events of every type that a workflow can, logs, and waits for "go".
boost::asio::awaitable<json::value> worker(wft::workflow_context context) {
  const auto state = std::make_shared<json::value>("waiting");
  context.on_query("state", [state](const json::value&) { return *state; });
  context.on_update("set", [state](const json::value& input) { return *state = input; });
  context.set_search_key("customer", "42");
  context.log("INFO", "at work", {{"step", "1"}});
  const wft::custom_task task = context.start_task("print", "paper");
  task.progress(1);
  json::array patch;
  patch.push_back({{"op", "replace"}, {"path", ""}, {"value", 2}});
  task.patch(patch);
  task.complete(3);
  context.start_task("print").fail("out of ink");
  context.start_task("print").time_out("START_TO_CLOSE");
  context.start_task("print").cancel("not needed");
  auto work = std::make_shared<int>(0);
  wft::workflow_context::handler sometimes = [work](const json::value& input) {
    if (++*work == 1) throw std::runtime_error("not yet");
    return input;
  };
  wft::activity_options twice;
  twice.maximum_attempts = 2;
  twice.first_interval = std::chrono::milliseconds(1);
  (void)co_await context.activity("sometimes", 1, sometimes, twice);
  const wft::child_execution child = context.start_child("failer", nullptr);
  try {
    (void)co_await child.result();
  } catch (const wft::step_failed&) {
  }
  *state = "ready";
  co_return co_await context.wait_signal("go");
}

boost::asio::awaitable<json::value> fail(wft::workflow_context) {
  throw wft::workflow_failure("as it was told");
  co_return nullptr;
}

boost::asio::awaitable<json::value> again(wft::workflow_context context) {
  if (context.input().is_null()) co_return 0;
  co_return context.continue_as_new(nullptr);
}

wft::local_server_options options() {
  wft::local_server_options out;
  out.tls = false;
  out.comment_interval = std::chrono::milliseconds(100);
  wft::workflow_definition busy("worker", worker);
  busy.tags.push_back("a");
  busy.deployment_name = "printers";
  busy.signal_handlers.emplace_back("go");
  busy.queries.emplace_back("state");
  busy.updates.emplace_back("set");
  out.workflows.push_back(busy);
  out.workflows.emplace_back("failer", fail);
  out.workflows.emplace_back("again", again);
  return out;
}

const std::string on_execution = "/v1/workflows/executions/{execution_id}";
const std::string on_schedule = "/v1/workflows/schedules/{schedule_id}";
const std::string on_deployment = "/v1/workflows/deployments/{name}";

std::string text(const json::value& document, const char* member) {
  const json::value* found = document.is_object() ? document.get_object().if_contains(member) : nullptr;
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

struct scenario {
  wft::local_server server{options()};
  answer_check to{server};

  std::string start(const std::string& workflow, const std::string& id,
                    const std::string& more = std::string()) {
    const std::string body = R"({"execution_id":")" + id + R"(","input":{"n":1})" + more + "}";
    return text(to.ask("POST /v1/workflows/{workflow_identifier}/execute", {workflow}, "", body), "run_id");
  }

  void workflows() {
    to.ask("GET /v1/workflows/workers/whoami");
    const json::value page = to.ask("GET /v1/workflows", {}, "limit=10");
    const json::value one = to.ask("GET /v1/workflows/{workflow_identifier}", {"worker"});
    const std::string id = text(one.at("workflow"), "id");
    const std::string ids = R"({"workflow_ids":[")" + id + R"(","0193c0de-0000-7000-8000-00000000dead"]})";
    to.ask("PUT /v1/workflows/{workflow_identifier}", {"worker"}, "",
           R"({"description":"prints","tags":["b"]})");
    to.ask("PUT /v1/workflows/{workflow_identifier}/archive", {"worker"});
    to.ask("PUT /v1/workflows/{workflow_identifier}/unarchive", {"worker"});
    to.ask("PUT /v1/workflows/archive", {}, "", ids);
    to.ask("PUT /v1/workflows/unarchive", {}, "", ids);
    const json::value registrations =
        to.ask("GET /v1/workflows/registrations", {}, "with_workflow=true&workflow_id=" + id);
    if (!registrations.is_object()) return;
    const std::string registration = text(registrations.at("workflow_registrations").at(0), "id");
    to.ask("GET /v1/workflows/registrations/{workflow_registration_id}", {registration},
           "with_workflow=true");
    to.ask("POST /v1/workflows/registrations/{workflow_registration_id}/execute", {registration}, "",
           R"({"execution_id":"r1"})");
  }

  void executions() {
    const std::string run = start("worker", "e1");
    start("again", "a1", R"(,"wait_for_result":true)");
    start("again", "a2");
    start("failer", "f1", R"(,"wait_for_result":true)");
    // The started execution waits for its signal once it is ready, and then all its events have been.
    for (int tries = 0; tries < 1000; ++tries) {
      const json::value asked =
          to.ask("POST " + on_execution + "/queries", {"e1"}, "", R"({"name":"state"})");
      if (asked.is_object() && asked.at("result") == "ready") break;
    }
    to.ask("GET " + on_execution, {"e1"}, "include_search_keys=true");
    to.ask("GET " + on_execution + "/history", {"e1"}, "decode_payloads=true");
    to.ask("POST " + on_execution + "/updates", {"e1"}, "", R"({"name":"set","input":{"to":2}})");
    to.ask("GET /v1/workflows/runs", {}, "page_size=3");
    to.ask("GET /v1/workflows/runs", {}, "status=FAILED&sort_by=start_time&order=asc");
    to.ask("GET /v1/workflows/runs/{run_id}", {run});
    to.ask("GET /v1/workflows/runs/{run_id}/history", {run});
    looking_on("e1");
    to.ask("POST " + on_execution + "/signals", {"e1"}, "", R"({"name":"go","input":{"by":"test"}})");
    looking_on("e1");
    to.ask("GET /v1/workflows/{workflow_name}/metrics", {"worker"});
    to.ask("GET /v1/workflows/{workflow_name}/metrics", {"failer"}, "start_time=2020-01-01T00:00:00Z");
  }

  void looking_on(const std::string& id) {
    for (const char* what : {"/trace/info", "/trace/otel", "/trace/summary", "/trace/events"})
      to.ask("GET " + on_execution + what, {id});
    to.ask("GET " + on_execution + "/trace/events", {id},
           "include_internal_events=true&merge_same_id_events=true");
    to.ask("GET " + on_execution + "/logs", {id}, "limit=1");
    to.ask("GET /v1/workflows/events/list", {}, "limit=3");
    to.ask("GET /v1/workflows/events/list", {}, "root_workflow_exec_id=" + id);
    to.follow("GET " + on_execution + "/stream", {id}, 1000, "event_source=DATABASE");
    to.follow("GET " + on_execution + "/logs/stream", {id}, 1);
    to.follow("GET /v1/workflows/events/stream", {}, 40, "start_seq=1");
  }

  void endings() {
    for (const char* id : {"c1", "t1", "c2", "t2", "s1"}) start("worker", id);
    to.ask("POST " + on_execution + "/cancel", {"c1"});
    to.ask("POST " + on_execution + "/terminate", {"t1"});
    to.ask("POST /v1/workflows/executions/cancel", {}, "", R"({"execution_ids":["c2","nobody"]})");
    to.ask("POST /v1/workflows/executions/terminate", {}, "", R"({"execution_ids":["t2","nobody"]})");
    // Which events it can go back to is said where one is refused.
    to.ask("POST " + on_execution + "/reset", {"s1"}, "", R"({"event_id":999999})");
    server_test::raw_client client(server);
    const json::value points =
        client.ask("POST", "/v1/workflows/executions/s1/reset", R"({"event_id":999999})")
            .json()
            .at("valid_reset_events");
    const json::value& point = points.at(0);
    const std::string event = json::serialize(point.is_object() ? point.at("event_id") : point);
    to.ask("POST " + on_execution + "/reset", {"s1"}, "",
           R"({"reason":"once more","event_id":)" + event + "}");
    to.ask("GET " + on_execution, {"t1"});
    to.ask("GET " + on_execution, {"nobody"});
    to.ask("GET /v1/workflows/runs", {}, "page_size=0");
  }

  void schedules() {
    const std::string create = "POST /v1/workflows/schedules";
    const std::string definition =
        R"({"input":{"n":1},"calendars":[{"hour":[{"start":9,"end":17,"step":2}],"comment":"by day"}],)"
        R"("intervals":[{"every":"PT4H","offset":"PT1M"}],"cron_expressions":["0 12 * * 1"],"jitter":"PT1S",)"
        R"("start_at":"2026-01-01T00:00:00Z","time_zone_name":"Europe/Paris","policy":{"overlap":6}})";
    to.ask(create, {}, "",
           R"({"workflow_identifier":"again","schedule_id":"s","schedule":)" + definition + "}");
    const json::value made = to.ask(
        create, {}, "",
        R"({"workflow_identifier":"again","schedule":{"input":null,"cron_expressions":["* * * * *"]}})");
    to.ask("GET /v1/workflows/schedules");
    to.ask("GET /v1/workflows/schedules", {}, "page_size=1&status=active");
    to.ask("PATCH " + on_schedule, {"s"}, "", R"({"schedule":{"jitter":null,"max_executions":3}})");
    to.ask("POST " + on_schedule + "/trigger", {"s"}, "", R"({"overlap":6})");
    to.ask("POST " + on_schedule + "/trigger", {"s"});
    to.ask("POST " + on_schedule + "/pause", {"s"}, "", R"({"note":"holidays"})");
    to.ask("GET " + on_schedule, {"s"});
    to.ask("POST " + on_schedule + "/resume", {"s"});
    to.ask("GET " + on_schedule, {text(made, "schedule_id")});
    to.ask("DELETE " + on_schedule, {"s"});
    to.ask("GET " + on_schedule, {"s"});
  }

  void deployments() {
    const std::string create = "POST /v1/workflows/deployments";
    to.ask(create, {}, "",
           R"({"name":"d","spec":{"github_url":"https://github.com/a/b"},"resources":{"replicas":2}})");
    to.ask("GET /v1/workflows/deployments", {}, "active_only=false&limit=1");
    to.ask("GET /v1/workflows/deployments", {}, "active_only=false");
    to.ask("GET " + on_deployment, {"d"});
    to.ask("GET " + on_deployment, {"printers"});
    to.ask("PATCH " + on_deployment, {"d"}, "",
           R"({"spec":{"revision":"v2"},"resources":{"cpu_limit":null}})");
    for (const char* what : {"/stop", "/start", "/restart"}) to.ask("POST " + on_deployment + what, {"d"});
    to.ask("GET " + on_deployment + "/workers", {"d"}, "limit=1");
    to.ask("GET " + on_deployment + "/workers", {"printers"});
    for (const char* name : {"d", "printers"}) {
      to.ask("GET " + on_deployment + "/logs", {name});
      to.follow("GET " + on_deployment + "/logs/stream", {name}, 1);
    }
    to.ask("DELETE " + on_deployment, {"d"});
    to.ask("GET " + on_deployment, {"d"});
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(openapi_answers) {
  scenario all;
  all.workflows();
  all.executions();
  all.endings();
  all.schedules();
  all.deployments();
  for (const std::string& problem : all.to.problems()) BOOST_ERROR(problem);
}

}  // namespace openapi
