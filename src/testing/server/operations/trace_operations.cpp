// Traces of executions.
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

answer trace_info(core& server, const request& asked) {
  return json_answer(200, server.work->trace_info(asked.parameters[0]));
}

answer trace_otel(core& server, const request& asked) {
  return json_answer(200, server.work->trace_otel(asked.parameters[0]));
}

answer trace_summary(core& server, const request& asked) {
  return json_answer(200, server.work->trace_summary(asked.parameters[0]));
}

answer trace_events(core& server, const request& asked) {
  query_reader query(asked);
  const bool merge = query.flag("merge_same_id_events").value_or(false);
  const bool internal = query.flag("include_internal_events").value_or(false);
  query.check();
  return json_answer(200, server.work->trace_events(asked.parameters[0], merge, internal));
}

constexpr operation_row trace_table[] = {
    {{"executions.trace_info", "GET", "/v1/workflows/executions/{execution_id}/trace/info"}, trace_info},
    {{"executions.trace_otel", "GET", "/v1/workflows/executions/{execution_id}/trace/otel"}, trace_otel},
    {{"executions.trace_summary", "GET", "/v1/workflows/executions/{execution_id}/trace/summary"},
     trace_summary},
    {{"executions.trace_events", "GET", "/v1/workflows/executions/{execution_id}/trace/events"},
     trace_events},
};

}  // namespace

std::span<const operation_row> trace_rows() { return trace_table; }

}  // namespace mistral::workflows::testing
