// Logs of executions: pages and streams.
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/log_source.hpp"
#include "testing/server/operations/operations.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

// What pages and streams have in common.
log_filter read_filter(const request& asked, query_reader& query) {
  log_filter filter;
  filter.execution_id = asked.parameters[0];
  filter.run_id = query.uuid("run_id");
  filter.activity_id = query.text("activity_id");
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (filter.activity_id && (filter.activity_id->empty() ||
                             !std::all_of(filter.activity_id->begin(), filter.activity_id->end(), is_digit)))
    query.refuse("activity_id", "String should match pattern '^\\d+$'", "string_pattern_mismatch");
  filter.after = query.time("after");
  return filter;
}

answer list_execution_logs(core& server, const request& asked) {
  query_reader query(asked);
  log_page_request wanted;
  wanted.filter = read_filter(asked, query);
  wanted.filter.before = query.time("before");
  wanted.descending = query.choice("order", {"asc", "desc"}) == "desc";
  wanted.cursor = query.text("cursor");
  wanted.limit = static_cast<int>(query.integer("limit", 50, 1, 100));
  query.check();
  return json_answer(200, server.work->list_logs(wanted));
}

answer stream_execution_logs(core& server, const request& asked) {
  query_reader query(asked);
  log_filter filter = read_filter(asked, query);
  const std::optional<std::int64_t> last = last_event_id(asked, query);
  query.check();
  if (last) filter.after.reset();
  answer made;
  made.stream = make_log_source(server.io.get_executor(),
                                server.work->subscribe_logs(std::move(filter), last.value_or(0)));
  return made;
}

constexpr operation_row log_table[] = {
    {{"executions.logs", "GET", "/v1/workflows/executions/{execution_id}/logs"}, list_execution_logs},
    {{"executions.stream_logs", "GET", "/v1/workflows/executions/{execution_id}/logs/stream"},
     stream_execution_logs},
};

}  // namespace

std::span<const operation_row> log_rows() { return log_table; }

}  // namespace mistral::workflows::testing
