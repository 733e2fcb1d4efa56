#include "testing/engine/views/views.hpp"

#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"

namespace mistral::workflows::testing {
namespace {

boost::json::value object_or_null(const std::optional<boost::json::object>& object) {
  if (!object) return nullptr;
  return *object;
}

boost::json::array text_array(const std::vector<std::string>& texts) {
  boost::json::array array;
  for (const auto& text : texts) array.push_back(boost::json::string(text));
  return array;
}

boost::json::array show_handlers(const std::vector<handler_declaration>& handlers, bool with_output) {
  boost::json::array array;
  for (const auto& handler : handlers) {
    boost::json::object shown;
    shown["name"] = handler.name;
    shown["description"] = text_or_null(handler.description);
    shown["input_schema"] = handler.input_schema;
    if (with_output) shown["output_schema"] = object_or_null(handler.output_schema);
    array.push_back(std::move(shown));
  }
  return array;
}

/// WorkflowCodeDefinition
boost::json::object show_code(const workflow_definition& workflow) {
  boost::json::object shown;
  shown["input_schema"] = workflow.input_schema;
  shown["output_schema"] = object_or_null(workflow.output_schema);
  shown["signals"] = show_handlers(workflow.signal_handlers, false);
  shown["queries"] = show_handlers(workflow.queries, true);
  shown["updates"] = show_handlers(workflow.updates, true);
  shown["enforce_determinism"] = true;
  shown["on_behalf_of"] = false;
  if (workflow.execution_timeout)
    shown["execution_timeout"] = std::chrono::duration<double>(*workflow.execution_timeout).count();
  shown["plugin_metadata"] = nullptr;
  return shown;
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
    shown["total_duration_ms"] =
        std::chrono::duration_cast<std::chrono::milliseconds>(*run.end - run.start).count();
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
  metadata["shared_namespace"] = text_or_null(workflow.shared_namespace);
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
  shown["shared_namespace"] = text_or_null(workflow.shared_namespace);
  shown["available_in_chat_assistant"] = workflow.available_in_chat_assistant;
  shown["is_technical"] = workflow.technical;
  shown["archived"] = workflow.archived;
  shown["tags"] = text_array(workflow.tags);
  return shown;
}

std::string task_queue_of(const workflow_definition& workflow) {
  return workflow.deployment_name.value_or("default");
}

boost::json::object show_registration(const workflow_definition& workflow, bool with_workflow) {
  boost::json::object shown;
  shown["id"] = registration_uuid(workflow);
  shown["deployment_id"] = nullptr;
  shown["task_queue"] = task_queue_of(workflow);
  shown["definition"] = show_code(workflow);
  shown["workflow_id"] = workflow_uuid(workflow.name);
  shown["workflow"] = nullptr;
  if (with_workflow) shown["workflow"] = show_workflow_in_full(workflow);
  shown["deployment_name"] = text_or_null(workflow.deployment_name);
  shown["compatible_with_chat_assistant"] = workflow.available_in_chat_assistant;
  return shown;
}

boost::json::object show_search_keys(const run_state& run) {
  boost::json::object shown;
  const auto work = run.look();
  for (const auto& [key, value] : work->search_keys) shown[key] = value;
  return shown;
}

}  // namespace mistral::workflows::testing
