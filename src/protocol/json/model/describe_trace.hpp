// The descriptions of spans and trace events.
// Not their codecs: those are instantiated in codec_trace.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"
#include "protocol/json/model/describe_execution.hpp"

#include <mistral/workflows/model/trace.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(trace_event, (),
                      (type, name, id, timestamp_unix_nano, attributes, internal, status, start_time_unix_ms,
                       end_time_unix_ms, error))
BOOST_DESCRIBE_STRUCT(trace_span, (),
                      (span_id, name, start_time_unix_nano, end_time_unix_nano, attributes, events, children))
BOOST_DESCRIBE_STRUCT(trace_info, (), (otel_trace_id, has_trace_data))
BOOST_DESCRIBE_STRUCT(execution_trace_events, (execution), (events))
BOOST_DESCRIBE_STRUCT(execution_trace_summary, (execution), (span_tree))

namespace protocol {

template <>
inline constexpr auto notes<trace_event> = std::array{defaulted("type"),
                                                      defaulted("internal"),
                                                      never_null("status"),
                                                      never_null("start_time_unix_ms"),
                                                      never_null("end_time_unix_ms"),
                                                      never_null("error")};
template <>
inline constexpr bool forgives<trace_event> = true;
template <>
inline constexpr bool forgives<trace_span> = true;
extern const object_hooks trace_event_hooks;
template <>
inline constexpr const object_hooks* hooks_of<trace_event> = &trace_event_hooks;
template <>
inline constexpr auto notes<trace_span> = std::array{defaulted("children")};
template <>
inline constexpr auto notes<trace_info> = std::array{defaulted("has_trace_data")};
template <>
inline constexpr auto notes<execution_trace_events> =
    std::array{never_null("search_keys"), defaulted("events")};
template <>
inline constexpr auto notes<execution_trace_summary> = std::array{never_null("search_keys")};

using trace_types = boost::mp11::mp_list<trace_event, trace_span, trace_info, execution_trace_events,
                                         execution_trace_summary>;

}  // namespace protocol
}  // namespace mistral::workflows
