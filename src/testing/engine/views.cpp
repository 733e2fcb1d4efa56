#include "testing/engine/views.hpp"

#include "testing/engine/engine_core.hpp"
#include "testing/engine/json_text.hpp"

namespace mistral::workflows::testing {
namespace {

boost::json::array text_array(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const auto& text : texts) array.push_back(boost::json::string(text));
  return array;
}

}  // namespace

boost::json::object show_run(const run_state& run) {
  const auto& identity = run.identity;
  boost::json::object shown;
  shown["workflow_name"] = identity.workflow_name;
  shown["workflow_id"] = workflow_uuid(identity.workflow_name);
  shown["deployment_name"] = text_or_null(identity.deployment_name);
  shown["execution_id"] = identity.execution_id;
  shown["parent_execution_id"] = text_or_null(identity.parent_execution_id);
  shown["root_execution_id"] = identity.root_execution_id;
  shown["run_id"] = identity.run_id;
  shown["user_id"] = local_user_id;
  shown["status"] = to_text(run.status);
  shown["start_time"] = format_instant(run.start);
  shown["end_time"] = nullptr;
  shown["total_duration_ms"] = nullptr;
  if (run.end) {
    shown["end_time"] = format_instant(*run.end);
    shown["total_duration_ms"] = std::chrono::duration_cast<std::chrono::milliseconds>(*run.end - run.start).count();
  }
  return shown;
}

boost::json::object show_run_with_result(const run_state& run) {
  auto shown = show_run(run);
  shown["result"] = from_text(run.result);
  return shown;
}

boost::json::object show_workflow(const workflow_definition& workflow) {
  boost::json::object metadata;
  metadata["shared_namespace"] = nullptr;
  boost::json::object shown;
  shown["id"] = workflow_uuid(workflow.name);
  shown["name"] = workflow.name;
  shown["display_name"] = workflow.display_name;
  shown["description"] = text_or_null(workflow.description);
  shown["metadata"] = std::move(metadata);
  shown["archived"] = workflow.archived;
  shown["tags"] = text_array(workflow.tags);
  return shown;
}

boost::json::object show_workflow_in_full(const workflow_definition& workflow) {
  boost::json::object shown;
  shown["id"] = workflow_uuid(workflow.name);
  shown["name"] = workflow.name;
  shown["display_name"] = workflow.display_name;
  shown["type"] = "code";
  shown["description"] = text_or_null(workflow.description);
  shown["customer_id"] = local_customer_id;
  shown["workspace_id"] = local_workspace_id;
  shown["shared_namespace"] = nullptr;
  shown["available_in_chat_assistant"] = workflow.available_in_chat_assistant;
  shown["is_technical"] = false;
  shown["archived"] = workflow.archived;
  shown["tags"] = text_array(workflow.tags);
  shown["active"] = true;
  return shown;
}

}  // namespace mistral::workflows::testing
