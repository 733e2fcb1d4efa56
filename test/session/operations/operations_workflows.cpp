// Workflows, their registrations and metrics, and whoami:
// what each operation sends and how its answer is read.
#include "session/operations/operations.hpp"

#include <mistral/workflows/metrics.hpp>
#include <mistral/workflows/registrations.hpp>
#include <mistral/workflows/workers.hpp>
#include <mistral/workflows/workflows.hpp>

using namespace mistral::workflows;
using test::some_uuid;

namespace {

const std::string workflow_members =
    R"("id":")" + some_uuid + R"(","name":"ticket","display_name":"Ticket","type":"code",)" +
    R"("customer_id":")" + some_uuid + R"(","workspace_id":")" + some_uuid + R"(")";
const std::string workflow_json = "{" + workflow_members + "}";
const std::string one_workflow = R"({"workflow":)" + workflow_json + "}";
const std::string registration_members =
    R"("id":")" + some_uuid + R"(","definition":{"input_schema":{}},"workflow_id":")" + some_uuid + R"(")";

}  // namespace

// GCC 12 destroys an aggregate temporary twice in a co_await expression.
static_assert(!std::is_aggregate_v<workflow_update_request> && !std::is_aggregate_v<metrics_request> &&
              !std::is_aggregate_v<registration_list_request> &&
              !std::is_aggregate_v<registration_get_request>);

BOOST_FIXTURE_TEST_SUITE(operations_on_workflows, test::operations)

BOOST_AUTO_TEST_CASE(a_workflow_is_changed_in_what_is_set_alone) {
  const workflows_api workflows(server.client());
  const workflow now =
      answered(one_workflow, [&] { return workflows.update("a/b c", workflow_update_request()); });
  BOOST_TEST(now.display_name == "Ticket");
  BOOST_TEST(line() == "PUT /v1/workflows/a%2Fb%20c");
  sent("{}");

  workflow_update_request all;
  all.display_name = "Ticket";
  all.description = "";
  all.available_in_chat_assistant = false;
  all.tags = std::vector<std::string>();
  answered(one_workflow, [&] { return workflows.update(some_uuid, all); });
  sent(R"({"display_name":"Ticket","description":"","available_in_chat_assistant":false,"tags":[]})");
}

BOOST_AUTO_TEST_CASE(a_display_name_has_at_most_128_characters_whatever_their_bytes) {
  const workflows_api workflows(server.client());
  workflow_update_request request;
  request.display_name = std::string();
  for (int i = 0; i < 128; ++i) *request.display_name += "\xC3\xA9";
  answered(one_workflow, [&] { return workflows.update("ticket", request); });
  *request.display_name += "e";
  BOOST_TEST(refused([&] { return workflows.update("ticket", request); }) == "display_name");
}

BOOST_AUTO_TEST_CASE(a_workflow_whose_name_is_a_route_is_refused_only_where_they_collide) {
  const workflows_api workflows(server.client());
  const metrics_api metrics(server.client());
  for (const std::string name : {"archive", "unarchive"})
    BOOST_TEST(refused([&] { return workflows.update(name, workflow_update_request()); }) == "workflow");
  for (const std::string name : {"runs", "schedules", "deployments", "registrations", "executions"})
    BOOST_TEST(refused([&] { return metrics.get(name); }) == "workflow_name");
  answered(one_workflow, [&] { return workflows.archive("archive"); });
  answered(one_workflow, [&] { return workflows.update("runs", workflow_update_request()); });
  BOOST_TEST(refused([&] { return workflows.archive(".."); }) == "workflow_identifier");
  BOOST_TEST(refused([&] { return workflows.unarchive(""); }) == "workflow_identifier");
}

BOOST_AUTO_TEST_CASE(a_workflow_is_archived_and_taken_out_again) {
  const workflows_api workflows(server.client());
  const std::string archived = R"({"workflow":{)" + workflow_members + R"(,"archived":true}})";
  const workflow gone = answered(archived, [&] { return workflows.archive("ticket"); });
  BOOST_TEST(gone.archived);
  BOOST_TEST(line() == "PUT /v1/workflows/ticket/archive");
  sent_nothing();
  const workflow back = answered(one_workflow, [&] { return workflows.unarchive("ticket"); });
  BOOST_TEST(!back.archived);
  BOOST_TEST(line() == "PUT /v1/workflows/ticket/unarchive");
  sent_nothing();
}

BOOST_AUTO_TEST_CASE(many_workflows_are_archived_with_one_request) {
  const workflows_api workflows(server.client());
  const std::vector<std::string> ids{some_uuid};
  const auto gone =
      answered(R"({"archived":[)" + workflow_json + R"(]})", [&] { return workflows.bulk_archive(ids); });
  BOOST_TEST(gone.all_succeeded());
  BOOST_TEST(line() == "PUT /v1/workflows/archive");
  sent(R"({"workflow_ids":[")" + some_uuid + R"("]})");
  const auto back =
      answered(R"({"unarchived":[)" + workflow_json + "]}", [&] { return workflows.bulk_unarchive(ids); });
  BOOST_TEST(back.items.at(0).workflow.value().name == "ticket");
  BOOST_TEST(line() == "PUT /v1/workflows/unarchive");
  sent(R"({"workflow_ids":[")" + some_uuid + R"("]})");
}

BOOST_AUTO_TEST_CASE(an_id_that_is_no_uuid_is_not_archived) {
  const workflows_api workflows(server.client());
  const std::vector<std::string> named{some_uuid, "ticket"};
  BOOST_TEST(refused([&] { return workflows.bulk_archive(named); }) == "workflow_ids[1]");
  BOOST_TEST(refused([&] { return workflows.bulk_unarchive(named); }) == "workflow_ids[1]");
}

BOOST_AUTO_TEST_CASE(metrics_are_asked_for_over_a_time) {
  const metrics_api metrics(server.client());
  const std::string numbers =
      R"({"execution_count":{"value":3},"success_count":{"value":3.0},"error_count":{"value":0},)"
      R"("average_latency_ms":{"value":1.5},"latency_over_time":{"value":[[1700000000,2]]},)"
      R"("retry_rate":{"value":0}})";
  const workflow_metrics read = answered(numbers, [&] { return metrics.get("ticket"); });
  BOOST_TEST((read.execution_count.value == number(std::int64_t{3})));
  BOOST_TEST(to_double(read.average_latency_ms.value) == 1.5);
  BOOST_TEST(read.latency_over_time.value.at(0).timestamp == 1'700'000'000);
  BOOST_TEST(line() == "GET /v1/workflows/ticket/metrics");

  metrics_request between;
  between.start_time = test::some_time();
  between.end_time = test::some_time() + std::chrono::hours(1);
  answered(numbers, [&] { return metrics.get("ticket", between); });
  BOOST_TEST(line() ==
             "GET /v1/workflows/ticket/metrics?start_time=2026-01-02T03%3A04%3A05.000006Z"
             "&end_time=2026-01-02T04%3A04%3A05.000006Z");
}

BOOST_AUTO_TEST_CASE(registrations_are_listed_with_every_filter) {
  const registrations_api registrations(server.client());
  const std::string page = R"({"workflow_registrations":[{)" + registration_members +
                           R"(}],"next_cursor":"c2","workflow_versions":[]})";
  const registration_page first = answered(page, [&] { return registrations.list(); });
  BOOST_TEST(first.workflow_registrations.at(0).workflow_id == some_uuid);
  BOOST_TEST(first.next_cursor.value() == "c2");
  BOOST_TEST(line() == "GET /v1/workflows/registrations");

  registration_list_request all;
  all.workflow_id = some_uuid;
  all.task_queue = "a b";
  all.active_only = true;
  all.include_shared = false;
  all.workflow_search = "";
  all.archived = false;
  all.with_workflow = true;
  all.available_in_chat_assistant = true;
  all.limit = 1000;
  all.cursor = "c+2";
  answered(page, [&] { return registrations.list(all); });
  BOOST_TEST(line() ==
             "GET /v1/workflows/registrations?workflow_id=" + some_uuid +
                 "&task_queue=a%20b&active_only=true&include_shared=false&workflow_search=&archived=false"
                 "&with_workflow=true&available_in_chat_assistant=true&limit=1000&cursor=c%2B2");
}

BOOST_AUTO_TEST_CASE(a_registration_is_read_by_its_uuid) {
  const registrations_api registrations(server.client());
  const std::string answer = R"({"workflow_registration":{)" + registration_members + R"(,"active":true},)" +
                             R"("workflow_version":{)" + registration_members + R"(,"active":true}})";
  const auto read = answered(answer, [&] { return registrations.get(some_uuid); });
  BOOST_TEST(read.active);
  BOOST_TEST(line() == "GET /v1/workflows/registrations/" + some_uuid);
  registration_get_request all;
  all.with_workflow = true;
  all.include_shared = false;
  answered(answer, [&] { return registrations.get(some_uuid, all); });
  BOOST_TEST(line() ==
             "GET /v1/workflows/registrations/" + some_uuid + "?with_workflow=true&include_shared=false");
}

// The deprecated operations are the library's to test.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

BOOST_AUTO_TEST_CASE(a_registration_is_executed_under_an_id_of_the_librarys) {
  const registrations_api registrations(server.client());
  const auto started = answered(test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z"),
                                [&] { return registrations.execute(some_uuid); });
  BOOST_TEST(started.workflow_name == "ticket");
  BOOST_TEST(line() == "POST /v1/workflows/registrations/" + some_uuid + "/execute");
  BOOST_TEST(boost::json::parse(body()).at("execution_id").as_string().size() == 36u);

  const auto outcome = answered(R"({"workflow_name":"ticket","execution_id":"@id@","result":7})",
                                [&] { return registrations.execute_and_wait(some_uuid); });
  BOOST_TEST(std::get<finished>(outcome).result == 7);
  BOOST_TEST(boost::json::parse(body()).at("wait_for_result").as_bool());
}

BOOST_AUTO_TEST_CASE(a_lost_start_of_a_registration_is_found_by_its_id) {
  server.cut();
  const registrations_api registrations(server.client());
  const auto started = answered(test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z"),
                                [&] { return registrations.execute(some_uuid); });
  BOOST_TEST((started.outcome == start_outcome::adopted));
  BOOST_TEST(server.requests.size() == 2u);
  BOOST_TEST(line().starts_with("GET /v1/workflows/executions/"));
}

BOOST_AUTO_TEST_CASE(a_registration_id_that_is_no_uuid_is_refused) {
  const registrations_api registrations(server.client());
  BOOST_TEST(refused([&] { return registrations.get("ticket"); }) == "registration_id");
  BOOST_TEST(refused([&] { return registrations.execute("ticket"); }) == "registration_id");
  registration_list_request request;
  request.workflow_id = "ticket";
  BOOST_TEST(refused([&] { return registrations.list(request); }) == "workflow_id");
  request.workflow_id.reset();
  for (const int limit : {0, 1001}) {
    request.limit = limit;
    BOOST_TEST(refused([&] { return registrations.list(request); }) == "limit");
  }
}

#pragma GCC diagnostic pop

BOOST_AUTO_TEST_CASE(a_worker_learns_where_to_connect) {
  const workers_api workers(server.client());
  const worker_identity self =
      answered(R"({"scheduler_url":"grpc://s","namespace":"n"})", [&] { return workers.whoami(); });
  BOOST_TEST(self.scheduler_url == "grpc://s");
  BOOST_TEST(self.namespace_ == "n");
  BOOST_TEST(line() == "GET /v1/workflows/workers/whoami");
}

BOOST_AUTO_TEST_SUITE_END()
