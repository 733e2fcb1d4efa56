#include "testing/engine/traces/trace_views.hpp"

#include "testing/engine/common/json_text.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <chrono>

namespace mistral::workflows::testing {
namespace {

std::int64_t to_milliseconds(clock::time_point time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

/// 64-bit numbers are text in OpenTelemetry's JSON.
boost::json::value otel_value(const boost::json::value& value) {
  boost::json::object made;
  if (value.is_int64()) {
    made["intValue"] = std::to_string(value.get_int64());
  } else if (value.is_uint64()) {
    made["intValue"] = std::to_string(value.get_uint64());
  } else if (value.is_bool()) {
    made["boolValue"] = value;
  } else if (value.is_double()) {
    made["doubleValue"] = value;
  } else if (value.is_array()) {
    boost::json::array values;
    for (const auto& one : value.get_array()) {
      // Arrays hold scalars alone.
      if (one.is_object() || one.is_array() || one.is_null())
        values.push_back(otel_value(boost::json::string(to_text(one))));
      else
        values.push_back(otel_value(one));
    }
    boost::json::object container;
    container["values"] = std::move(values);
    made["arrayValue"] = std::move(container);
  } else {
    made["stringValue"] = value.is_string() ? value : boost::json::value(boost::json::string(to_text(value)));
  }
  return made;
}

boost::json::array otel_attributes(const boost::json::object& attributes) {
  boost::json::array made;
  for (const auto& member : attributes) {
    if (member.value().is_null()) continue;
    boost::json::object attribute;
    attribute["key"] = member.key();
    attribute["value"] = otel_value(member.value());
    made.push_back(std::move(attribute));
  }
  return made;
}

boost::json::object otel_span(const trace_span& span, const std::string& trace_id) {
  boost::json::array events;
  for (const auto& event : span.events) {
    boost::json::object made;
    made["name"] = event.name;
    made["timeUnixNano"] = std::to_string(to_nanoseconds(event.at));
    made["attributes"] = otel_attributes(event.attributes);
    events.push_back(std::move(made));
  }
  boost::json::object made;
  made["traceId"] = trace_id;
  made["spanId"] = span.id;
  made["parentSpanId"] = text_or_null(span.parent_id);
  made["name"] = span.name;
  made["kind"] = span.of_run ? "SPAN_KIND_SERVER" : "SPAN_KIND_INTERNAL";
  made["startTimeUnixNano"] = std::to_string(to_nanoseconds(span.start));
  made["endTimeUnixNano"] = std::to_string(to_nanoseconds(*span.end));
  made["attributes"] = otel_attributes(span.attributes);
  made["events"] = std::move(events);
  return made;
}

void add_ended(boost::json::array& into, const trace_span& span, const std::string& trace_id) {
  if (span.end) into.push_back(otel_span(span, trace_id));
  for (const auto& child : span.children) add_ended(into, child, trace_id);
}

}  // namespace

boost::json::object show_trace_event(const trace_event& event) {
  boost::json::object shown;
  shown["type"] = event.progress ? "EVENT_PROGRESS" : "EVENT";
  shown["name"] = event.name;
  shown["id"] = event.id;
  shown["timestamp_unix_nano"] = to_nanoseconds(event.at);
  shown["attributes"] = event.attributes;
  shown["internal"] = event.internal;
  if (!event.progress) return shown;
  shown["status"] = event.progress->status;
  shown["start_time_unix_ms"] = to_milliseconds(event.progress->start);
  shown["end_time_unix_ms"] = nullptr;
  if (event.progress->end) shown["end_time_unix_ms"] = to_milliseconds(*event.progress->end);
  shown["error"] = text_or_null(event.progress->error);
  return shown;
}

boost::json::object show_trace_span(const trace_span& span) {
  boost::json::array events;
  for (const auto& event : span.events) events.push_back(show_trace_event(event));
  boost::json::array children;
  for (const auto& child : span.children) children.push_back(show_trace_span(child));
  boost::json::object shown;
  shown["span_id"] = span.id;
  shown["name"] = span.name;
  shown["start_time_unix_nano"] = to_nanoseconds(span.start);
  shown["end_time_unix_nano"] = nullptr;
  if (span.end) shown["end_time_unix_nano"] = to_nanoseconds(*span.end);
  shown["attributes"] = span.attributes;
  shown["events"] = std::move(events);
  shown["children"] = std::move(children);
  return shown;
}

boost::json::object show_otel_trace(const trace_span& root, const std::string& trace_id,
                                    const std::string& service_name) {
  boost::json::array spans;
  add_ended(spans, root, trace_id);
  boost::json::object scope;
  scope["name"] = "mistral.workflows.testing";
  boost::json::object scope_spans;
  scope_spans["scope"] = std::move(scope);
  scope_spans["spans"] = std::move(spans);
  boost::json::object service;
  service["service.name"] = service_name;
  boost::json::object resource;
  resource["attributes"] = otel_attributes(service);
  boost::json::object batch;
  batch["resource"] = std::move(resource);
  batch["scopeSpans"].emplace_array().push_back(std::move(scope_spans));
  boost::json::object trace;
  trace["batches"].emplace_array().push_back(std::move(batch));
  return trace;
}

bool has_ended_span(const trace_span& root) {
  return root.end || std::any_of(root.children.begin(), root.children.end(), has_ended_span);
}

}  // namespace mistral::workflows::testing
