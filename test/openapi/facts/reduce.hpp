// What the tests need of an OpenAPI description: methods, paths, parameters, schemas. None of its sentences.
// Not a judge of it: what it says about values and the tests would pass over is an error.
#pragma once

#include <boost/json/value.hpp>

#include <array>
#include <string_view>

namespace openapi {

/// The keywords of a schema that say something about values.
inline constexpr std::array<std::string_view, 21> schema_facts = {
    "$ref",     "anyOf",   "oneOf",     "allOf",     "type",        "required",   "enum",
    "const",    "format",  "items",     "minItems",  "prefixItems", "properties", "additionalProperties",
    "maxItems", "minimum", "minLength", "maxLength", "maximum",     "pattern",    "default"};

/// {"operations": {"GET /v1/workflows": {...}, ...}, "schemas": {"Workflow": ...,
/// ...}}; schemas in short form (notation.hpp). An operation has its parameters by
/// place ("path", "query", "header"), a `body`, and answers by status: "200" is JSON,
/// "200 text/event-stream" is not, and null is no body. `!` marks what is required.
boost::json::object reduce(const boost::json::value& description);

/// A schema less its sentences, in long form; references by name alone.
boost::json::object reduce_schema(const boost::json::value& schema);

}  // namespace openapi
