// Traces as the API's answers show them: events, a tree of spans, OpenTelemetry's own form.
#pragma once

#include "testing/engine/traces/trace.hpp"

#include <boost/json/object.hpp>

namespace mistral::workflows::testing {

/// Each of these stands beside the members of the execution.
/// WorkflowExecutionTraceEvent or WorkflowExecutionProgressTraceEvent
boost::json::object show_trace_event(const trace_event& event);
/// WorkflowExecutionTraceSummarySpan
boost::json::object show_trace_span(const trace_span& span);
/// TempoGetTraceResponse. As a trace backend gets them: spans that have ended alone.
boost::json::object show_otel_trace(const trace_span& root, const std::string& trace_id,
                                    const std::string& service_name);
/// Whether `show_otel_trace` shows any.
bool has_ended_span(const trace_span& root);

}  // namespace mistral::workflows::testing
