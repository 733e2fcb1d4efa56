#include "testing/engine/common/failure.hpp"

#include <string_view>

namespace mistral::workflows::testing {

api_failure::~api_failure() = default;

boost::json::object api_failure::body() const {
  boost::json::object body;
  body["detail"] = what();
  if (!code_.empty()) body["code"] = code_;
  for (const auto& member : more_) body[member.key()] = member.value();
  return body;
}

void refuse_workflow_not_found(const std::string& identifier) {
  throw api_failure(404, "WF_1100", "Workflow '" + identifier + "' not found");
}

void refuse_execution_not_found(const std::string& id) {
  throw api_failure(404, "WF_1100", "Workflow execution '" + id + "' not found");
}

void refuse_already_started(const std::string& execution_id) {
  throw api_failure(409, "WF_1101", "Workflow execution '" + execution_id + "' is already started");
}

void refuse_not_running(const std::string& execution_id, std::string_view status) {
  boost::json::object more;
  more["status"] = boost::json::string_view(status.data(), status.size());
  throw api_failure(409, "WF_1102", "Workflow execution '" + execution_id + "' is not running",
                    std::move(more));
}

void refuse_schedule_not_found(const std::string& id) {
  throw api_failure(404, "WF_1201", "Schedule '" + id + "' not found");
}

void refuse_schedule_exists(const std::string& id) {
  throw api_failure(409, "WF_1200", "Schedule '" + id + "' already exists");
}

void refuse_schedule(const std::string& why) {
  throw api_failure(422, "WF_1200", "Invalid schedule: " + why);
}

void refuse_deployment_not_found(const std::string& name) {
  throw api_failure(404, "", "Deployment '" + name + "' not found");
}

void refuse_deployment_exists(const std::string& name) {
  throw api_failure(409, "", "Deployment '" + name + "' already exists");
}

void refuse_invalid(const std::string& detail, boost::json::object more) {
  throw api_failure(422, "WF_1001", detail, std::move(more));
}

void refuse_internal() { throw api_failure(500, "WF_1000", "Internal server error"); }

}  // namespace mistral::workflows::testing
