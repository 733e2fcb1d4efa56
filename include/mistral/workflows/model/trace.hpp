// What an execution did, as spans and events.
// Not its event stream, and not its logs.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/array.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mistral::workflows {

/// The value of an attribute; the first alternative is null.
using attribute_value =
    std::variant<std::monostate, std::string, std::int64_t, double, bool, boost::json::array>;

/// At one time, or over some time.
enum class trace_event_type { unknown, event, event_progress };

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 2> wire_names(trace_event_type) { return {"EVENT", "EVENT_PROGRESS"}; }

/// How far something is.
enum class trace_progress_status { unknown, running, completed, failed };

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 3> wire_names(trace_progress_status) {
  return {"RUNNING", "COMPLETED", "FAILED"};
}

/// Something that happened at one time, or, if its type is `event_progress`, over some time.
struct MISTRAL_WORKFLOWS_EXPORT trace_event {
  trace_event() = default;

  open_enum<trace_event_type> type = trace_event_type::event;  ///< at one time, or over some time
  std::string name;                                            ///< of the event
  std::string id;                                              ///< of the event
  timestamp_ns timestamp_unix_nano;                            ///< when it happened
  std::map<std::string, attribute_value> attributes;           ///< by name
  bool internal = false;                                       ///< of the platform's own

  /// This and what follows: of `event_progress` alone.
  std::optional<open_enum<trace_progress_status>> status;
  std::optional<timestamp_ms> start_time_unix_ms;  ///< when it began
  std::optional<timestamp_ms> end_time_unix_ms;    ///< null while it goes on
  std::optional<std::string> error;                ///< null where there is none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const trace_event&, const trace_event&);
};

/// A span and all within it. What does not fit, or is missing, is empty: 1970 where it is a time.
struct MISTRAL_WORKFLOWS_EXPORT trace_span {
  trace_span() = default;

  std::string span_id;                                ///< as OpenTelemetry has it, in hex
  std::string name;                                   ///< of the span
  timestamp_ns start_time_unix_nano;                  ///< when it began
  std::optional<timestamp_ns> end_time_unix_nano;     ///< null while it is open
  std::map<std::string, attribute_value> attributes;  ///< by name
  std::vector<trace_event> events;                    ///< within it
  std::vector<trace_span> children;                   ///< spans within it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const trace_span&, const trace_span&);
};

/// Whether there is a trace.
struct MISTRAL_WORKFLOWS_EXPORT trace_info {
  trace_info() = default;

  std::optional<std::string> otel_trace_id;  ///< of the trace, in hex; null where there is none
  bool has_trace_data = false;               ///< whether there is anything to read

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const trace_info&, const trace_info&);
};

/// An execution with its events.
struct MISTRAL_WORKFLOWS_EXPORT execution_trace_events : execution {
  execution_trace_events() = default;

  std::vector<trace_event> events;  ///< of the trace

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution_trace_events&,
                                                  const execution_trace_events&);
};

/// An execution with its spans.
struct MISTRAL_WORKFLOWS_EXPORT execution_trace_summary : execution {
  execution_trace_summary() = default;

  std::optional<trace_span> span_tree;  ///< the root

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const execution_trace_summary&,
                                                  const execution_trace_summary&);
};

}  // namespace mistral::workflows
