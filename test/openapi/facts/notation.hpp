// The short form of a schema in facts.json, and back:
// "string:date-time?", {"object": {"name!": "integer[]"}}.
// Not a parser of JSON Schema: it turns keywords into text and text into the same keywords, and judges none.
#pragma once

#include <boost/json/value.hpp>

namespace openapi {

/// A text where one says it all, read from its end:
///   =JSON  the default     ?  or null     []  a list of these     {}  an object whose members all are these
///   before that: any, a type, a type with `:format`, or the name of a schema
/// Else the schema's keywords, each schema within in its short form; `type`, `properties` and
/// `required` of an object are one keyword `object`, in which `!` ends the names of required members.
boost::json::value shorten(const boost::json::value& schema);
boost::json::value expand(const boost::json::value& text);

}  // namespace openapi
