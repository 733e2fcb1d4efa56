#include "openapi/coverage.hpp"

// What the API deprecates is covered, too.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace openapi {
namespace {

using sample::text;

std::string workflow() { return text("workflow_identifier"); }
std::string registration() { return sample::uuid("workflow_registration_id"); }

wf::workflow_list_request all_workflows(int variant) {
  wf::workflow_list_request request;
  for (const std::string_view name : wire_names(wf::execution_status()))
    request.status.push_back(wf::open_enum<wf::execution_status>::from_text(name));
  request.include_shared = false;
  request.available_in_chat_assistant = variant == 0;
  request.deployment_names = sample::texts("deployment_name");
  request.deployment_active = variant == 0;
  request.active_only = true;
  request.archived = variant == 0;
  request.tags = sample::texts("tags");
  request.search = text("search");
  request.sort_by_display_name = true;
  request.order = variant == 0 ? wf::sort_order::ascending : wf::sort_order::descending;
  request.limit = sample::number("limit");
  request.cursor = text("cursor");
  return request;
}

wf::workflow_update_request all_changes() {
  wf::workflow_update_request request;
  request.display_name = text("display_name");
  request.description = text("description");
  request.available_in_chat_assistant = true;
  request.tags = sample::texts("tags");
  return request;
}

// Any JSON may be an input.
wf::execute_request all_execute(int variant) {
  boost::json::value input = sample::object("input");
  if (variant == 1) input = boost::json::array(2, input);
  wf::execute_request request(input);
  request.execution_id = text("execution_id");
  request.deployment_name = text("deployment_name");
  request.task_queue = text("task_queue");
  request.custom_tracing_attributes["a"] = "b";
  request.force_new_trace = true;
  request.extensions = sample::object("extensions");
  return request;
}

wf::registration_list_request all_registrations() {
  wf::registration_list_request request;
  request.workflow_id = sample::uuid("workflow_id");
  request.task_queue = text("task_queue");
  request.active_only = true;
  request.include_shared = false;
  request.workflow_search = text("workflow_search");
  request.archived = true;
  request.with_workflow = true;
  request.available_in_chat_assistant = true;
  request.limit = sample::number("limit");
  request.cursor = text("cursor");
  return request;
}

wf::registration_get_request all_of_registration() {
  wf::registration_get_request request;
  request.with_workflow = true;
  request.include_shared = false;
  return request;
}

wf::metrics_request all_of_metrics() {
  wf::metrics_request request;
  request.start_time = sample::time("start_time");
  request.end_time = sample::time("end_time");
  return request;
}

// Waiting for the result is a call of its own.
done execute_with_all(wf::client c, int variant) {
  auto request = all_execute(variant);
  if (variant == 0)
    (void)co_await c.workflows().execute(workflow(), request);
  else
    (void)co_await c.workflows().execute_and_wait(workflow(), request, std::chrono::milliseconds(1500));
}

done execute_registration_with_all(wf::client c, int variant) {
  auto request = all_execute(variant);
  if (variant == 0)
    (void)co_await c.registrations().execute(registration(), request);
  else
    (void)co_await c.registrations().execute_and_wait(registration(), request,
                                                      std::chrono::milliseconds(1500));
}

}  // namespace

std::vector<operation_calls> workflow_calls() {
  return {
      {"GET /v1/workflows", [](wf::client c) -> done { (void)co_await c.workflows().list(); },
       [](wf::client c, int variant) -> done {
         auto request = all_workflows(variant);
         (void)co_await c.workflows().list(request);
       }},
      {"GET /v1/workflows/{workflow_identifier}",
       [](wf::client c) -> done { (void)co_await c.workflows().get(workflow()); },
       {}},
      {"PUT /v1/workflows/{workflow_identifier}",
       [](wf::client c) -> done {
         wf::workflow_update_request request;
         (void)co_await c.workflows().update(workflow(), request);
       },
       [](wf::client c, int) -> done {
         auto request = all_changes();
         (void)co_await c.workflows().update(workflow(), request);
       }},
      {"PUT /v1/workflows/{workflow_identifier}/archive",
       [](wf::client c) -> done { (void)co_await c.workflows().archive(workflow()); },
       {}},
      {"PUT /v1/workflows/{workflow_identifier}/unarchive",
       [](wf::client c) -> done { (void)co_await c.workflows().unarchive(workflow()); },
       {}},
      {"PUT /v1/workflows/archive",
       [](wf::client c) -> done {
         std::vector<std::string> ids(1, sample::uuid("workflow_ids"));
         (void)co_await c.workflows().bulk_archive(ids);
       },
       {}},
      {"PUT /v1/workflows/unarchive",
       [](wf::client c) -> done {
         std::vector<std::string> ids(1, sample::uuid("workflow_ids"));
         (void)co_await c.workflows().bulk_unarchive(ids);
       },
       {}},
      {"POST /v1/workflows/{workflow_identifier}/execute",
       [](wf::client c) -> done { (void)co_await c.workflows().execute(workflow()); }, &execute_with_all},
      {"GET /v1/workflows/registrations",
       [](wf::client c) -> done { (void)co_await c.registrations().list(); },
       [](wf::client c, int) -> done {
         auto request = all_registrations();
         (void)co_await c.registrations().list(request);
       }},
      {"GET /v1/workflows/registrations/{workflow_registration_id}",
       [](wf::client c) -> done { (void)co_await c.registrations().get(registration()); },
       [](wf::client c, int) -> done {
         auto request = all_of_registration();
         (void)co_await c.registrations().get(registration(), request);
       }},
      {"POST /v1/workflows/registrations/{workflow_registration_id}/execute",
       [](wf::client c) -> done { (void)co_await c.registrations().execute(registration()); },
       &execute_registration_with_all},
      {"GET /v1/workflows/{workflow_name}/metrics",
       [](wf::client c) -> done { (void)co_await c.metrics().get(text("workflow_name")); },
       [](wf::client c, int) -> done {
         auto request = all_of_metrics();
         (void)co_await c.metrics().get(text("workflow_name"), request);
       }},
  };
}

}  // namespace openapi
