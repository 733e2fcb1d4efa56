// The descriptions of log records.
// Not their codecs: those are instantiated in codec_log.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/log.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(log_record, (), (timestamp, trace_id, span_id, severity_text, body, log_attributes))
BOOST_DESCRIBE_STRUCT(log_page, (), (results, next_cursor))

namespace protocol {

using log_types = boost::mp11::mp_list<log_record, log_page>;

}  // namespace protocol
}  // namespace mistral::workflows
