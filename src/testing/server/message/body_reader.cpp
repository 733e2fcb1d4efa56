#include "protocol/json/decode.hpp"
#include "testing/server/message/reader.hpp"

#include <cstdint>

namespace mistral::workflows::testing {
namespace {

[[noreturn]] void refuse_whole(std::string message, std::string type) {
  boost::json::array location;
  location.emplace_back("body");
  std::vector<problem> problems;
  problems.emplace_back(std::move(location), std::move(message), std::move(type));
  throw bad_request(std::move(problems));
}

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

std::string path_uuid(const request& from, std::size_t index, std::string_view name) {
  if (is_uuid(from.parameters[index])) return from.parameters[index];
  boost::json::array location;
  location.emplace_back("path");
  location.emplace_back(name);
  std::vector<problem> problems;
  problems.emplace_back(std::move(location), "Input should be a valid UUID", "uuid_parsing");
  throw bad_request(std::move(problems));
}

body_reader::body_reader(const request& from) {
  if (from.seen.body.empty()) refuse_whole("Field required", "missing");
  const std::string* type = from.header("content-type");
  boost::json::value parsed;
  // Without this type the API takes the body for a string.
  if (!type || type->find("json") == std::string::npos)
    refuse_whole("Input should be a valid dictionary or object to extract fields from",
                 "model_attributes_type");
  if (protocol::decode(from.seen.body, parsed)) refuse_whole("JSON decode error", "json_invalid");
  if (!parsed.is_object())
    refuse_whole("Input should be a valid dictionary or object to extract fields from",
                 "model_attributes_type");
  members_ = std::move(parsed.as_object());
}

const boost::json::value* body_reader::find(std::string_view name) const {
  return members_.if_contains(name);
}

const boost::json::value* body_reader::required(std::string_view name) {
  const boost::json::value* found = find(name);
  if (!found) refuse(name, "Field required", "missing");
  return found;
}

std::string body_reader::text(std::string_view name) {
  const boost::json::value* found = required(name);
  if (found && !found->is_string()) refuse(name, "Input should be a valid string", "string_type");
  return found && found->is_string() ? std::string(found->as_string()) : std::string();
}

std::optional<std::string> body_reader::text_or_null(std::string_view name) {
  const boost::json::value* found = find(name);
  if (!found || found->is_null()) return std::nullopt;
  if (found->is_string()) return std::string(found->as_string());
  refuse(name, "Input should be a valid string", "string_type");
  return std::nullopt;
}

bool body_reader::flag(std::string_view name, bool otherwise) {
  const boost::json::value* found = find(name);
  if (!found) return otherwise;
  if (found->is_bool()) return found->as_bool();
  refuse(name, "Input should be a valid boolean", "bool_type");
  return otherwise;
}

std::int64_t body_reader::integer(std::string_view name) {
  const boost::json::value* found = required(name);
  boost::system::error_code inexact;
  const std::int64_t number = found && found->is_number() ? found->to_number<std::int64_t>(inexact) : 0;
  if (found && (!found->is_number() || inexact)) refuse(name, "Input should be a valid integer", "int_type");
  return number;
}

std::optional<double> body_reader::number_or_null(std::string_view name) {
  const boost::json::value* found = find(name);
  if (!found || found->is_null()) return std::nullopt;
  if (found->is_number()) return found->to_number<double>();
  refuse(name, "Input should be a valid number", "float_type");
  return std::nullopt;
}

std::vector<std::string> body_reader::texts(std::string_view name, std::size_t least, std::size_t most) {
  std::vector<std::string> made;
  const boost::json::value* found = required(name);
  if (!found) return made;
  if (!found->is_array()) {
    refuse(name, "Input should be a valid list", "list_type");
    return made;
  }
  for (const boost::json::value& one : found->as_array()) {
    if (!one.is_string()) {
      refuse(name, "Input should be a valid string", "string_type");
      return made;
    }
    made.emplace_back(one.as_string());
  }
  if (made.size() < least)
    refuse(name,
           "List should have at least " + std::to_string(least) + " item after validation, not " +
               std::to_string(made.size()),
           "too_short");
  if (made.size() > most)
    refuse(name,
           "List should have at most " + std::to_string(most) + " items after validation, not " +
               std::to_string(made.size()),
           "too_long");
  return made;
}

std::optional<bool> body_reader::flag_or_null(std::string_view name) {
  const boost::json::value* found = find(name);
  if (!found || found->is_null()) return std::nullopt;
  if (found->is_bool()) return found->as_bool();
  refuse(name, "Input should be a valid boolean", "bool_type");
  return std::nullopt;
}

std::optional<std::vector<std::string>> body_reader::texts_or_null(std::string_view name) {
  const boost::json::value* found = find(name);
  if (!found || found->is_null()) return std::nullopt;
  return texts(name, 0, SIZE_MAX);
}

std::vector<std::string> body_reader::uuids(std::string_view name, std::size_t most) {
  std::vector<std::string> given = texts(name, 0, most);
  for (const std::string& one : given)
    if (!is_uuid(one)) {
      refuse(name, "Input should be a valid UUID", "uuid_parsing");
      break;
    }
  return given;
}

boost::json::object body_reader::text_map_or_null(std::string_view name) {
  const boost::json::value given = object_or_null(name);
  if (!given.is_object()) return boost::json::object();
  for (const auto& member : given.as_object())
    if (!member.value().is_string()) refuse(name, "Input should be a valid string", "string_type");
  return given.as_object();
}

boost::json::value body_reader::object_or_null(std::string_view name) {
  const boost::json::value* found = find(name);
  if (!found || found->is_null()) return nullptr;
  if (!found->is_object()) refuse(name, "Input should be a valid dictionary", "dict_type");
  return *found;
}

void body_reader::refuse(std::string_view name, std::string message, std::string type) {
  boost::json::array location;
  location.emplace_back("body");
  location.emplace_back(name);
  problems_.emplace_back(std::move(location), std::move(message), std::move(type));
}

void body_reader::check() const {
  if (!problems_.empty()) throw bad_request(problems_);
}

}  // namespace mistral::workflows::testing
