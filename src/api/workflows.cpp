#include <mistral/workflows/workflows.hpp>

#include "api/decode_answer.hpp"
#include "api/execute.hpp"
#include "api/list_parameters.hpp"
#include "protocol/checks.hpp"
#include "protocol/json/encode.hpp"
#include "protocol/request.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request list_request(const workflow_list_request& r) {
  const protocol::checks check(operation::workflows_list);
  if (r.limit) check.in_range("limit", *r.limit, 1, 1000);

  protocol::request out(operation::workflows_list);
  out.query("status", r.status).query("include_shared", r.include_shared);
  out.query("available_in_chat_assistant", r.available_in_chat_assistant).query("deployment_name", r.deployment_names);
  if (r.deployment_active) out.query("deployment_status", *r.deployment_active ? "active" : "inactive");
  out.query("archived", r.archived).query("tags", r.tags);
  if (r.sort_by_display_name) out.query("sort_by", "display_name");
  out.query("order", api::order_text(r.order)).query("cursor", r.cursor).query("limit", r.limit);
  out.query("search", r.search);
  return out;
}

protocol::request get_request(const std::string& workflow) {
  protocol::checks(operation::workflows_get)
      .not_reserved("workflow", workflow, {"runs", "schedules", "deployments", "registrations"});
  protocol::request out(operation::workflows_get);
  out.segment("workflow_identifier", workflow);
  return out;
}

protocol::request on_workflow(operation op, const std::string& workflow) {
  protocol::request out(op);
  out.segment("workflow_identifier", workflow);
  return out;
}

protocol::request update_request(const std::string& workflow, workflow_update_request r) {
  const protocol::checks check(operation::workflows_update);
  check.not_reserved("workflow", workflow, {"archive", "unarchive"});
  if (r.display_name) check.at_most_characters("display_name", *r.display_name, 128);
  workflow_update_body body;
  body.display_name = std::move(r.display_name);
  body.description = std::move(r.description);
  body.available_in_chat_assistant = r.available_in_chat_assistant;
  body.tags = std::move(r.tags);
  protocol::request out = on_workflow(operation::workflows_update, workflow);
  out.json(protocol::encode(body));
  return out;
}

protocol::request bulk_request(operation op, std::vector<std::string> ids) {
  protocol::checks(op).workflow_ids("workflow_ids", ids);
  workflow_ids_body body;
  body.workflow_ids = std::move(ids);
  protocol::request out(op);
  out.json(protocol::encode(body));
  return out;
}

template <class Make>
boost::asio::awaitable<workflow> change_workflow(session::client_handle handle, Make make) {
  protocol::request request = make();
  auto answer = co_await api::call_for<workflow_answer>(std::move(handle), std::move(request));
  co_return std::move(answer.workflow);
}

boost::asio::awaitable<workflow_with_status> get_workflow(session::client_handle handle, std::string workflow) {
  protocol::request request = get_request(workflow);
  auto answer = co_await api::call_for<workflow_get_answer>(std::move(handle), std::move(request));
  co_return std::move(answer.workflow);
}

}  // namespace

workflows_api::workflows_api(std::shared_ptr<const session::client_handle> handle) : handle_(std::move(handle)) {}
workflows_api::workflows_api(const workflows_api&) = default;
workflows_api& workflows_api::operator=(const workflows_api&) = default;
workflows_api::~workflows_api() = default;

boost::asio::awaitable<workflow_page> workflows_api::list(workflow_list_request request) const {
  auto make = [request = std::move(request)] { return list_request(request); };
  return api::deferred<workflow_page>(*handle_, std::move(make));
}

boost::asio::awaitable<workflow_with_status> workflows_api::get(std::string workflow) const {
  return get_workflow(*handle_, std::move(workflow));
}

boost::asio::awaitable<workflow> workflows_api::update(std::string workflow, workflow_update_request request) const {
  auto make = [workflow = std::move(workflow), request = std::move(request)]() mutable {
    return update_request(workflow, std::move(request));
  };
  return change_workflow(*handle_, std::move(make));
}

boost::asio::awaitable<workflow> workflows_api::archive(std::string workflow) const {
  auto make = [workflow = std::move(workflow)] { return on_workflow(operation::workflows_archive, workflow); };
  return change_workflow(*handle_, std::move(make));
}

boost::asio::awaitable<workflow> workflows_api::unarchive(std::string workflow) const {
  auto make = [workflow = std::move(workflow)] { return on_workflow(operation::workflows_unarchive, workflow); };
  return change_workflow(*handle_, std::move(make));
}

boost::asio::awaitable<workflow_archive_result> workflows_api::bulk_archive(
    std::vector<std::string> workflow_ids) const {
  auto make = [ids = std::move(workflow_ids)]() mutable {
    return bulk_request(operation::workflows_bulk_archive, std::move(ids));
  };
  return api::deferred<workflow_archive_result>(*handle_, std::move(make));
}

boost::asio::awaitable<workflow_unarchive_result> workflows_api::bulk_unarchive(
    std::vector<std::string> workflow_ids) const {
  auto make = [ids = std::move(workflow_ids)]() mutable {
    return bulk_request(operation::workflows_bulk_unarchive, std::move(ids));
  };
  return api::deferred<workflow_unarchive_result>(*handle_, std::move(make));
}

boost::asio::awaitable<started_execution> workflows_api::execute(std::string workflow, execute_request request) const {
  api::start_target target = api::start_target::workflow(std::move(workflow));
  return api::execute(*handle_, std::move(target), std::move(request));
}

boost::asio::awaitable<execute_outcome> workflows_api::execute_and_wait(std::string workflow, execute_request request,
                                                                        std::chrono::milliseconds timeout) const {
  api::start_target target = api::start_target::workflow(std::move(workflow));
  return api::execute_and_wait(*handle_, std::move(target), std::move(request), timeout);
}

}  // namespace mistral::workflows
