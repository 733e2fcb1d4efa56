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

/// Which side of a call a span is.
enum class otel_span_kind { unknown, internal, server, client };

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 3> wire_names(otel_span_kind) {
  return {"SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT"};
}

struct otel_value;

/// Several values of one attribute.
struct MISTRAL_WORKFLOWS_EXPORT otel_array {
  otel_array() = default;

  std::vector<otel_value> values;  ///< in their order

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_array&, const otel_array&);
};

/// The value of an attribute: one of the members is set, unless it was of a kind that none of them is.
struct MISTRAL_WORKFLOWS_EXPORT otel_value {
  otel_value() = default;

  std::optional<std::string> string_value;  ///< a text
  std::optional<std::int64_t> int_value;    ///< an integer
  std::optional<bool> bool_value;           ///< true or false
  std::optional<double> double_value;       ///< a number
  std::optional<otel_array> array_value;    ///< several values

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_value&, const otel_value&);
};

/// A named value.
struct MISTRAL_WORKFLOWS_EXPORT otel_attribute {
  otel_attribute() = default;

  std::string key;   ///< name of the attribute
  otel_value value;  ///< one of several kinds

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_attribute&, const otel_attribute&);
};

/// Something that happened within a span.
struct MISTRAL_WORKFLOWS_EXPORT otel_event {
  otel_event() = default;

  std::string name;                        ///< of the event
  timestamp_ns time_unix_nano;             ///< when it happened
  std::vector<otel_attribute> attributes;  ///< in the order of the server

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_event&, const otel_event&);
};

/// What does not fit, or is missing, is empty: 1970 where it is a time.
struct MISTRAL_WORKFLOWS_EXPORT otel_span {
  otel_span() = default;

  std::string trace_id;                       ///< as OpenTelemetry has it, in hex
  std::string span_id;                        ///< as OpenTelemetry has it, in hex
  std::optional<std::string> parent_span_id;  ///< null for a root
  std::string name;                           ///< of the span
  open_enum<otel_span_kind> kind;             ///< which side of a call
  timestamp_ns start_time_unix_nano;          ///< when it began
  timestamp_ns end_time_unix_nano;            ///< when it ended
  std::vector<otel_attribute> attributes;     ///< in the order of the server
  std::vector<otel_event> events;             ///< in the order in which they happened

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_span&, const otel_span&);
};

/// What spans were made with.
struct MISTRAL_WORKFLOWS_EXPORT otel_scope {
  otel_scope() = default;

  std::string name;  ///< of the library that made the spans

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_scope&, const otel_scope&);
};

/// Spans of one scope.
struct MISTRAL_WORKFLOWS_EXPORT otel_scope_spans {
  otel_scope_spans() = default;

  otel_scope scope;              ///< what the spans were made with
  std::vector<otel_span> spans;  ///< in the order of the server

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_scope_spans&, const otel_scope_spans&);
};

/// What reported the spans.
struct MISTRAL_WORKFLOWS_EXPORT otel_resource {
  otel_resource() = default;

  std::vector<otel_attribute> attributes;  ///< in the order of the server

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_resource&, const otel_resource&);
};

/// Spans of one resource.
struct MISTRAL_WORKFLOWS_EXPORT otel_batch {
  otel_batch() = default;

  otel_resource resource;                     ///< what reported the spans
  std::vector<otel_scope_spans> scope_spans;  ///< by what made them

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_batch&, const otel_batch&);
};

/// A trace as OpenTelemetry has it.
struct MISTRAL_WORKFLOWS_EXPORT otel_trace {
  otel_trace() = default;

  std::vector<otel_batch> batches;  ///< by what reported them

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const otel_trace&, const otel_trace&);
};

/// An execution with its trace.
struct MISTRAL_WORKFLOWS_EXPORT execution_otel_trace : execution {
  execution_otel_trace() = default;

  std::string data_source;                    ///< which store the trace was read from
  std::optional<std::string> otel_trace_id;   ///< of the trace, in hex; null where there is none
  std::optional<otel_trace> otel_trace_data;  ///< null where there is none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution_otel_trace&, const execution_otel_trace&);
};

}  // namespace mistral::workflows
