// Registrations of workflows.
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

answer list_registrations(core& server, const request& asked) {
  query_reader query(asked);
  registration_filter filter;
  filter.workflow_id = query.uuid("workflow_id");
  filter.task_queue = query.text("task_queue");
  filter.active_only = query.flag("active_only").value_or(false);
  filter.include_shared = query.flag("include_shared").value_or(true);
  filter.workflow_search = query.text("workflow_search");
  filter.archived = query.flag("archived");
  filter.with_workflow = query.flag("with_workflow").value_or(false);
  filter.available_in_chat_assistant = query.flag("available_in_chat_assistant");
  filter.limit = static_cast<int>(query.integer("limit", 50, 1, 1000));
  filter.cursor = query.text("cursor");
  query.check();
  return json_answer(200, server.work->list_registrations(filter));
}

answer get_registration(core& server, const request& asked) {
  const std::string id = path_uuid(asked, 0, "workflow_registration_id");
  query_reader query(asked);
  const bool with_workflow = query.flag("with_workflow").value_or(false);
  const bool include_shared = query.flag("include_shared").value_or(true);
  query.check();
  return json_answer(200, server.work->get_registration(id, with_workflow, include_shared));
}

constexpr operation_row registration_table[] = {
    {{"registrations.list", "GET", "/v1/workflows/registrations"}, list_registrations},
    {{"registrations.get", "GET", "/v1/workflows/registrations/{workflow_registration_id}"},
     get_registration},
    {{"registrations.execute", "POST", "/v1/workflows/registrations/{workflow_registration_id}/execute"},
     execute_registration},
};

}  // namespace

std::span<const operation_row> registration_rows() { return registration_table; }

}  // namespace mistral::workflows::testing
