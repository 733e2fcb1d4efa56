#include "testing/engine/store/event_payload.hpp"

#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"

namespace mistral::workflows::testing {
namespace {

boost::json::object make_event(const run_identity& run, const new_event& event, clock::time_point at) {
  boost::json::object data;
  data["event_id"] = random_uuid();
  data["event_timestamp"] = to_nanoseconds(at);
  data["root_workflow_exec_id"] = run.root_execution_id;
  data["parent_workflow_exec_id"] = text_or_null(run.parent_execution_id);
  data["continued_run_id"] = text_or_null(run.continued_run_id);
  data["first_execution_run_id"] = run.first_run_id;
  data["schedule_id"] = text_or_null(run.schedule_id);
  data["workflow_exec_id"] = run.execution_id;
  data["workflow_run_id"] = run.run_id;
  data["workflow_name"] = run.workflow_name;
  data["event_type"] = event.type;
  data["attributes"] = event.attributes;
  return data;
}

}  // namespace

boost::json::object make_event_payload(const run_identity& run, const new_event& event, std::int64_t sequence,
                                       clock::time_point at) {
  boost::json::object context;
  context["namespace"] = "default";
  context["workflow_name"] = run.workflow_name;
  context["workflow_exec_id"] = run.execution_id;
  context["parent_workflow_exec_id"] = text_or_null(run.parent_execution_id);
  context["root_workflow_exec_id"] = run.root_execution_id;

  boost::json::object payload;
  payload["stream"] = "workflow_events";
  payload["timestamp"] = format_instant(at);
  payload["data"] = make_event(run, event, at);
  payload["workflow_context"] = std::move(context);
  payload["metadata"] = event.metadata;
  payload["broker_sequence"] = sequence;
  return payload;
}

}  // namespace mistral::workflows::testing
