#include "protocol/http/checks.hpp"

#include "base/utf8.hpp"
#include "protocol/http/uuid.hpp"

#include <mistral/workflows/error.hpp>

#include <algorithm>

namespace mistral::workflows::protocol {

std::size_t count_characters(std::string_view utf8) noexcept {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins));
}

void checks::refuse(std::string_view field, const std::string& reason) const {
  throw invalid_argument(std::string(field), reason, std::string(info(op_).name));
}

void checks::in_range(std::string_view field, std::int64_t value, std::int64_t least,
                      std::int64_t most) const {
  if (value < least || value > most)
    refuse(field, "must be from " + std::to_string(least) + " to " + std::to_string(most) + ", and is " +
                      std::to_string(value));
}

void checks::at_most(std::string_view field, std::size_t count, std::size_t most) const {
  if (count > most)
    refuse(field,
           "holds " + std::to_string(count) + " values; at most " + std::to_string(most) + " are allowed");
}

void checks::not_empty(std::string_view field, std::string_view value) const {
  if (value.empty()) refuse(field, "must not be empty");
}

void checks::at_most_characters(std::string_view field, std::string_view value, std::size_t most) const {
  if (value.size() <= most) return;  // a character takes a byte or more
  const std::size_t count = count_characters(value);
  if (count > most)
    refuse(field, "is " + std::to_string(count) + " characters long; at most " + std::to_string(most) +
                      " are allowed");
}

void checks::digits(std::string_view field, std::string_view value) const {
  if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos)
    refuse(field, "must be decimal digits");
}

void checks::uuid(std::string_view field, std::string_view value) const {
  if (!is_uuid(value)) refuse(field, "is not a UUID: \"" + std::string(front_of(value, 64)) + "\"");
}

void checks::object_or_null(std::string_view field, const boost::json::value& value) const {
  if (!value.is_object() && !value.is_null())
    refuse(field,
           "must be a JSON object or null, and is " + std::string(boost::json::to_string(value.kind())));
}

void checks::identifier(std::string_view field, std::string_view value, std::size_t most) const {
  not_empty(field, value);
  if (value == "." || value == "..")
    refuse(field, "must not be \"" + std::string(value) + "\": it would change the path");
  if (value.find('\0') != std::string_view::npos) refuse(field, "must not contain a NUL byte");
  at_most_characters(field, value, most);
}

void checks::execution_id(std::string_view field, std::string_view value) const {
  identifier(field, value, max_execution_id);
}

void checks::execution_ids(std::string_view field, const std::vector<std::string>& values) const {
  if (values.empty()) refuse(field, "must not be empty");
  for (std::size_t i = 0; i < values.size(); ++i)
    execution_id(std::string(field) + "[" + std::to_string(i) + "]", values[i]);
}

void checks::workflow_ids(std::string_view field, const std::vector<std::string>& values) const {
  for (std::size_t i = 0; i < values.size(); ++i)
    uuid(std::string(field) + "[" + std::to_string(i) + "]", values[i]);
}

void checks::search_key(std::string_view field, std::string_view value) const {
  const auto colon = value.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == value.size())
    refuse(field, "must look like \"key:value\"");
}

void checks::not_reserved(std::string_view field, std::string_view value,
                          const std::vector<std::string_view>& routes) const {
  if (std::find(routes.begin(), routes.end(), value) != routes.end())
    refuse(field, "\"" + std::string(value) + "\" is a route of the API itself: use the workflow's UUID");
}

}  // namespace mistral::workflows::protocol
