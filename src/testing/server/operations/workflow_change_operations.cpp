// Changing workflows, and how they did: update, archive, unarchive, metrics.
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

// Characters, not bytes.
std::size_t length_of(std::string_view text) {
  std::size_t length = 0;
  for (const char byte : text)
    if ((static_cast<unsigned char>(byte) & 0xC0) != 0x80) ++length;
  return length;
}

// A null leaves the member as it is, as if it were absent.
answer update_workflow(core& server, const request& asked) {
  body_reader body(asked);
  workflow_settings change;
  change.display_name = body.text_or_null("display_name");
  if (change.display_name && length_of(*change.display_name) > 128)
    body.refuse("display_name", "String should have at most 128 characters", "string_too_long");
  change.description = body.text_or_null("description");
  change.available_in_chat_assistant = body.flag_or_null("available_in_chat_assistant");
  change.tags = body.texts_or_null("tags");
  body.check();
  return json_answer(200, server.work->change_workflow(asked.parameters[0], change, "workflows.update"));
}

answer set_archived(core& server, const request& asked, bool archived) {
  workflow_settings change;
  change.archived = archived;
  return json_answer(200, server.work->change_workflow(asked.parameters[0], change, asked.seen.operation));
}

answer archive(core& server, const request& asked) { return set_archived(server, asked, true); }
answer unarchive(core& server, const request& asked) { return set_archived(server, asked, false); }

answer set_all_archived(core& server, const request& asked, bool archived) {
  body_reader body(asked);
  const std::vector<std::string> ids = body.uuids("workflow_ids", 100);
  body.check();
  return json_answer(200, server.work->archive_all(ids, archived));
}

answer bulk_archive(core& server, const request& asked) { return set_all_archived(server, asked, true); }
answer bulk_unarchive(core& server, const request& asked) { return set_all_archived(server, asked, false); }

answer get_metrics(core& server, const request& asked) {
  query_reader query(asked);
  metrics_range range;
  range.start_time = query.time("start_time");
  range.end_time = query.time("end_time");
  query.check();
  return json_answer(200, server.work->metrics(asked.parameters[0], range));
}

constexpr operation_row workflow_change_table[] = {
    {{"workflows.update", "PUT", "/v1/workflows/{workflow_identifier}"}, update_workflow},
    {{"workflows.archive", "PUT", "/v1/workflows/{workflow_identifier}/archive"}, archive},
    {{"workflows.unarchive", "PUT", "/v1/workflows/{workflow_identifier}/unarchive"}, unarchive},
    {{"workflows.bulk_archive", "PUT", "/v1/workflows/archive"}, bulk_archive},
    {{"workflows.bulk_unarchive", "PUT", "/v1/workflows/unarchive"}, bulk_unarchive},
    {{"metrics.get", "GET", "/v1/workflows/{workflow_name}/metrics"}, get_metrics},
};

}  // namespace

std::span<const operation_row> workflow_change_rows() { return workflow_change_table; }

}  // namespace mistral::workflows::testing
