#include <mistral/workflows/registrations.hpp>

#include "api/decode_answer.hpp"
#include "api/execute.hpp"
#include "api/pages.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request registration_page_request(const registration_list_request& r) {
  const protocol::checks check(operation::registrations_list);
  if (r.workflow_id) check.uuid("workflow_id", *r.workflow_id);
  if (r.limit) check.in_range("limit", *r.limit, 1, 1000);
  protocol::request out(operation::registrations_list);
  out.query("workflow_id", r.workflow_id)
      .query("task_queue", r.task_queue)
      .query("active_only", r.active_only);
  out.query("include_shared", r.include_shared).query("workflow_search", r.workflow_search);
  out.query("archived", r.archived).query("with_workflow", r.with_workflow);
  out.query("available_in_chat_assistant", r.available_in_chat_assistant);
  out.query("limit", r.limit).query("cursor", r.cursor);
  return out;
}

protocol::request get_request(const std::string& id, const registration_get_request& r) {
  protocol::checks(operation::registrations_get).uuid("registration_id", id);
  protocol::request out(operation::registrations_get);
  out.segment("workflow_registration_id", id);
  out.query("with_workflow", r.with_workflow).query("include_shared", r.include_shared);
  return out;
}

boost::asio::awaitable<workflow_registration_with_status> get_registration(session::client_handle handle,
                                                                           std::string id,
                                                                           registration_get_request r) {
  protocol::request request = get_request(id, r);
  auto answer = co_await api::call_for<registration_answer>(std::move(handle), std::move(request));
  co_return std::move(answer.workflow_registration);
}

}  // namespace

registrations_api::registrations_api(std::shared_ptr<const session::client_handle> handle)
    : handle_(std::move(handle)) {}
registrations_api::registrations_api(const registrations_api&) = default;
registrations_api& registrations_api::operator=(const registrations_api&) = default;
registrations_api::~registrations_api() = default;

boost::asio::awaitable<registration_page> registrations_api::list(registration_list_request request) const {
  auto make = [request = std::move(request)] { return registration_page_request(request); };
  return api::deferred<registration_page>(*handle_, std::move(make));
}

async_generator<workflow_registration> registrations_api::list_all(registration_list_request request) const {
  const api::page_scheme scheme(&registration_list_request::cursor,
                                &registration_page::workflow_registrations, &registration_page::next_cursor,
                                "next_cursor");
  return api::all_items(*handle_, std::move(request), scheme, &registration_page_request);
}

boost::asio::awaitable<workflow_registration_with_status> registrations_api::get(
    std::string registration_id, registration_get_request request) const {
  return get_registration(*handle_, std::move(registration_id), request);
}

boost::asio::awaitable<started_execution> registrations_api::execute(std::string registration_id,
                                                                     execute_request request) const {
  api::start_target target = api::start_target::registration(std::move(registration_id));
  return api::execute(*handle_, std::move(target), std::move(request));
}

boost::asio::awaitable<execute_outcome> registrations_api::execute_and_wait(
    std::string registration_id, execute_request request, std::chrono::milliseconds timeout) const {
  api::start_target target = api::start_target::registration(std::move(registration_id));
  return api::execute_and_wait(*handle_, std::move(target), std::move(request), timeout);
}

}  // namespace mistral::workflows
