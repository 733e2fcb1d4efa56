// The values that the calls of the coverage test are made
// with: each tells which parameter or member it was meant for.
// Not random: the checks know what a parameter of a name must have been sent with.
#pragma once

#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace openapi::sample {

/// A text with what must be escaped in paths, queries and JSON.
std::string text(std::string_view name, int number = 0);
/// For headers and other places that take plain text alone.
std::string plain(std::string_view name);
/// Two of them.
std::vector<std::string> texts(std::string_view name);
/// 1 to 50.
int number(std::string_view name);
mistral::workflows::timestamp time(std::string_view name);
/// As `time` must go out.
std::string time_text(std::string_view name);
std::string uuid(std::string_view name);
boost::json::object object(std::string_view name);

}  // namespace openapi::sample
