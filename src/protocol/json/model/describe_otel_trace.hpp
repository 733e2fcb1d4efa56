// The descriptions of OpenTelemetry traces.
// Not their codecs: those are instantiated in codec_otel_trace.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"
#include "protocol/json/model/describe_execution.hpp"

#include <mistral/workflows/model/otel_trace.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(otel_array, (), (values))
BOOST_DESCRIBE_STRUCT(otel_value, (), (string_value, int_value, bool_value, double_value, array_value))
BOOST_DESCRIBE_STRUCT(otel_attribute, (), (key, value))
BOOST_DESCRIBE_STRUCT(otel_event, (), (name, time_unix_nano, attributes))
BOOST_DESCRIBE_STRUCT(otel_span, (),
                      (trace_id, span_id, parent_span_id, name, kind, start_time_unix_nano,
                       end_time_unix_nano, attributes, events))
BOOST_DESCRIBE_STRUCT(otel_scope, (), (name))
BOOST_DESCRIBE_STRUCT(otel_scope_spans, (), (scope, spans))
BOOST_DESCRIBE_STRUCT(otel_resource, (), (attributes))
BOOST_DESCRIBE_STRUCT(otel_batch, (), (resource, scope_spans))
BOOST_DESCRIBE_STRUCT(otel_trace, (), (batches))
BOOST_DESCRIBE_STRUCT(execution_otel_trace, (execution), (data_source, otel_trace_id, otel_trace_data))

namespace protocol {

template <>
inline constexpr bool camel_case<otel_array> = true;
template <>
inline constexpr bool forgives<otel_array> = true;
template <>
inline constexpr auto notes<otel_array> = std::array{defaulted("values")};
template <>
inline constexpr bool camel_case<otel_value> = true;
template <>
inline constexpr bool forgives<otel_value> = true;
template <>
inline constexpr auto notes<otel_value> =
    std::array{never_null("string_value"), in_text_or_left_out("int_value"), never_null("bool_value"),
               never_null("double_value"), never_null("array_value")};
template <>
inline constexpr bool camel_case<otel_attribute> = true;
template <>
inline constexpr bool forgives<otel_attribute> = true;
template <>
inline constexpr bool camel_case<otel_event> = true;
template <>
inline constexpr bool forgives<otel_event> = true;
template <>
inline constexpr auto notes<otel_event> = std::array{in_text("time_unix_nano"), defaulted("attributes")};
template <>
inline constexpr bool camel_case<otel_span> = true;
template <>
inline constexpr bool forgives<otel_span> = true;
template <>
inline constexpr auto notes<otel_span> =
    std::array{in_text("start_time_unix_nano"), in_text("end_time_unix_nano"), defaulted("attributes"),
               defaulted("events")};
template <>
inline constexpr bool camel_case<otel_scope> = true;
template <>
inline constexpr bool forgives<otel_scope> = true;
template <>
inline constexpr bool camel_case<otel_scope_spans> = true;
template <>
inline constexpr bool forgives<otel_scope_spans> = true;
template <>
inline constexpr auto notes<otel_scope_spans> = std::array{defaulted("spans")};
template <>
inline constexpr bool camel_case<otel_resource> = true;
template <>
inline constexpr bool forgives<otel_resource> = true;
template <>
inline constexpr auto notes<otel_resource> = std::array{defaulted("attributes")};
template <>
inline constexpr bool camel_case<otel_batch> = true;
template <>
inline constexpr bool forgives<otel_batch> = true;
template <>
inline constexpr auto notes<otel_batch> = std::array{defaulted("scope_spans")};
template <>
inline constexpr bool camel_case<otel_trace> = true;
template <>
inline constexpr bool forgives<otel_trace> = true;
template <>
inline constexpr auto notes<otel_trace> = std::array{defaulted("batches")};
template <>
inline constexpr auto notes<execution_otel_trace> = std::array{never_null("search_keys")};

using otel_trace_types =
    boost::mp11::mp_list<otel_array, otel_value, otel_attribute, otel_event, otel_span, otel_scope,
                         otel_scope_spans, otel_resource, otel_batch, otel_trace, execution_otel_trace>;

}  // namespace protocol
}  // namespace mistral::workflows
