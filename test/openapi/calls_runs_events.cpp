#include "openapi/coverage.hpp"

namespace openapi {
namespace {

using sample::text;

template <class Enum>
std::vector<wf::open_enum<Enum>> all_of(Enum any) {
  std::vector<wf::open_enum<Enum>> out;
  for (const std::string_view name : wire_names(any)) out.push_back(wf::open_enum<Enum>::from_text(name));
  return out;
}

wf::run_list_request all_runs(int variant) {
  wf::run_list_request request;
  request.workflow_identifier = text("workflow_identifier");
  request.root_execution_id = text("root_execution_id");
  request.search = text("search");
  request.status = all_of(wf::execution_status());
  request.deployment_name = text("deployment_name");
  request.sort_by = variant == 0 ? wf::run_sort_key::start_time : wf::run_sort_key::end_time;
  request.order = variant == 0 ? wf::sort_order::ascending : wf::sort_order::descending;
  request.start_time_after = sample::time("start_time_after");
  request.start_time_before = sample::time("start_time_before");
  request.end_time_after = sample::time("end_time_after");
  request.end_time_before = sample::time("end_time_before");
  request.user_id = text("user_id");
  request.workflow_tags = sample::texts("workflow_tags");
  request.include_internal = false;
  request.search_keys = sample::texts("search_key");
  request.page_size = sample::number("page_size");
  request.next_page_token = text("next_page_token");
  return request;
}

wf::event_list_request all_events() {
  wf::event_list_request request;
  request.root_workflow_exec_id = text("root_workflow_exec_id");
  request.workflow_exec_id = text("workflow_exec_id");
  request.workflow_run_id = text("workflow_run_id");
  request.limit = sample::number("limit");
  request.cursor = text("cursor");
  return request;
}

// Where it begins is said in one of two ways.
done follow_with_all(wf::client client, int variant) {
  wf::event_stream_request request;
  request.scope = variant == 0 ? wf::event_scope::activity : wf::event_scope::workflow;
  request.activity_name = text("activity_name");
  request.activity_id = text("activity_id");
  request.workflow_name = text("workflow_name");
  request.workflow_exec_id = text("workflow_exec_id");
  request.root_workflow_exec_id = text("root_workflow_exec_id");
  request.parent_workflow_exec_id = text("parent_workflow_exec_id");
  request.stream = text("stream");
  request.workflow_event_types = all_of(wf::workflow_event_type());
  request.metadata_filters = sample::object("metadata_filters");
  wf::stream_options options;
  if (variant == 0)
    request.start_seq = sample::number("start_seq");
  else
    options.from = sample::plain("last-event-id");
  auto events = client.events().stream(request, options);
  (void)co_await events.next();
}

// What is the default goes without saying, also where the caller says it.
done follow_all(wf::client client) {
  wf::event_stream_request request;
  request.activity_name = "*";
  request.workflow_exec_id = "*";
  request.stream = "*";
  request.start_seq = 0;
  auto events = client.events().stream(request);
  (void)co_await events.next();
}

}  // namespace

std::vector<operation_calls> run_and_event_calls() {
  return {
      {"GET /v1/workflows/runs", [](wf::client c) -> done { (void)co_await c.runs().list(); },
       [](wf::client c, int variant) -> done {
         auto request = all_runs(variant);
         (void)co_await c.runs().list(request);
       }},
      {"GET /v1/workflows/runs/{run_id}",
       [](wf::client c) -> done { (void)co_await c.runs().get(sample::uuid("run_id")); },
       {}},
      {"GET /v1/workflows/runs/{run_id}/history",
       [](wf::client c) -> done { (void)co_await c.runs().history(sample::uuid("run_id")); },
       [](wf::client c, int) -> done { (void)co_await c.runs().history(sample::uuid("run_id"), true); }},
      {"GET /v1/workflows/events/list", [](wf::client c) -> done { (void)co_await c.events().list(); },
       [](wf::client c, int) -> done {
         auto request = all_events();
         (void)co_await c.events().list(request);
       }},
      {"GET /v1/workflows/events/stream", &follow_all, &follow_with_all},
      {"GET /v1/workflows/workers/whoami",
       [](wf::client c) -> done { (void)co_await c.workers().whoami(); },
       {}},
  };
}

}  // namespace openapi
