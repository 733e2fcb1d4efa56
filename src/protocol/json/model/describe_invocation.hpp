// The descriptions of signals, queries, updates and resets.
// Not their codecs: those are instantiated in codec_invocation.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/invocation.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(invocation_body, (), (name, input))
BOOST_DESCRIBE_STRUCT(network_encoded_input, (), (b64payload, encoding_options, empty))
BOOST_DESCRIBE_STRUCT(signal_answer, (), (message))
BOOST_DESCRIBE_STRUCT(query_answer, (), (query_name, result))
BOOST_DESCRIBE_STRUCT(update_answer, (), (update_name, result))
BOOST_DESCRIBE_STRUCT(reset_body, (), (event_id, reason, exclude_signals, exclude_updates))

namespace protocol {

template <>
inline constexpr auto notes<invocation_body> = std::array{defaulted("input")};
template <>
inline constexpr auto notes<network_encoded_input> =
    std::array{defaulted("encoding_options"), defaulted("empty")};
template <>
inline constexpr auto notes<signal_answer> = std::array{defaulted("message")};
template <>
inline constexpr auto notes<reset_body> =
    std::array{defaulted("exclude_signals"), defaulted("exclude_updates")};

using invocation_types = boost::mp11::mp_list<invocation_body, network_encoded_input, signal_answer,
                                              query_answer, update_answer, reset_body>;

}  // namespace protocol
}  // namespace mistral::workflows
