#include "openapi/coverage.hpp"

namespace openapi {
namespace {

using sample::text;

std::string id() { return text("execution_id"); }

boost::json::object encoded_input() {
  boost::json::object out;
  out["b64payload"] = text("b64payload");
  boost::json::array options;
  for (const char* option : {"offloaded", "encrypted", "encrypted-partial", "compressed"})
    options.emplace_back(option);
  out["encoding_options"] = options;
  out["empty"] = true;
  return out;
}

// Signal, query and update take the same.
template <class Request>
Request to_handler(int variant) {
  return Request(text("name"), variant == 0 ? encoded_input() : sample::object("input"));
}

wf::trace_events_request all_trace_events() {
  wf::trace_events_request request;
  request.merge_same_id_events = true;
  request.include_internal_events = true;
  return request;
}

wf::execution_logs_request all_logs(int variant) {
  wf::execution_logs_request request;
  request.run_id = sample::uuid("run_id");
  request.activity_id = std::to_string(sample::number("activity_id"));
  request.after = sample::time("after");
  request.before = sample::time("before");
  request.order = variant == 0 ? wf::sort_order::ascending : wf::sort_order::descending;
  request.cursor = text("cursor");
  request.limit = sample::number("limit");
  return request;
}

wf::reset_request all_reset() {
  wf::reset_request request(sample::number("event_id"));
  request.reason = text("reason");
  request.exclude_signals = true;
  request.exclude_updates = true;
  return request;
}

done follow(wf::client client, wf::stream_options options) {
  auto events = client.executions().stream(id(), options);
  (void)co_await events.next();
}

done follow_log(wf::client client, wf::log_stream_request request, wf::stream_options options) {
  auto log = client.executions().stream_logs(id(), request, options);
  (void)co_await log.next();
}

done follow_with_all(wf::client client, int variant) {
  constexpr wf::stream_source sources[] = {wf::stream_source::hybrid, wf::stream_source::database,
                                           wf::stream_source::live};
  wf::stream_options options;
  options.source = sources[variant];
  options.from = text("last_event_id");
  return follow(std::move(client), std::move(options));
}

done follow_log_with_all(wf::client client, int) {
  wf::log_stream_request request;
  request.run_id = sample::uuid("run_id");
  request.activity_id = std::to_string(sample::number("activity_id"));
  request.after = sample::time("after");
  wf::stream_options options;
  options.from = sample::plain("last-event-id");
  return follow_log(std::move(client), std::move(request), std::move(options));
}

}  // namespace

std::vector<operation_calls> execution_calls() {
  return {
      {"GET /v1/workflows/executions/{execution_id}",
       [](wf::client c) -> done { (void)co_await c.executions().get(id()); },
       [](wf::client c, int) -> done { (void)co_await c.executions().get(id(), true); }},
      {"GET /v1/workflows/executions/{execution_id}/history",
       [](wf::client c) -> done { (void)co_await c.executions().history(id()); },
       [](wf::client c, int) -> done { (void)co_await c.executions().history(id(), true); }},
      {"POST /v1/workflows/executions/{execution_id}/signals",
       [](wf::client c) -> done {
         wf::signal_request request(text("name"));
         (void)co_await c.executions().signal(id(), request);
       },
       [](wf::client c, int variant) -> done {
         auto request = to_handler<wf::signal_request>(variant);
         (void)co_await c.executions().signal(id(), request);
       }},
      {"POST /v1/workflows/executions/{execution_id}/queries",
       [](wf::client c) -> done {
         wf::query_request request(text("name"));
         (void)co_await c.executions().query(id(), request);
       },
       [](wf::client c, int variant) -> done {
         auto request = to_handler<wf::query_request>(variant);
         (void)co_await c.executions().query(id(), request);
       }},
      {"POST /v1/workflows/executions/{execution_id}/updates",
       [](wf::client c) -> done {
         wf::update_request request(text("name"));
         (void)co_await c.executions().update(id(), request);
       },
       [](wf::client c, int variant) -> done {
         auto request = to_handler<wf::update_request>(variant);
         (void)co_await c.executions().update(id(), request);
       }},
      {"POST /v1/workflows/executions/{execution_id}/terminate",
       [](wf::client c) -> done { co_await c.executions().terminate(id()); },
       {}},
      {"POST /v1/workflows/executions/{execution_id}/cancel",
       [](wf::client c) -> done { co_await c.executions().cancel(id()); },
       {}},
      {"POST /v1/workflows/executions/terminate",
       [](wf::client c) -> done {
         auto ids = sample::texts("execution_ids");
         (void)co_await c.executions().batch_terminate(ids);
       },
       {}},
      {"POST /v1/workflows/executions/cancel",
       [](wf::client c) -> done {
         auto ids = sample::texts("execution_ids");
         (void)co_await c.executions().batch_cancel(ids);
       },
       {}},
      {"POST /v1/workflows/executions/{execution_id}/reset",
       [](wf::client c) -> done {
         wf::reset_request request(sample::number("event_id"));
         co_await c.executions().reset(id(), request);
       },
       [](wf::client c, int) -> done {
         auto request = all_reset();
         co_await c.executions().reset(id(), request);
       }},
      {"GET /v1/workflows/executions/{execution_id}/trace/info",
       [](wf::client c) -> done { (void)co_await c.executions().trace_info(id()); },
       {}},
      {"GET /v1/workflows/executions/{execution_id}/trace/otel",
       [](wf::client c) -> done { (void)co_await c.executions().trace_otel(id()); },
       {}},
      {"GET /v1/workflows/executions/{execution_id}/trace/summary",
       [](wf::client c) -> done { (void)co_await c.executions().trace_summary(id()); },
       {}},
      {"GET /v1/workflows/executions/{execution_id}/trace/events",
       [](wf::client c) -> done { (void)co_await c.executions().trace_events(id()); },
       [](wf::client c, int) -> done {
         auto request = all_trace_events();
         (void)co_await c.executions().trace_events(id(), request);
       }},
      {"GET /v1/workflows/executions/{execution_id}/logs",
       [](wf::client c) -> done { (void)co_await c.executions().logs(id()); },
       [](wf::client c, int variant) -> done {
         auto request = all_logs(variant);
         (void)co_await c.executions().logs(id(), request);
       }},
      {"GET /v1/workflows/executions/{execution_id}/stream",
       [](wf::client c) -> done { return follow(std::move(c), wf::stream_options()); }, &follow_with_all, 3},
      {"GET /v1/workflows/executions/{execution_id}/logs/stream",
       [](wf::client c) -> done {
         return follow_log(std::move(c), wf::log_stream_request(), wf::stream_options());
       },
       &follow_log_with_all},
  };
}

}  // namespace openapi
