#include "testing/server/message/model_body.hpp"
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/log_source.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

answer list_deployments(core& server, const request& asked) {
  query_reader query(asked);
  deployment_filter filter;
  filter.active_only = query.flag("active_only").value_or(true);
  filter.is_hardened = query.flag("is_hardened");
  filter.workflow_name = query.text("workflow_name");
  filter.search = query.text("search");
  if (const auto key = query.choice("order_by", {"updated_at", "created_at"})) {
    filter.grouped = false;
    filter.by_update = key == "updated_at";
  }
  filter.descending = query.choice("order", {"asc", "desc"}) != "asc";
  filter.workspace_id = query.uuid("workspace_id");
  filter.created_by = query.text("created_by");
  filter.location_types = query.choices("location_types", {"local", "k8s", "managed"});
  if (query.text("limit")) filter.limit = static_cast<int>(query.integer("limit", 0, 1, 100));
  filter.cursor = query.text("cursor");
  query.check();
  return json_answer(200, server.work->deployments().list(filter));
}

answer get_deployment(core& server, const request& asked) {
  query_reader query(asked);
  const auto workflow_name = query.text("workflow_name");
  query.check();
  return json_answer(200, server.work->deployments().get(asked.parameters[0], workflow_name));
}

answer list_workers(core& server, const request& asked) {
  query_reader query(asked);
  worker_filter filter;
  if (const auto status = query.choice("worker_status", {"active", "inactive"}))
    filter.active = status == "active";
  filter.limit = static_cast<int>(query.integer("limit", 50, 1, 100));
  filter.cursor = query.text("cursor");
  query.check();
  return json_answer(200, server.work->deployments().workers(asked.parameters[0], filter));
}

// What pages and streams have in common.
log_filter read_log_filter(const request& asked, query_reader& query) {
  log_filter filter;
  filter.deployment_name = asked.parameters[0];
  filter.worker_name = query.text("worker_name");
  filter.workflow_name = query.text("workflow_name");
  filter.after = query.time("after");
  return filter;
}

answer list_deployment_logs(core& server, const request& asked) {
  query_reader query(asked);
  log_page_request wanted;
  wanted.filter = read_log_filter(asked, query);
  wanted.filter.before = query.time("before");
  wanted.descending = query.choice("order", {"asc", "desc"}) == "desc";
  wanted.cursor = query.text("cursor");
  wanted.limit = static_cast<int>(query.integer("limit", 50, 1, 100));
  query.check();
  server.work->deployments().check_known(asked.parameters[0]);
  return json_answer(200, server.work->list_logs(wanted));
}

answer stream_deployment_logs(core& server, const request& asked) {
  query_reader query(asked);
  log_filter filter = read_log_filter(asked, query);
  const auto last = last_event_id(asked, query);
  query.check();
  server.work->deployments().check_known(asked.parameters[0]);
  if (last) filter.after.reset();
  answer made;
  made.stream = make_log_source(server.io.get_executor(),
                                server.work->subscribe_logs(std::move(filter), last.value_or(0)));
  return made;
}

answer create_deployment(core& server, const request& asked) {
  const auto body = read_model<deployment_create_body>(asked);
  return json_answer(202, server.work->deployments().create(body));
}

answer update_deployment(core& server, const request& asked) {
  const auto body = read_model<deployment_update_body>(asked);
  return json_answer(202, server.work->deployments().update(asked.parameters[0], body));
}

answer remove_deployment(core& server, const request& asked) {
  return json_answer(202, server.work->deployments().remove(asked.parameters[0]));
}

answer stop_deployment(core& server, const request& asked) {
  return json_answer(202, server.work->deployments().stop(asked.parameters[0]));
}

answer start_deployment(core& server, const request& asked) {
  return json_answer(202, server.work->deployments().start(asked.parameters[0]));
}

answer restart_deployment(core& server, const request& asked) {
  return json_answer(202, server.work->deployments().restart(asked.parameters[0]));
}

constexpr operation_row deployment_table[] = {
    {{"deployments.list", "GET", "/v1/workflows/deployments"}, list_deployments},
    {{"deployments.create", "POST", "/v1/workflows/deployments"}, create_deployment},
    {{"deployments.get", "GET", "/v1/workflows/deployments/{name}"}, get_deployment},
    {{"deployments.update", "PATCH", "/v1/workflows/deployments/{name}"}, update_deployment},
    {{"deployments.remove", "DELETE", "/v1/workflows/deployments/{name}"}, remove_deployment},
    {{"deployments.stop", "POST", "/v1/workflows/deployments/{name}/stop"}, stop_deployment},
    {{"deployments.start", "POST", "/v1/workflows/deployments/{name}/start"}, start_deployment},
    {{"deployments.restart", "POST", "/v1/workflows/deployments/{name}/restart"}, restart_deployment},
    {{"deployments.workers", "GET", "/v1/workflows/deployments/{name}/workers"}, list_workers},
    {{"deployments.logs", "GET", "/v1/workflows/deployments/{name}/logs"}, list_deployment_logs},
    {{"deployments.stream_logs", "GET", "/v1/workflows/deployments/{name}/logs/stream"},
     stream_deployment_logs},
};

}  // namespace

std::span<const operation_row> deployment_rows() { return deployment_table; }

}  // namespace mistral::workflows::testing
