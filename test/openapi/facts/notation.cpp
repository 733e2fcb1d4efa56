#include "openapi/facts/notation.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

namespace openapi {
namespace {

namespace json = boost::json;

using translation = json::value (*)(const json::value&);

constexpr std::array<std::string_view, 7> types = {"string", "integer", "number", "boolean",
                                                   "null",   "object",  "array"};

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::ranges::find(texts, text) != texts.end();
}

bool has_only(const json::object& schema, std::initializer_list<std::string_view> keywords) {
  return schema.size() == keywords.size() &&
         std::ranges::all_of(keywords, [&](std::string_view each) { return schema.contains(each); });
}

bool is_type(const json::object& schema, std::string_view type) {
  const json::value* stated = schema.if_contains("type");
  return stated && *stated == json::string_view(type.data(), type.size());
}

// A text that can take one more ending.
bool is_open(const json::value& shortened) {
  return shortened.is_string() && shortened.get_string().find('=') == json::string::npos;
}

std::string with_ending(const json::value& shortened, std::string_view ending) {
  return std::string(shortened.as_string()) + std::string(ending);
}

// The keywords whose values are schemas or lists of them.
json::value inside(std::string_view keyword, const json::value& value, translation each) {
  if (is_one_of(keyword, {"items", "additionalProperties"}) && !value.is_bool()) return each(value);
  if (!is_one_of(keyword, {"anyOf", "oneOf", "allOf", "prefixItems"})) return value;
  json::array list;
  for (const json::value& one : value.as_array()) list.push_back(each(one));
  return list;
}

bool is_required(const json::object& schema, std::string_view name) {
  const json::value* required = schema.if_contains("required");
  return required && std::ranges::find(required->as_array(), json::value(name)) != required->as_array().end();
}

json::object shorten_keywords(const json::object& schema) {
  const json::value* properties = schema.if_contains("properties");
  if (properties && !is_type(schema, "object")) throw std::runtime_error("properties of what is no object");
  json::object out;
  if (properties) {
    json::object& members = out["object"].emplace_object();
    for (const auto& each : properties->as_object())
      members.emplace(std::string(each.key()) + (is_required(schema, each.key()) ? "!" : ""),
                      shorten(each.value()));
  }
  for (const auto& each : schema)
    if (!properties || !is_one_of(each.key(), {"type", "properties", "required"}))
      out.emplace(each.key(), inside(each.key(), each.value(), shorten));
  return out;
}

json::value shorten_without_default(const json::object& schema) {
  if (schema.empty()) return "any";
  if (has_only(schema, {"$ref"})) return schema.at("$ref");
  if (has_only(schema, {"type"})) return schema.at("type");
  if (has_only(schema, {"type", "format"}))
    return json::string(with_ending(schema.at("type"), ":" + with_ending(schema.at("format"), "")));
  const json::value* inner = nullptr;
  std::string_view ending;
  if (has_only(schema, {"type", "items"}) && is_type(schema, "array")) {
    inner = &schema.at("items");
    ending = "[]";
  } else if (has_only(schema, {"type", "additionalProperties"}) && is_type(schema, "object") &&
             schema.at("additionalProperties").is_object()) {
    inner = &schema.at("additionalProperties");
    ending = "{}";
  } else if (has_only(schema, {"anyOf"}) && schema.at("anyOf").as_array().size() == 2 &&
             schema.at("anyOf").at(1) == json::value{{"type", "null"}}) {
    inner = &schema.at("anyOf").at(0);
    ending = "?";
  }
  if (inner)
    if (const json::value shortened = shorten(*inner); is_open(shortened))
      return json::string(with_ending(shortened, ending));
  return shorten_keywords(schema);
}

json::object expand_text(std::string_view text) {
  json::object out;
  if (const std::size_t mark = text.find('='); mark != std::string_view::npos) {
    out = expand_text(text.substr(0, mark));
    out["default"] = json::parse(json::string_view(text.data() + mark + 1, text.size() - mark - 1));
  } else if (text.ends_with('?')) {
    out["anyOf"] = {expand_text(text.substr(0, text.size() - 1)), {{"type", "null"}}};
  } else if (text.ends_with("[]")) {
    out["type"] = "array";
    out["items"] = expand_text(text.substr(0, text.size() - 2));
  } else if (text.ends_with("{}")) {
    out["type"] = "object";
    out["additionalProperties"] = expand_text(text.substr(0, text.size() - 2));
  } else if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    out["type"] = text.substr(0, colon);
    out["format"] = text.substr(colon + 1);
  } else if (text != "any") {
    out[std::ranges::find(types, text) != types.end() ? "type" : "$ref"] = text;
  }
  return out;
}

}  // namespace

json::value shorten(const json::value& schema) {
  json::object rest = schema.as_object();
  const json::value* given = rest.if_contains("default");
  if (!given) return shorten_without_default(rest);
  const json::value standard = *given;
  rest.erase("default");
  const json::value shortened = shorten_without_default(rest);
  if (is_open(shortened)) return json::string(with_ending(shortened, "=" + json::serialize(standard)));
  rest = shorten_keywords(rest);
  rest["default"] = standard;
  return rest;
}

json::value expand(const json::value& text) {
  if (text.is_string())
    return expand_text(std::string_view(text.get_string().data(), text.get_string().size()));
  json::object out;
  for (const auto& each : text.as_object()) {
    if (each.key() != "object") {
      out.emplace(each.key(), inside(each.key(), each.value(), expand));
      continue;
    }
    out["type"] = "object";
    json::object properties;
    json::array required;
    for (const auto& member : each.value().as_object()) {
      std::string name(member.key());
      if (name.ends_with('!')) {
        name.pop_back();
        required.emplace_back(name);
      }
      properties.emplace(name, expand(member.value()));
    }
    out["properties"] = std::move(properties);
    if (!required.empty()) out["required"] = std::move(required);
  }
  return out;
}

}  // namespace openapi
