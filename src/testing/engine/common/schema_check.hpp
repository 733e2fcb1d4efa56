// Whether a value fits a declared JSON Schema, as far as declarations of workflows go.
// Not a full JSON Schema validator: keywords that it does not know hold for everything.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::testing {

/// The first thing that does not fit, with its place ("input.items.0: ..."), or nothing.
std::optional<std::string> check_schema(const boost::json::object& schema, const boost::json::value& value,
                                        const std::string& place = "input");

}  // namespace mistral::workflows::testing
