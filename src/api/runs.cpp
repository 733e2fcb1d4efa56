#include <mistral/workflows/runs.hpp>

#include "api/decode_answer.hpp"
#include "api/list_parameters.hpp"
#include "api/pages.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

constexpr std::array<std::string_view, 2> sort_keys{"start_time", "end_time"};

protocol::request run_page_request(const run_list_request& r) {
  const protocol::checks check(operation::runs_list);
  if (r.page_size) check.in_range("page_size", *r.page_size, 1, 1000);
  api::check_texts(check, "status", r.status);
  check.at_most("workflow_tags", r.workflow_tags.size(), 20);
  check.at_most("search_keys", r.search_keys.size(), 3);
  for (const std::string& key : r.search_keys) check.search_key("search_keys", key);

  protocol::request out(operation::runs_list);
  out.query("workflow_identifier", r.workflow_identifier).query("root_execution_id", r.root_execution_id);
  out.query("search", r.search).query("status", r.status).query("deployment_name", r.deployment_name);
  out.query("sort_by", api::enum_text(check, "sort_by", r.sort_by, sort_keys));
  out.query("order", api::order_text(check, r.order));
  out.query("start_time_after", r.start_time_after).query("start_time_before", r.start_time_before);
  out.query("end_time_after", r.end_time_after).query("end_time_before", r.end_time_before);
  out.query("user_id", r.user_id).query("workflow_tags", r.workflow_tags);
  out.query("include_internal", r.include_internal).query("page_size", r.page_size);
  out.query("next_page_token", r.next_page_token).query("search_key", r.search_keys);
  return out;
}

protocol::request run_request(operation op, const std::string& run_id) {
  protocol::checks(op).uuid("run_id", run_id);
  protocol::request out(op);
  out.segment("run_id", run_id);
  return out;
}

}  // namespace

runs_api::runs_api(std::shared_ptr<const session::client_handle> handle) : handle_(std::move(handle)) {}
runs_api::runs_api(const runs_api&) = default;
runs_api& runs_api::operator=(const runs_api&) = default;
runs_api::~runs_api() = default;

boost::asio::awaitable<run_page> runs_api::list(run_list_request request) const {
  auto make = [request = std::move(request)] { return run_page_request(request); };
  return api::deferred<run_page>(*handle_, std::move(make));
}

async_generator<execution_summary> runs_api::list_all(run_list_request request) const {
  const api::page_scheme scheme(&run_list_request::next_page_token, &run_page::executions,
                                &run_page::next_page_token, "next_page_token");
  return api::all_items(*handle_, std::move(request), scheme, &run_page_request);
}

boost::asio::awaitable<execution> runs_api::get(std::string run_id) const {
  auto make = [run_id = std::move(run_id)] { return run_request(operation::runs_get, run_id); };
  return api::deferred<execution>(*handle_, std::move(make));
}

boost::asio::awaitable<boost::json::value> runs_api::history(std::string run_id, bool decode_payloads) const {
  auto make = [run_id = std::move(run_id), decode_payloads] {
    protocol::request out = run_request(operation::runs_history, run_id);
    if (decode_payloads) out.query("decode_payloads", true);
    return out;
  };
  return api::deferred<boost::json::value>(*handle_, std::move(make));
}

}  // namespace mistral::workflows
