// The descriptions of validation errors.
// Not their codecs: those are instantiated in codec_validation.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/validation.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(validation_error, (), (loc, msg, type, input, ctx))
BOOST_DESCRIBE_STRUCT(validation_error_body, (), (detail))

namespace protocol {

template <>
inline constexpr auto notes<validation_error> = std::array{left_out("input"), defaulted("ctx")};
template <>
inline constexpr auto notes<validation_error_body> = std::array{defaulted("detail")};

using validation_types = boost::mp11::mp_list<validation_error, validation_error_body>;

}  // namespace protocol
}  // namespace mistral::workflows
