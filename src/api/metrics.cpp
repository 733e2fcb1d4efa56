#include <mistral/workflows/metrics.hpp>

#include "api/decode_answer.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request get_request(const std::string& workflow, const metrics_request& r) {
  protocol::checks(operation::workflows_metrics)
      .not_reserved("workflow_name", workflow,
                    {"runs", "schedules", "deployments", "registrations", "executions"});
  protocol::request out(operation::workflows_metrics);
  out.segment("workflow_name", workflow);
  out.query("start_time", r.start_time).query("end_time", r.end_time);
  return out;
}

}  // namespace

metrics_api::metrics_api(std::shared_ptr<const session::client_handle> handle) : handle_(std::move(handle)) {}
metrics_api::metrics_api(const metrics_api&) = default;
metrics_api& metrics_api::operator=(const metrics_api&) = default;
metrics_api::~metrics_api() = default;

boost::asio::awaitable<workflow_metrics> metrics_api::get(std::string workflow_name,
                                                          metrics_request request) const {
  auto make = [name = std::move(workflow_name), request] { return get_request(name, request); };
  return api::deferred<workflow_metrics>(*handle_, std::move(make));
}

}  // namespace mistral::workflows
