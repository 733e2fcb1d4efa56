// Traces in OpenTelemetry's shape, as Tempo keeps them: camelCase on the wire, and 64-bit numbers as strings.
// Not the API's own summary of a trace: see trace.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

enum class otel_span_kind { unknown, internal, server, client };

constexpr std::array<std::string_view, 3> wire_names(otel_span_kind) {
  return {"SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"};
}

struct otel_value;

struct MISTRAL_WORKFLOWS_EXPORT otel_array {
  otel_array() = default;

  std::vector<otel_value> values;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_array&, const otel_array&);
};

/// The value of an attribute: one of the members is set, unless it was of a kind that none of them is.
struct MISTRAL_WORKFLOWS_EXPORT otel_value {
  otel_value() = default;

  std::optional<std::string> string_value;
  std::optional<std::int64_t> int_value;
  std::optional<bool> bool_value;
  std::optional<double> double_value;
  std::optional<otel_array> array_value;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_value&, const otel_value&);
};

struct MISTRAL_WORKFLOWS_EXPORT otel_attribute {
  otel_attribute() = default;

  std::string key;
  otel_value value;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_attribute&, const otel_attribute&);
};

struct MISTRAL_WORKFLOWS_EXPORT otel_event {
  otel_event() = default;

  std::string name;
  timestamp_ns time_unix_nano;
  std::vector<otel_attribute> attributes;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_event&, const otel_event&);
};

/// What does not fit, or is missing, is empty: 1970 where it is a time.
struct MISTRAL_WORKFLOWS_EXPORT otel_span {
  otel_span() = default;

  std::string trace_id;
  std::string span_id;
  std::optional<std::string> parent_span_id;
  std::string name;
  open_enum<otel_span_kind> kind;
  timestamp_ns start_time_unix_nano;
  timestamp_ns end_time_unix_nano;
  std::vector<otel_attribute> attributes;
  std::vector<otel_event> events;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_span&, const otel_span&);
};

struct MISTRAL_WORKFLOWS_EXPORT otel_scope {
  otel_scope() = default;

  std::string name;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_scope&, const otel_scope&);
};

struct MISTRAL_WORKFLOWS_EXPORT otel_scope_spans {
  otel_scope_spans() = default;

  otel_scope scope;
  std::vector<otel_span> spans;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_scope_spans&, const otel_scope_spans&);
};

/// What reported the spans.
struct MISTRAL_WORKFLOWS_EXPORT otel_resource {
  otel_resource() = default;

  std::vector<otel_attribute> attributes;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_resource&, const otel_resource&);
};

struct MISTRAL_WORKFLOWS_EXPORT otel_batch {
  otel_batch() = default;

  otel_resource resource;
  std::vector<otel_scope_spans> scope_spans;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_batch&, const otel_batch&);
};

struct MISTRAL_WORKFLOWS_EXPORT otel_trace {
  otel_trace() = default;

  std::vector<otel_batch> batches;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_trace&, const otel_trace&);
};

/// An execution with its trace.
struct MISTRAL_WORKFLOWS_EXPORT execution_otel_trace : execution {
  execution_otel_trace() = default;

  std::string data_source;
  std::optional<std::string> otel_trace_id;
  std::optional<otel_trace> otel_trace_data;  ///< null where there is none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution_otel_trace&, const execution_otel_trace&);
};

}  // namespace mistral::workflows
