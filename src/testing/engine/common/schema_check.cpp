#include "testing/engine/common/schema_check.hpp"

#include "testing/engine/common/json_text.hpp"

#include <cmath>
#include <string_view>

namespace mistral::workflows::testing {
namespace {

namespace json = boost::json;
using complaint = std::optional<std::string>;

bool is_of_type(std::string_view type, const json::value& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_bool();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  if (type == "integer")
    return value.is_int64() || value.is_uint64() ||
           (value.is_double() && std::trunc(value.get_double()) == value.get_double());
  return true;
}

bool is_of_types(const json::value& types, const json::value& value) {
  if (types.is_string()) return is_of_type(types.get_string(), value);
  if (!types.is_array()) return true;
  for (const auto& type : types.get_array())
    if (type.is_string() && is_of_type(type.get_string(), value)) return true;
  return false;
}

complaint check_object(const json::object& schema, const json::object& object, const std::string& place) {
  if (auto* required = schema.if_contains("required"); required && required->is_array())
    for (const auto& name : required->get_array())
      if (name.is_string() && !object.contains(name.get_string()))
        return place + "." + std::string(name.get_string()) + ": is required";
  auto* properties = schema.if_contains("properties");
  auto* additional = schema.if_contains("additionalProperties");
  auto closed = additional && additional->is_bool() && !additional->get_bool();
  for (const auto& member : object) {
    auto below = place + "." + std::string(member.key());
    auto* declared =
        properties && properties->is_object() ? properties->get_object().if_contains(member.key()) : nullptr;
    if (!declared && closed) return below + ": is not allowed";
    if (!declared || !declared->is_object()) continue;
    if (auto found = check_schema(declared->get_object(), member.value(), below)) return found;
  }
  return std::nullopt;
}

complaint check_limits(const json::object& schema, const json::value& value, const std::string& place) {
  auto limit = [&](const char* keyword) -> std::optional<double> {
    auto* found = schema.if_contains(keyword);
    if (!found || !found->is_number()) return std::nullopt;
    return found->to_number<double>();
  };
  if (value.is_number()) {
    auto number = value.to_number<double>();
    if (auto least = limit("minimum"); least && number < *least) return place + ": is below the minimum";
    if (auto most = limit("maximum"); most && number > *most) return place + ": is above the maximum";
  }
  if (value.is_string()) {
    auto length = static_cast<double>(value.get_string().size());
    if (auto least = limit("minLength"); least && length < *least) return place + ": is too short";
    if (auto most = limit("maxLength"); most && length > *most) return place + ": is too long";
  }
  return std::nullopt;
}

complaint check_choice(const json::object& schema, const json::value& value, const std::string& place) {
  if (auto* constant = schema.if_contains("const"); constant && *constant != value)
    return place + ": is not the value expected";
  if (auto* choices = schema.if_contains("enum"); choices && choices->is_array()) {
    for (const auto& choice : choices->get_array())
      if (choice == value) return std::nullopt;
    return place + ": is none of the values allowed";
  }
  if (auto* any = schema.if_contains("anyOf"); any && any->is_array()) {
    for (const auto& one : any->get_array())
      if (!one.is_object() || !check_schema(one.get_object(), value, place)) return std::nullopt;
    return place + ": fits none of the forms allowed";
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> check_schema(const json::object& schema, const json::value& value,
                                        const std::string& place) {
  if (auto* types = schema.if_contains("type"); types && !is_of_types(*types, value))
    return place + ": is not of type " + to_text(*types);
  if (auto found = check_choice(schema, value, place)) return found;
  if (auto found = check_limits(schema, value, place)) return found;
  if (value.is_object()) return check_object(schema, value.get_object(), place);
  auto* items = schema.if_contains("items");
  if (!value.is_array() || !items || !items->is_object()) return std::nullopt;
  std::size_t index = 0;
  for (const auto& item : value.get_array())
    if (auto found = check_schema(items->get_object(), item, place + "." + std::to_string(index++)))
      return found;
  return std::nullopt;
}

}  // namespace mistral::workflows::testing
