#include <mistral/workflows/workflows.hpp>

#include "api/batch.hpp"
#include "api/decode_answer.hpp"
#include "api/execute.hpp"
#include "api/list_parameters.hpp"
#include "api/pages.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"
#include "protocol/json/encode.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request workflow_page_request(const workflow_list_request& r) {
  const protocol::checks check(operation::workflows_list);
  if (r.limit) check.in_range("limit", *r.limit, 1, 1000);
  api::check_texts(check, "status", r.status);

  protocol::request out(operation::workflows_list);
  out.query("status", r.status).query("include_shared", r.include_shared);
  out.query("available_in_chat_assistant", r.available_in_chat_assistant)
      .query("deployment_name", r.deployment_names);
  if (r.deployment_active) out.query("deployment_status", *r.deployment_active ? "active" : "inactive");
  out.query("archived", r.archived).query("tags", r.tags);
  if (r.sort_by_display_name) out.query("sort_by", "display_name");
  out.query("order", api::order_text(check, r.order)).query("cursor", r.cursor).query("limit", r.limit);
  out.query("search", r.search);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // deprecated for callers, not for passing it on
  out.query("active_only", r.active_only);
#pragma GCC diagnostic pop
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

protocol::request put_request(const std::string& workflow, workflow_update_request r) {
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

using archiving = api::workflow_batch<workflow_archive_result, &workflow_archive_result::archived>;
using unarchiving = api::workflow_batch<workflow_unarchive_result, &workflow_unarchive_result::unarchived>;

template <class Make>
boost::asio::awaitable<workflow> change_workflow(session::client_handle handle, Make make) {
  protocol::request request = make();
  auto answer = co_await api::call_for<workflow_answer>(std::move(handle), std::move(request));
  co_return std::move(answer.workflow);
}

boost::asio::awaitable<workflow_with_status> get_workflow(session::client_handle handle,
                                                          std::string workflow) {
  protocol::request request = get_request(workflow);
  auto answer = co_await api::call_for<workflow_get_answer>(std::move(handle), std::move(request));
  co_return std::move(answer.workflow);
}

}  // namespace

workflows_api::workflows_api(std::shared_ptr<const session::client_handle> handle)
    : handle_(std::move(handle)) {}
workflows_api::workflows_api(const workflows_api&) = default;
workflows_api& workflows_api::operator=(const workflows_api&) = default;
workflows_api::~workflows_api() = default;

boost::asio::awaitable<workflow_page> workflows_api::list(workflow_list_request request) const {
  auto make = [request = std::move(request)] { return workflow_page_request(request); };
  return api::deferred<workflow_page>(*handle_, std::move(make));
}

async_generator<workflow_definition_summary> workflows_api::list_all(workflow_list_request request) const {
  const api::page_scheme scheme(&workflow_list_request::cursor, &workflow_page::workflows,
                                &workflow_page::next_cursor, "next_cursor");
  return api::all_items(*handle_, std::move(request), scheme, &workflow_page_request);
}

boost::asio::awaitable<workflow_with_status> workflows_api::get(std::string workflow) const {
  return get_workflow(*handle_, std::move(workflow));
}

boost::asio::awaitable<workflow> workflows_api::update(std::string workflow,
                                                       workflow_update_request request) const {
  auto make = [workflow = std::move(workflow), request = std::move(request)]() mutable {
    return put_request(workflow, std::move(request));
  };
  return change_workflow(*handle_, std::move(make));
}

boost::asio::awaitable<workflow> workflows_api::archive(std::string workflow) const {
  auto make = [workflow = std::move(workflow)] {
    return on_workflow(operation::workflows_archive, workflow);
  };
  return change_workflow(*handle_, std::move(make));
}

boost::asio::awaitable<workflow> workflows_api::unarchive(std::string workflow) const {
  auto make = [workflow = std::move(workflow)] {
    return on_workflow(operation::workflows_unarchive, workflow);
  };
  return change_workflow(*handle_, std::move(make));
}

boost::asio::awaitable<workflow_batch_outcome> workflows_api::bulk_archive(
    std::vector<std::string> workflow_ids) const {
  return api::run_batch(*handle_, archiving(operation::workflows_bulk_archive), std::move(workflow_ids));
}

boost::asio::awaitable<workflow_batch_outcome> workflows_api::bulk_unarchive(
    std::vector<std::string> workflow_ids) const {
  return api::run_batch(*handle_, unarchiving(operation::workflows_bulk_unarchive), std::move(workflow_ids));
}

boost::asio::awaitable<started_execution> workflows_api::execute(std::string workflow,
                                                                 execute_request request) const {
  api::start_target target = api::start_target::workflow(std::move(workflow));
  return api::execute(*handle_, std::move(target), std::move(request));
}

boost::asio::awaitable<execute_outcome> workflows_api::execute_and_wait(
    std::string workflow, execute_request request, std::chrono::milliseconds timeout) const {
  api::start_target target = api::start_target::workflow(std::move(workflow));
  return api::execute_and_wait(*handle_, std::move(target), std::move(request), timeout);
}

}  // namespace mistral::workflows
