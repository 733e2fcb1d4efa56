#include "openapi/facts/reduce.hpp"

#include "openapi/facts/notation.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

namespace openapi {
namespace {

namespace json = boost::json;

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

// Where a description says more than this, the tests would pass it over.
void expect_only(const json::object& object, std::initializer_list<std::string_view> known,
                 std::string_view where) {
  for (const auto& member : object)
    if (std::ranges::find(known, std::string_view(member.key())) == known.end())
      throw std::runtime_error("not known of " + std::string(where) + ": " + std::string(member.key()));
}

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

bool is_true(const json::object& object, std::string_view member) {
  const json::value* found = object.if_contains(member);
  return found && found->as_bool();
}

// In the order of the properties, so that no order is a fact.
json::array required_of(const json::object& schema) {
  json::array out;
  const json::array& required = schema.at("required").as_array();
  if (const json::value* properties = schema.if_contains("properties"))
    for (const auto& each : properties->as_object())
      if (std::ranges::find(required, json::value(each.key())) != required.end())
        out.emplace_back(each.key());
  if (out.size() != required.size()) throw std::runtime_error("required, and not among the properties");
  return out;
}

json::value reduce_keyword(std::string_view keyword, const json::value& value) {
  if (keyword == "$ref") {
    const std::string text(value.as_string());
    return json::string(text.substr(text.rfind('/') + 1));
  }
  if (keyword == "items") return reduce_schema(value);
  if (keyword == "additionalProperties") return value == json::value(false) ? value : reduce_schema(value);
  if (keyword == "properties") {
    json::object out;
    for (const auto& each : value.as_object()) out.emplace(each.key(), reduce_schema(each.value()));
    return out;
  }
  static constexpr std::array<std::string_view, 4> lists = {"anyOf", "oneOf", "allOf", "prefixItems"};
  if (!is_one_of(keyword, lists)) return value;
  json::array out;
  for (const json::value& each : value.as_array()) out.push_back(reduce_schema(each));
  return out;
}

json::value noted(const json::value& schema) {
  const json::object facts = reduce_schema(schema);
  json::value text = shorten(facts);
  if (expand(text) != json::value(facts))
    throw std::runtime_error("the short form does not say all of " + json::serialize(facts));
  return text;
}

void add_parameter(json::object& operation, const json::object& source) {
  expect_only(source, {"name", "in", "required", "schema", "description", "deprecated"}, "a parameter");
  json::value& place = operation[source.at("in").as_string()];
  if (place.is_null()) place.emplace_object();
  place.as_object().emplace(
      std::string(source.at("name").as_string()) + (is_true(source, "required") ? "!" : ""),
      noted(source.at("schema")));
}

void add_body(json::object& operation, const json::object& source) {
  const json::object& content = source.at("content").as_object();
  expect_only(content, {"application/json"}, "the content of a body");
  operation.emplace(is_true(source, "required") ? "body!" : "body",
                    noted(content.at("application/json").at("schema")));
}

void add_answer(json::object& operation, const std::string& status, const json::object& source) {
  const json::value* content = source.if_contains("content");
  if (!content || content->as_object().empty()) {
    operation.emplace(status, nullptr);
    return;
  }
  if (content->as_object().size() != 1) throw std::runtime_error("an answer in more than one form");
  const auto& only = *content->as_object().begin();
  operation.emplace(only.key() == "application/json" ? status : status + " " + std::string(only.key()),
                    noted(only.value().at("schema")));
}

json::object reduce_operation(const json::object& source) {
  json::object out;
  if (const json::value* parameters = source.if_contains("parameters"))
    for (const json::value& each : parameters->as_array()) add_parameter(out, each.as_object());
  if (const json::value* body = source.if_contains("requestBody")) add_body(out, body->as_object());
  for (const auto& each : source.at("responses").as_object())
    add_answer(out, std::string(each.key()), each.value().as_object());
  return out;
}

}  // namespace

json::object reduce_schema(const json::value& schema) {
  static constexpr std::array<std::string_view, 6> no_facts = {"title",    "description", "discriminator",
                                                               "readOnly", "examples",    "deprecated"};
  json::object out;
  if (schema == json::value(true)) return out;  // any value
  for (const auto& each : schema.as_object()) {
    if (is_one_of(each.key(), no_facts)) continue;
    if (!is_one_of(each.key(), schema_facts))
      throw std::runtime_error("a keyword that the tests do not know: " + std::string(each.key()));
    if (each.key() == "required") {
      if (json::array required = required_of(schema.get_object()); !required.empty())
        out["required"] = std::move(required);
    } else {
      out.emplace(each.key(), reduce_keyword(each.key(), each.value()));
    }
  }
  return out;
}

json::object reduce(const json::value& description) {
  json::object operations;
  for (const auto& path : description.at("paths").as_object())
    for (const auto& method : path.value().as_object())
      operations.emplace(upper(method.key()) + " " + std::string(path.key()),
                         reduce_operation(method.value().as_object()));
  json::object schemas;
  for (const auto& each : description.at("components").at("schemas").as_object())
    schemas.emplace(each.key(), noted(each.value()));
  json::object out;
  out["operations"] = std::move(operations);
  out["schemas"] = std::move(schemas);
  return out;
}

}  // namespace openapi
