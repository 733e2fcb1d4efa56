#include <mistral/workflows/workflows.hpp>

#include "api/decode_answer.hpp"
#include "api/execute.hpp"
#include "api/list_parameters.hpp"
#include "protocol/checks.hpp"
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

boost::asio::awaitable<started_execution> workflows_api::execute(std::string workflow, execute_request request) const {
  return api::execute(*handle_, std::move(workflow), std::move(request));
}

boost::asio::awaitable<execute_outcome> workflows_api::execute_and_wait(std::string workflow, execute_request request,
                                                                        std::chrono::milliseconds timeout) const {
  return api::execute_and_wait(*handle_, std::move(workflow), std::move(request), timeout);
}

}  // namespace mistral::workflows
