#include "testing/server/message/model_body.hpp"
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

void check_overlap(schedule_overlap policy, std::string_view pointer) {
  if (policy < schedule_overlap::skip || policy > schedule_overlap::allow_all)
    refuse_member(pointer, "Input should be 1, 2, 3, 4, 5 or 6", "enum");
}

void check_uuid(const std::optional<std::string>& id, std::string_view pointer) {
  if (id && !is_uuid(*id)) refuse_member(pointer, "Input should be a valid UUID", "uuid_parsing");
}

answer list_schedules(core& server, const request& asked) {
  query_reader query(asked);
  schedule_filter filter;
  filter.workflow_name = query.text("workflow_name");
  filter.user_id = query.text("user_id");
  if (const auto status = query.choice("status", {"active", "paused"})) filter.paused = status == "paused";
  filter.search = query.text("search");
  if (query.text("page_size")) filter.page_size = static_cast<int>(query.integer("page_size", 0, 1, 1000));
  filter.next_page_token = query.text("next_page_token");
  query.check();
  return json_answer(200, server.work->schedules().list(filter));
}

answer create_schedule(core& server, const request& asked) {
  auto body = read_model<schedule_create_body>(asked);
  check_overlap(body.schedule.policy.overlap, "/schedule/policy/overlap");
  check_uuid(body.workflow_registration_id, "/workflow_registration_id");
  check_uuid(body.workflow_version_id, "/workflow_version_id");
  return json_answer(201, server.work->schedules().create(std::move(body)));
}

answer get_schedule(core& server, const request& asked) {
  return json_answer(200, server.work->schedules().get(asked.parameters[0]));
}

// Null is a value only where the schedule can be without one.
answer update_schedule(core& server, const request& asked) {
  auto changes = read_model<schedule_update_body>(asked).schedule;
  const auto refuse_null = [](bool null, std::string_view pointer, const char* message, const char* type) {
    if (null) refuse_member(pointer, message, type);
  };
  const char* const list = "Input should be a valid list";
  refuse_null(changes.calendars.null(), "/schedule/calendars", list, "list_type");
  refuse_null(changes.intervals.null(), "/schedule/intervals", list, "list_type");
  refuse_null(changes.cron_expressions.null(), "/schedule/cron_expressions", list, "list_type");
  refuse_null(changes.skip.null(), "/schedule/skip", list, "list_type");
  refuse_null(changes.policy.null(), "/schedule/policy", "Input should be a valid dictionary", "model_type");
  if (changes.policy.has_value()) check_overlap(changes.policy.value().overlap, "/schedule/policy/overlap");
  return json_answer(200, server.work->schedules().update(asked.parameters[0], std::move(changes)));
}

answer remove_schedule(core& server, const request& asked) {
  server.work->schedules().remove(asked.parameters[0]);
  return no_content();
}

answer pause_schedule(core& server, const request& asked) {
  server.work->schedules().pause(asked.parameters[0], read_model_if_any<schedule_pause_body>(asked).note);
  return no_content();
}

answer resume_schedule(core& server, const request& asked) {
  server.work->schedules().resume(asked.parameters[0], read_model_if_any<schedule_pause_body>(asked).note);
  return no_content();
}

answer trigger_schedule(core& server, const request& asked) {
  const auto overlap = read_model_if_any<schedule_trigger_body>(asked).overlap;
  if (overlap) check_overlap(*overlap, "/overlap");
  server.work->schedules().trigger(asked.parameters[0], overlap);
  return no_content();
}

constexpr operation_row schedule_table[] = {
    {{"schedules.list", "GET", "/v1/workflows/schedules"}, list_schedules},
    {{"schedules.create", "POST", "/v1/workflows/schedules"}, create_schedule},
    {{"schedules.get", "GET", "/v1/workflows/schedules/{schedule_id}"}, get_schedule},
    {{"schedules.update", "PATCH", "/v1/workflows/schedules/{schedule_id}"}, update_schedule},
    {{"schedules.remove", "DELETE", "/v1/workflows/schedules/{schedule_id}"}, remove_schedule},
    {{"schedules.pause", "POST", "/v1/workflows/schedules/{schedule_id}/pause"}, pause_schedule},
    {{"schedules.resume", "POST", "/v1/workflows/schedules/{schedule_id}/resume"}, resume_schedule},
    {{"schedules.trigger", "POST", "/v1/workflows/schedules/{schedule_id}/trigger"}, trigger_schedule},
};

}  // namespace

std::span<const operation_row> schedule_rows() { return schedule_table; }

}  // namespace mistral::workflows::testing
