#include "testing/server/message/reader.hpp"
#include "testing/server/operations/event_source.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

bool has_ended(const boost::json::object& execution) {
  const boost::json::value& status = execution.at("status");
  return !status.is_null() && status != "RUNNING" && status != "RETRYING_AFTER_ERROR";
}

std::optional<std::string> unless_star(std::optional<std::string> value) {
  if (value == "*") return std::nullopt;
  return value;
}

answer stream_answer(core& server, subscription from, stream_bounds bounds) {
  answer made;
  made.stream = make_event_source(server.io.get_executor(), std::move(from), std::move(bounds));
  return made;
}

}  // namespace

// Without event_source as HYBRID: what is stored, then what comes.
answer stream_execution(core& server, const request& asked) {
  query_reader query(asked);
  const std::optional<std::string> source = query.choice("event_source", {"DATABASE", "LIVE", "HYBRID"});
  const std::optional<std::int64_t> last = last_event_id(asked, query);
  query.check();
  const std::string& id = asked.parameters[0];
  stream_bounds bounds;
  bounds.execution_id = id;
  bounds.already_ended = has_ended(server.work->get_execution(id));
  const std::int64_t stored = server.work->last_sequence();
  if (source == "DATABASE") bounds.last_stored = stored;
  std::int64_t from = last ? *last + 1 : 0;
  if (source == "LIVE" && !last) from = stored + 1;
  return stream_answer(server, server.work->subscribe(id, from), std::move(bounds));
}

answer stream_events(core& server, const request& asked) {
  query_reader query(asked);
  event_filter filter;
  filter.scope = unless_star(query.choice("scope", {"activity", "workflow", "*"}));
  filter.activity_name = unless_star(query.text("activity_name"));
  filter.activity_id = unless_star(query.text("activity_id"));
  filter.workflow_name = unless_star(query.text("workflow_name"));
  filter.workflow_exec_id = unless_star(query.text("workflow_exec_id"));
  filter.root_workflow_exec_id = unless_star(query.text("root_workflow_exec_id"));
  filter.parent_workflow_exec_id = unless_star(query.text("parent_workflow_exec_id"));
  filter.stream = unless_star(query.text("stream"));
  filter.event_types = query.texts("workflow_event_types");
  const std::int64_t start = query.integer("start_seq", 0, 0, INT64_MAX);
  stream_bounds bounds;
  const boost::json::object filters = query.object("metadata_filters").value_or(boost::json::object());
  const std::optional<std::int64_t> last = last_event_id(asked, query);
  // Some clients send each member of the filters as a parameter of its own: whatever is no other parameter.
  bounds.metadata = metadata_filter(filters, query.others("a filter of metadata"));
  query.check();
  return stream_answer(server, server.work->subscribe_all(std::move(filter), last ? *last + 1 : start),
                       std::move(bounds));
}

answer list_events(core& server, const request& asked) {
  query_reader query(asked);
  event_filter filter;
  filter.root_workflow_exec_id = query.text("root_workflow_exec_id");
  filter.workflow_exec_id = query.text("workflow_exec_id");
  filter.workflow_run_id = query.text("workflow_run_id");
  const int limit = static_cast<int>(query.integer("limit", 100, 1, 1000));
  const std::optional<std::string> cursor = query.text("cursor");
  query.check();
  return json_answer(200, server.work->list_events(filter, limit, cursor));
}

}  // namespace mistral::workflows::testing
