// Deployments: what each operation sends, how its answer is read, and what is sent only once.
#include "session/operations/operations.hpp"

#include <mistral/workflows/deployments.hpp>

using namespace mistral::workflows;
using test::some_uuid;

namespace {

const std::string times = R"("created_at":"2026-01-02T03:04:05Z","updated_at":"2026-01-02T03:04:05.000006Z")";
const std::string managed_json =
    R"({"service_id":"x","name":"d","spec":{"github_url":"https://g/r","revision":"main"},)"
    R"("resources":{"replicas":2},"status":{"ready_replicas":1},)" +
    times + "}";
const std::string worker_json = R"({"name":"w1","is_active":true,)" + times + "}";
const std::string deployment_members = R"("id":")" + some_uuid + R"(","name":"d","is_active":true,)" + times;

worker_spec_input some_spec() {
  worker_spec_input spec;
  spec.github_url = "https://g/r";
  return spec;
}

}  // namespace

// GCC 12 destroys an aggregate temporary twice in a co_await expression.
static_assert(!std::is_aggregate_v<deployment_list_request> &&
              !std::is_aggregate_v<deployment_create_request> &&
              !std::is_aggregate_v<deployment_update_request> &&
              !std::is_aggregate_v<deployment_workers_request> &&
              !std::is_aggregate_v<deployment_logs_request>);

BOOST_FIXTURE_TEST_SUITE(operations_on_deployments, test::operations)

BOOST_AUTO_TEST_CASE(deployments_are_listed_with_every_filter) {
  const deployments_api deployments(server.client());
  const std::string page = R"({"deployments":[{)" + deployment_members +
                           R"(,"locations":["local","moon"]}],"next_cursor":null,)" + R"("workspace_id":")" +
                           some_uuid + R"("})";
  const deployment_page first = answered(page, [&] { return deployments.list(); });
  BOOST_TEST(first.deployments.at(0).name == "d");
  BOOST_TEST(first.deployments.at(0).locations.at(1).text() == "moon");
  BOOST_TEST(!first.next_cursor);
  BOOST_TEST(line() == "GET /v1/workflows/deployments");

  deployment_list_request all;
  all.active_only = false;
  all.is_hardened = true;
  all.workflow_name = "a&b";
  all.search = "";
  all.order_by = deployment_sort_key::created_at;
  all.order = sort_order::ascending;
  all.limit = 100;
  all.cursor = "c2";
  all.workspace_id = some_uuid;
  all.created_by = "me";
  all.location_types = {location_type::local, location_type::k8s};
  answered(page, [&] { return deployments.list(all); });
  BOOST_TEST(line() ==
             "GET /v1/workflows/deployments?active_only=false&is_hardened=true&workflow_name=a%26b&search="
             "&order_by=created_at&order=asc&limit=100&cursor=c2&workspace_id=" +
                 some_uuid + "&created_by=me&location_types=local&location_types=k8s");
  all.limit = 101;
  BOOST_TEST(refused([&] { return deployments.list(all); }) == "limit");
  all.limit = 1;
  all.workspace_id = "w";
  BOOST_TEST(refused([&] { return deployments.list(all); }) == "workspace_id");
}

BOOST_AUTO_TEST_CASE(a_deployment_is_read_with_its_workers) {
  const deployments_api deployments(server.client());
  const std::string answer =
      "{" + deployment_members + R"(,"workers":[)" + worker_json + R"(],"managed":)" + managed_json + "}";
  const deployment_detail read = answered(answer, [&] { return deployments.get("d/1"); });
  BOOST_TEST(read.workers.at(0).name == "w1");
  BOOST_TEST(read.managed.value().resources.replicas.value() == 2);
  BOOST_TEST(line() == "GET /v1/workflows/deployments/d%2F1");
  answered(answer, [&] { return deployments.get("d", "ticket"); });
  BOOST_TEST(line() == "GET /v1/workflows/deployments/d?workflow_name=ticket");
}

BOOST_AUTO_TEST_CASE(a_deployment_is_created_with_what_was_given) {
  const deployments_api deployments(server.client());
  const auto made = answered(
      managed_json, [&] { return deployments.create(deployment_create_request("d", some_spec())); }, 202);
  BOOST_TEST(made.status.ready_replicas == 1);
  BOOST_TEST(line() == "POST /v1/workflows/deployments");
  const auto least = boost::json::parse(body()).as_object();
  BOOST_TEST(least.at("name") == "d");
  BOOST_TEST(boost::json::serialize(least.at("spec")) == R"({"github_url":"https://g/r"})");
  BOOST_TEST(!least.contains("resources"));

  deployment_create_request all("d", some_spec());
  all.spec.revision = "v1";
  all.spec.entrypoint = "worker:main";
  all.spec.working_dir = "src";
  all.resources = deployment_resources();
  all.resources->replicas = 2;
  all.resources->cpu_request = "500m";
  all.resources->cpu_limit = "1";
  all.resources->memory_request = "1Gi";
  all.resources->memory_limit = "2Gi";
  all.hardened = true;
  answered(managed_json, [&] { return deployments.create(all); }, 202);
  sent(
      R"({"name":"d","hardened":true,"spec":{"github_url":"https://g/r","revision":"v1","entrypoint":"worker:main",)"
      R"("working_dir":"src"},"resources":{"replicas":2,"cpu_request":"500m","cpu_limit":"1","memory_request":"1Gi",)"
      R"("memory_limit":"2Gi"}})");
}

BOOST_AUTO_TEST_CASE(a_spec_that_cannot_be_is_refused_by_name) {
  const deployments_api deployments(server.client());
  const auto refused_with = [&](auto change) {
    deployment_create_request request("d", some_spec());
    change(request);
    return refused([&] { return deployments.create(request); });
  };
  BOOST_TEST(refused_with([](auto& r) { r.name = ""; }) == "name");
  BOOST_TEST(refused_with([](auto& r) { r.spec.github_url = ""; }) == "spec.github_url");
  worker_backend backend;
  BOOST_TEST(refused_with([&](auto& r) { r.spec.backend_spec = backend; }) == "spec.backend_spec.type");
  backend.type = "kubernetes";
  BOOST_TEST(refused_with([&](auto& r) {
               r.spec.backend_spec = backend;
               r.spec.entrypoint = "x";
             }) == "spec.backend_spec");
  BOOST_TEST(refused_with([&](auto& r) {
               r.spec.backend_spec = backend;
               r.spec.working_dir = "x";
             }) == "spec.backend_spec");
  deployment_update_request update;
  update.spec = worker_spec_patch();
  update.spec.value().backend_spec = backend;
  update.spec.value().entrypoint = "x";
  BOOST_TEST(refused([&] { return deployments.update("d", update); }) == "spec.backend_spec");
}

BOOST_AUTO_TEST_CASE(a_deployment_is_changed_in_three_states) {
  const deployments_api deployments(server.client());
  answered(managed_json, [&] { return deployments.update("d", deployment_update_request()); }, 202);
  BOOST_TEST(line() == "PATCH /v1/workflows/deployments/d");
  sent("{}");

  deployment_update_request changes;
  changes.spec = worker_spec_patch();
  changes.spec.value().revision = "v2";
  changes.spec.value().entrypoint = std::nullopt;
  worker_backend backend;
  backend.type = "kubernetes";
  backend.working_dir = "src";
  changes.spec.value().backend_spec = backend;
  changes.resources = deployment_resources_patch();
  changes.resources.value().replicas = 3;
  changes.resources.value().cpu_limit = std::nullopt;
  answered(managed_json, [&] { return deployments.update("d", changes); }, 202);
  sent(
      R"({"spec":{"revision":"v2","entrypoint":null,"backend_spec":{"type":"kubernetes","working_dir":"src"}},)"
      R"("resources":{"replicas":3,"cpu_limit":null}})");

  changes.spec.set_null();
  changes.resources.reset();
  answered(managed_json, [&] { return deployments.update("d", changes); }, 202);
  sent(R"({"spec":null})");
}

BOOST_AUTO_TEST_CASE(a_deployment_is_stopped_started_restarted_and_removed) {
  const deployments_api deployments(server.client());
  answered(managed_json, [&] { return deployments.stop("d"); }, 202);
  BOOST_TEST(line() == "POST /v1/workflows/deployments/d/stop");
  sent_nothing();
  answered(managed_json, [&] { return deployments.start("d"); }, 202);
  BOOST_TEST(line() == "POST /v1/workflows/deployments/d/start");
  sent_nothing();
  answered(managed_json, [&] { return deployments.restart("d"); }, 202);
  BOOST_TEST(line() == "POST /v1/workflows/deployments/d/restart");
  sent_nothing();
  const auto gone = answered(managed_json, [&] { return deployments.remove("d"); }, 202);
  BOOST_TEST(gone.name == "d");
  BOOST_TEST(line() == "DELETE /v1/workflows/deployments/d");
  sent_nothing();
  BOOST_TEST(refused([&] { return deployments.remove("."); }) == "name");
}

BOOST_AUTO_TEST_CASE(a_stop_is_repeated_after_a_lost_answer_and_a_restart_is_not) {
  const deployments_api deployments(server.client());
  server.cut();
  answered(managed_json, [&] { return deployments.stop("d"); }, 202);
  BOOST_TEST(server.requests.size() == 2u);
  server.cut();
  BOOST_CHECK_THROW(
      test::run(io, [&]() -> boost::asio::awaitable<void> { co_await deployments.restart("d"); }),
      transport_error);
  BOOST_TEST(server.requests.size() == 3u);
}

BOOST_AUTO_TEST_CASE(workers_are_listed_with_every_filter) {
  const deployments_api deployments(server.client());
  const std::string page = R"({"workers":[)" + worker_json + R"(],"next_cursor":"c2"})";
  const worker_page first = answered(page, [&] { return deployments.workers("d"); });
  BOOST_TEST(first.workers.at(0).is_active);
  BOOST_TEST(line() == "GET /v1/workflows/deployments/d/workers");
  deployment_workers_request all;
  all.active = false;
  all.limit = 100;
  all.cursor = "c2";
  answered(page, [&] { return deployments.workers("d", all); });
  BOOST_TEST(line() == "GET /v1/workflows/deployments/d/workers?worker_status=inactive&limit=100&cursor=c2");
  all.limit = 0;
  BOOST_TEST(refused([&] { return deployments.workers("d", all); }) == "limit");
}

BOOST_AUTO_TEST_CASE(logs_are_read_page_by_page_with_every_filter) {
  const deployments_api deployments(server.client());
  const std::string page = R"({"results":[],"next_cursor":null})";
  const log_page first = answered(page, [&] { return deployments.logs("d"); });
  BOOST_TEST(first.results.empty());
  BOOST_TEST(line() == "GET /v1/workflows/deployments/d/logs");
  deployment_logs_request all;
  all.worker_name = "w 1";
  all.workflow_name = "ticket";
  all.after = test::some_time();
  all.before = test::some_time();
  all.order = sort_order::ascending;
  all.cursor = "c2";
  all.limit = 100;
  answered(page, [&] { return deployments.logs("d", all); });
  BOOST_TEST(line() ==
             "GET /v1/workflows/deployments/d/logs?worker_name=w%201&workflow_name=ticket"
             "&after=2026-01-02T03%3A04%3A05.000006Z&before=2026-01-02T03%3A04%3A05.000006Z&order=asc&cursor="
             "c2&limit=100");
  all.limit = 101;
  BOOST_TEST(refused([&] { return deployments.logs("d", all); }) == "limit");
}

BOOST_AUTO_TEST_SUITE_END()
