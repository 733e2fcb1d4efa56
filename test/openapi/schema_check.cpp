#include "openapi/schema_check.hpp"

#include "openapi/facts/reduce.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <regex>
#include <stdexcept>

namespace openapi {
namespace {

std::size_t characters(const json::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

double to_double(const json::value& number) {
  return number.is_double()  ? number.get_double()
         : number.is_int64() ? static_cast<double>(number.get_int64())
                             : static_cast<double>(number.get_uint64());
}

void check_string(const json::object& schema, const json::string& value, const std::string& path,
                  std::vector<std::string>& problems) {
  const std::string text(value.begin(), value.end());
  if (const json::value* most = find(schema, "maxLength");
      most && characters(value) > most->to_number<std::size_t>())
    problems.push_back(path + ": too long");
  if (const json::value* least = find(schema, "minLength");
      least && characters(value) < least->to_number<std::size_t>())
    problems.push_back(path + ": too short");
  if (const json::value* format = find(schema, "format"))
    if (!has_format(text, format->as_string()))
      problems.push_back(path + ": no " + std::string(format->as_string()));
  if (const json::value* pattern = find(schema, "pattern"))
    if (!std::regex_search(text, std::regex(std::string(pattern->as_string()))))
      problems.push_back(path + ": does not match " + std::string(pattern->as_string()));
}

void check_number(const json::object& schema, const json::value& value, const std::string& path,
                  std::vector<std::string>& problems) {
  if (const json::value* least = find(schema, "minimum"); least && to_double(value) < to_double(*least))
    problems.push_back(path + ": too small");
  if (const json::value* most = find(schema, "maximum"); most && to_double(value) > to_double(*most))
    problems.push_back(path + ": too large");
}

}  // namespace

bool has_format(const std::string& text, std::string_view format) {
  static const std::regex date_time(
      R"(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))");
  static const std::regex duration(R"(-?P(?=.)(\d+W|(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?))");
  static const std::regex uuid(R"([0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})");
  if (format == "date-time") return std::regex_match(text, date_time);
  if (format == "duration") return std::regex_match(text, duration);
  if (format == "uuid") return std::regex_match(text, uuid);
  throw std::runtime_error("a format that the test does not know: " + std::string(format));
}

const json::value* chosen(const json::object& schema, const json::value& value) {
  const json::value* choices = find(schema, "anyOf");
  if (!choices) choices = find(schema, "oneOf");
  if (!choices) return nullptr;
  for (const bool strict : {true, false})
    for (const json::value& choice : choices->as_array())
      if (schema_check(strict)(choice, value).empty()) return &choice;
  const json::value* only = nullptr;
  for (const json::value& choice : choices->as_array()) {
    const json::value* type = find(description::get().resolve(choice), "type");
    if (type && *type == "null") continue;
    if (only) return nullptr;
    only = &choice;
  }
  return only;
}

std::vector<std::string> schema_check::operator()(const json::value& schema, const json::value& value) const {
  std::vector<std::string> problems;
  check(schema, value, std::string(), problems);
  return problems;
}

void schema_check::check(const json::value& source, const json::value& value, const std::string& path,
                         std::vector<std::string>& problems) const {
  const json::object& schema = description::get().resolve(source);
  for (const auto& keyword : schema)
    if (std::ranges::find(schema_facts, std::string_view(keyword.key())) == schema_facts.end())
      throw std::runtime_error("a keyword that the test does not know: " + std::string(keyword.key()));
  if (const json::value* choices = find(schema, "anyOf"))
    check_any(choices->as_array(), value, path, problems);
  // Events and payloads differ in a constant member, so no value fits two.
  if (const json::value* choices = find(schema, "oneOf"))
    check_any(choices->as_array(), value, path, problems);
  if (const json::value* all = find(schema, "allOf"))
    for (const json::value& each : all->as_array()) check(each, value, path, problems);
  if (const json::value* one = find(schema, "const"); one && value != *one)
    problems.push_back(path + ": is not " + json::serialize(*one));
  if (const json::value* some = find(schema, "enum"))
    if (std::ranges::find(some->as_array(), value) == some->as_array().end())
      problems.push_back(path + ": " + json::serialize(value) + " is not in the enumeration");
  if (const json::value* type = find(schema, "type"))
    check_type(type->as_string(), schema, value, path, problems);
}

void schema_check::check_any(const json::array& choices, const json::value& value, const std::string& path,
                             std::vector<std::string>& problems) const {
  std::vector<std::string> fewest;
  for (const json::value& choice : choices) {
    std::vector<std::string> found;
    check(choice, value, path, found);
    if (found.empty()) return;
    if (fewest.empty() || found.size() < fewest.size()) fewest = std::move(found);
  }
  problems.insert(problems.end(), fewest.begin(), fewest.end());
}

void schema_check::check_type(std::string_view type, const json::object& schema, const json::value& value,
                              const std::string& path, std::vector<std::string>& problems) const {
  const bool integer = value.is_int64() || value.is_uint64();
  if (type == "object" && value.is_object()) return check_object(schema, value.get_object(), path, problems);
  if (type == "array" && value.is_array()) return check_array(schema, value.get_array(), path, problems);
  if (type == "string" && value.is_string()) return check_string(schema, value.get_string(), path, problems);
  if ((type == "integer" && integer) || (type == "number" && value.is_number()))
    return check_number(schema, value, path, problems);
  if ((type == "boolean" && value.is_bool()) || (type == "null" && value.is_null())) return;
  problems.push_back(path + ": " + json::serialize(value).substr(0, 40) + " is no " + std::string(type));
}

void schema_check::check_object(const json::object& schema, const json::object& value,
                                const std::string& path, std::vector<std::string>& problems) const {
  const json::value* properties = find(schema, "properties");
  const json::value* more = find(schema, "additionalProperties");
  if (const json::value* required = find(schema, "required"))
    for (const json::value& name : required->as_array())
      if (!value.contains(name.as_string()))
        problems.push_back(path + "/" + std::string(name.as_string()) + ": missing");
  for (const auto& member : value) {
    const std::string at = path + "/" + std::string(member.key());
    const json::value* known = properties ? find(properties->as_object(), member.key()) : nullptr;
    if (known)
      check(*known, member.value(), at, problems);
    else if (more && more->is_object())
      check(*more, member.value(), at, problems);
    else if ((more && more->is_bool() && !more->get_bool()) || (strict_ && !more && properties))
      problems.push_back(at + ": the description has no such member");
  }
}

void schema_check::check_array(const json::object& schema, const json::array& value, const std::string& path,
                               std::vector<std::string>& problems) const {
  if (const json::value* least = find(schema, "minItems");
      least && value.size() < least->to_number<std::size_t>())
    problems.push_back(path + ": too few");
  if (const json::value* most = find(schema, "maxItems");
      most && value.size() > most->to_number<std::size_t>())
    problems.push_back(path + ": too many");
  const json::value* first = find(schema, "prefixItems");
  const json::value* items = find(schema, "items");
  for (std::size_t i = 0; i < value.size(); ++i) {
    const std::string at = path + "/" + std::to_string(i);
    if (first && i < first->as_array().size())
      check(first->as_array()[i], value[i], at, problems);
    else if (items)
      check(*items, value[i], at, problems);
  }
}

}  // namespace openapi
