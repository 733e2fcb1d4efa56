#include "openapi/coverage.hpp"

namespace openapi {
namespace {

using sample::text;

std::string name() { return text("name"); }

wf::deployment_list_request all_deployments(int variant) {
  wf::deployment_list_request request;
  request.active_only = false;
  request.is_hardened = true;
  request.workflow_name = text("workflow_name");
  request.search = text("search");
  request.order_by = variant == 0 ? wf::deployment_sort_key::updated_at : wf::deployment_sort_key::created_at;
  request.order = variant == 0 ? wf::sort_order::ascending : wf::sort_order::descending;
  request.limit = sample::number("limit");
  request.cursor = text("cursor");
  request.workspace_id = sample::uuid("workspace_id");
  request.created_by = text("created_by");
  for (const std::string_view type : wire_names(wf::location_type()))
    request.location_types.push_back(wf::open_enum<wf::location_type>::from_text(type));
  return request;
}

wf::worker_backend backend(int variant) {
  wf::worker_backend out;
  out.type = variant == 0 ? "koyeb" : "kubernetes";
  if (variant == 0) {
    out.build_directory = text("build_directory");
    out.dockerfile_path = text("dockerfile_path");
  } else {
    out.entrypoint = text("entrypoint");
    out.working_dir = text("working_dir");
  }
  return out;
}

// How it is built is said by a backend, of one of two kinds, or
// in the older way. Of a new deployment, or of changes to one.
template <class Spec>
Spec spec(int variant) {
  Spec out;
  out.github_url = text("github_url");
  out.revision = text("revision");
  if (variant < 2) {
    out.backend_spec = backend(variant);
  } else {
    out.entrypoint = text("entrypoint");
    out.working_dir = text("working_dir");
  }
  return out;
}

template <class Resources>
Resources resources() {
  Resources out;
  out.replicas = sample::number("replicas");
  out.cpu_request = text("cpu_request");
  out.cpu_limit = text("cpu_limit");
  out.memory_request = text("memory_request");
  out.memory_limit = text("memory_limit");
  return out;
}

done create_with_all(wf::client c, int variant) {
  wf::deployment_create_request request(name(), spec<wf::worker_spec_input>(variant));
  request.resources = resources<wf::deployment_resources>();
  request.hardened = true;
  (void)co_await c.deployments().create(request);
}

done update_with_all(wf::client c, int variant) {
  wf::deployment_update_request request;
  request.spec = spec<wf::worker_spec_patch>(variant);
  request.resources = resources<wf::deployment_resources_patch>();
  (void)co_await c.deployments().update(name(), request);
}

done list_workers(wf::client c, int variant) {
  wf::deployment_workers_request request;
  request.active = variant == 0;
  request.limit = sample::number("limit");
  request.cursor = text("cursor");
  (void)co_await c.deployments().workers(name(), request);
}

done read_log(wf::client c, int variant) {
  wf::deployment_logs_request request;
  request.worker_name = text("worker_name");
  request.workflow_name = text("workflow_name");
  request.after = sample::time("after");
  request.before = sample::time("before");
  request.order = variant == 0 ? wf::sort_order::ascending : wf::sort_order::descending;
  request.cursor = text("cursor");
  request.limit = sample::number("limit");
  (void)co_await c.deployments().logs(name(), request);
}

done follow_log(wf::client c, wf::deployment_log_stream_request request, wf::stream_options options) {
  auto log = c.deployments().stream_logs(name(), request, options);
  (void)co_await log.next();
}

done follow_log_with_all(wf::client c, int) {
  wf::deployment_log_stream_request request;
  request.worker_name = text("worker_name");
  request.workflow_name = text("workflow_name");
  request.after = sample::time("after");
  wf::stream_options options;
  options.from = sample::plain("last-event-id");
  return follow_log(std::move(c), std::move(request), std::move(options));
}

}  // namespace

std::vector<operation_calls> deployment_calls() {
  return {
      {"GET /v1/workflows/deployments", [](wf::client c) -> done { (void)co_await c.deployments().list(); },
       [](wf::client c, int variant) -> done {
         auto request = all_deployments(variant);
         (void)co_await c.deployments().list(request);
       }},
      {"POST /v1/workflows/deployments",
       [](wf::client c) -> done {
         wf::worker_spec_input least;
         least.github_url = text("github_url");
         wf::deployment_create_request request(name(), least);
         (void)co_await c.deployments().create(request);
       },
       &create_with_all, 3},
      {"GET /v1/workflows/deployments/{name}",
       [](wf::client c) -> done { (void)co_await c.deployments().get(name()); },
       [](wf::client c, int) -> done { (void)co_await c.deployments().get(name(), text("workflow_name")); }},
      {"PATCH /v1/workflows/deployments/{name}",
       [](wf::client c) -> done {
         wf::deployment_update_request request;
         (void)co_await c.deployments().update(name(), request);
       },
       &update_with_all, 3},
      {"DELETE /v1/workflows/deployments/{name}",
       [](wf::client c) -> done { (void)co_await c.deployments().remove(name()); },
       {}},
      {"POST /v1/workflows/deployments/{name}/stop",
       [](wf::client c) -> done { (void)co_await c.deployments().stop(name()); },
       {}},
      {"POST /v1/workflows/deployments/{name}/start",
       [](wf::client c) -> done { (void)co_await c.deployments().start(name()); },
       {}},
      {"POST /v1/workflows/deployments/{name}/restart",
       [](wf::client c) -> done { (void)co_await c.deployments().restart(name()); },
       {}},
      {"GET /v1/workflows/deployments/{name}/workers",
       [](wf::client c) -> done { (void)co_await c.deployments().workers(name()); }, &list_workers},
      {"GET /v1/workflows/deployments/{name}/logs",
       [](wf::client c) -> done { (void)co_await c.deployments().logs(name()); }, &read_log},
      {"GET /v1/workflows/deployments/{name}/logs/stream",
       [](wf::client c) -> done {
         return follow_log(std::move(c), wf::deployment_log_stream_request(), wf::stream_options());
       },
       &follow_log_with_all},
  };
}

}  // namespace openapi
