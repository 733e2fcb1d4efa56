#include <mistral/workflows/deployments.hpp>

#include "api/decode_answer.hpp"
#include "api/list_parameters.hpp"
#include "api/pages.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"
#include "protocol/json/encode.hpp"
#include "session/follow/client_stream_host.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request on_deployment(operation op, const std::string& name) {
  protocol::request out(op);
  out.segment("name", name);
  return out;
}

protocol::request deployment_page_request(const deployment_list_request& r) {
  const protocol::checks check(operation::deployments_list);
  if (r.limit) check.in_range("limit", *r.limit, 1, 100);
  if (r.workspace_id) check.uuid("workspace_id", *r.workspace_id);
  api::check_texts(check, "location_types", r.location_types);
  protocol::request out(operation::deployments_list);
  out.query("active_only", r.active_only)
      .query("is_hardened", r.is_hardened)
      .query("workflow_name", r.workflow_name);
  out.query("search", r.search);
  constexpr std::array<std::string_view, 2> sort_keys{"updated_at", "created_at"};
  out.query("order_by", api::enum_text(check, "order_by", r.order_by, sort_keys));
  out.query("order", api::order_text(check, r.order)).query("limit", r.limit).query("cursor", r.cursor);
  out.query("workspace_id", r.workspace_id).query("created_by", r.created_by);
  out.query("location_types", r.location_types);
  return out;
}

// Of a new deployment or of changes to one.
template <class Spec>
void check_backend(const protocol::checks& check, const Spec& spec) {
  if (!spec.backend_spec.has_value()) return;
  check.not_empty("spec.backend_spec.type", spec.backend_spec.value().type);
  if (spec.entrypoint.has_value() || spec.working_dir.has_value())
    check.refuse("spec.backend_spec", "excludes entrypoint and working_dir beside it: they belong into it");
}

protocol::request create_request(deployment_create_request r) {
  const protocol::checks check(operation::deployments_create);
  check.identifier("name", r.name);
  check.not_empty("spec.github_url", r.spec.github_url);
  check_backend(check, r.spec);
  deployment_create_body body;
  body.name = std::move(r.name);
  body.spec = std::move(r.spec);
  body.resources = std::move(r.resources);
  body.hardened = r.hardened;
  protocol::request out(operation::deployments_create);
  out.json(protocol::encode(body));
  return out;
}

protocol::request change_request(const std::string& name, deployment_update_request r) {
  const protocol::checks check(operation::deployments_update);
  if (r.spec.has_value()) {
    const worker_spec_patch& spec = r.spec.value();
    if (spec.github_url.has_value()) check.not_empty("spec.github_url", spec.github_url.value());
    check_backend(check, spec);
  }
  deployment_update_body body;
  body.spec = std::move(r.spec);
  body.resources = std::move(r.resources);
  protocol::request out = on_deployment(operation::deployments_update, name);
  out.json(protocol::encode(body));
  return out;
}

protocol::request workers_request(const std::string& name, const deployment_workers_request& r) {
  if (r.limit) protocol::checks(operation::deployments_workers).in_range("limit", *r.limit, 1, 100);
  protocol::request out = on_deployment(operation::deployments_workers, name);
  if (r.active) out.query("worker_status", *r.active ? "active" : "inactive");
  out.query("limit", r.limit).query("cursor", r.cursor);
  return out;
}

protocol::request logs_request(const std::string& name, const deployment_logs_request& r) {
  const protocol::checks check(operation::deployments_logs);
  if (r.limit) check.in_range("limit", *r.limit, 1, 100);
  protocol::request out = on_deployment(operation::deployments_logs, name);
  out.query("worker_name", r.worker_name).query("workflow_name", r.workflow_name);
  out.query("after", r.after).query("before", r.before).query("order", api::order_text(check, r.order));
  out.query("cursor", r.cursor).query("limit", r.limit);
  return out;
}

session::stream_description describe_logs(std::string name, deployment_log_stream_request r) {
  session::stream_description description;
  description.request = [name = std::move(name), r = std::move(r)](const std::string&) {
    protocol::request out = on_deployment(operation::deployments_stream_logs, name);
    out.query("worker_name", r.worker_name).query("workflow_name", r.workflow_name).query("after", r.after);
    return out;
  };
  description.cursor_in = session::stream_description::cursor_place::header;
  return description;
}

boost::asio::awaitable<managed_deployment> command(session::client_handle handle, operation op,
                                                   std::string name) {
  auto make = [op, name = std::move(name)] { return on_deployment(op, name); };
  return api::deferred<managed_deployment>(std::move(handle), std::move(make));
}

}  // namespace

deployments_api::deployments_api(std::shared_ptr<const session::client_handle> handle)
    : handle_(std::move(handle)) {}
deployments_api::deployments_api(const deployments_api&) = default;
deployments_api& deployments_api::operator=(const deployments_api&) = default;
deployments_api::~deployments_api() = default;

boost::asio::awaitable<deployment_page> deployments_api::list(deployment_list_request request) const {
  auto make = [request = std::move(request)] { return deployment_page_request(request); };
  return api::deferred<deployment_page>(*handle_, std::move(make));
}

async_generator<deployment> deployments_api::list_all(deployment_list_request request) const {
  const api::page_scheme scheme(&deployment_list_request::cursor, &deployment_page::deployments,
                                &deployment_page::next_cursor, "next_cursor");
  return api::all_items(*handle_, std::move(request), scheme, &deployment_page_request);
}

boost::asio::awaitable<managed_deployment> deployments_api::create(deployment_create_request request) const {
  auto make = [request = std::move(request)]() mutable { return create_request(std::move(request)); };
  return api::deferred<managed_deployment>(*handle_, std::move(make));
}

boost::asio::awaitable<deployment_detail> deployments_api::get(
    std::string name, std::optional<std::string> workflow_name) const {
  auto make = [name = std::move(name), workflow_name = std::move(workflow_name)] {
    protocol::request out = on_deployment(operation::deployments_get, name);
    out.query("workflow_name", workflow_name);
    return out;
  };
  return api::deferred<deployment_detail>(*handle_, std::move(make));
}

boost::asio::awaitable<managed_deployment> deployments_api::update(std::string name,
                                                                   deployment_update_request request) const {
  auto make = [name = std::move(name), request = std::move(request)]() mutable {
    return change_request(name, std::move(request));
  };
  return api::deferred<managed_deployment>(*handle_, std::move(make));
}

boost::asio::awaitable<managed_deployment> deployments_api::remove(std::string name) const {
  return command(*handle_, operation::deployments_delete, std::move(name));
}

boost::asio::awaitable<managed_deployment> deployments_api::stop(std::string name) const {
  return command(*handle_, operation::deployments_stop, std::move(name));
}

boost::asio::awaitable<managed_deployment> deployments_api::start(std::string name) const {
  return command(*handle_, operation::deployments_start, std::move(name));
}

boost::asio::awaitable<managed_deployment> deployments_api::restart(std::string name) const {
  return command(*handle_, operation::deployments_restart, std::move(name));
}

boost::asio::awaitable<worker_page> deployments_api::workers(std::string name,
                                                             deployment_workers_request request) const {
  auto make = [name = std::move(name), request = std::move(request)] {
    return workers_request(name, request);
  };
  return api::deferred<worker_page>(*handle_, std::move(make));
}

async_generator<deployment_worker> deployments_api::workers_all(std::string name,
                                                                deployment_workers_request request) const {
  const api::page_scheme scheme(&deployment_workers_request::cursor, &worker_page::workers,
                                &worker_page::next_cursor, "next_cursor");
  auto make = [name = std::move(name)](const deployment_workers_request& r) {
    return workers_request(name, r);
  };
  return api::all_items(*handle_, std::move(request), scheme, std::move(make));
}

async_generator<log_record> deployments_api::logs_all(std::string name,
                                                      deployment_logs_request request) const {
  const api::page_scheme scheme(&deployment_logs_request::cursor, &log_page::results, &log_page::next_cursor,
                                "next_cursor");
  auto make = [name = std::move(name)](const deployment_logs_request& r) { return logs_request(name, r); };
  return api::all_items(*handle_, std::move(request), scheme, std::move(make));
}

boost::asio::awaitable<log_page> deployments_api::logs(std::string name,
                                                       deployment_logs_request request) const {
  auto make = [name = std::move(name), request = std::move(request)] { return logs_request(name, request); };
  return api::deferred<log_page>(*handle_, std::move(make));
}

log_stream deployments_api::stream_logs(std::string name, deployment_log_stream_request request,
                                        stream_options options) const {
  return session::open_log_stream(*handle_, describe_logs(std::move(name), std::move(request)),
                                  std::move(options));
}

}  // namespace mistral::workflows
