#include "openapi/generate.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace openapi {
namespace {

// The description says "string" where numbers stand in strings.
bool number_in_text(const std::string& member) {
  return member == "intValue" || member == "timeUnixNano" || member == "startTimeUnixNano" ||
         member == "endTimeUnixNano";
}

bool is_null(const json::value& schema) {
  const json::value* type = schema.is_object() ? find(schema.as_object(), "type") : nullptr;
  return type && *type == "null";
}

template <class Order>
json::value reordered(const json::value& document, Order& order) {
  if (document.is_array()) {
    json::array made;
    for (const json::value& each : document.get_array()) made.push_back(reordered(each, order));
    return made;
  }
  if (!document.is_object()) return document;
  std::vector<std::pair<std::string, json::value>> members;
  for (const auto& member : document.get_object())
    members.emplace_back(std::string(member.key()), reordered(member.value(), order));
  order(members);
  json::object made;
  for (auto& [name, value] : members) made.emplace(name, std::move(value));
  return made;
}

}  // namespace

json::value generator::make(const json::value& source, const std::string& member) {
  const json::object& schema = description::get().resolve(source);
  if (const json::value* one = find(schema, "const"))
    return options_.unknown && member == "event_type" && options_.variant % 2 == 1
               ? json::value("LATER_EVENT")
               : *one;
  if (const json::value* choices = find(schema, "oneOf")) return make(choose(choices->as_array()), member);
  if (const json::value* choices = find(schema, "anyOf")) return make(choose(choices->as_array()), member);
  const json::value* type = find(schema, "type");
  if (!type) return make_any();
  if (const json::value* some = find(schema, "enum")) {
    const json::array& values = some->as_array();
    if (!options_.unknown) return values[next() % values.size()];
    return *type == "integer" ? json::value(4711) : json::value("LATER_THAN_THIS");
  }
  if (*type == "object") return make_object(schema);
  if (*type == "array") return make_array(schema, member);
  if (*type == "string") return make_string(schema, member);
  if (*type == "boolean") return next() % 2 == 0;
  if (*type == "null") return nullptr;
  static constexpr std::int64_t integers[] = {3, 0, 1'767'322'800'000'000'001, 17};
  if (*type == "integer") return integers[next() % 4];
  if (*type == "number") return next() % 2 == 0 ? json::value(2.5) : json::value(3.0);
  throw std::runtime_error("a type that the test does not know");
}

const json::value& generator::choose(const json::array& choices) {
  std::vector<const json::value*> open;
  for (const json::value& choice : choices) {
    if (!is_null(choice))
      open.push_back(&choice);
    else if (options_.nulls)
      return choice;
  }
  return *open[next() % open.size()];
}

json::value generator::make_string(const json::object& schema, const std::string& member) {
  static constexpr const char* instants[] = {"2025-12-17T10:25:07.818693Z",
                                             "2026-03-25 15:02:55.234755+00:00", "2026-01-01T00:00:00+05:30",
                                             "0001-01-01T00:00:00.1Z"};
  static constexpr const char* lengths[] = {"PT4H", "P1DT2H3M4.5S", "PT0S", "P2W"};
  static constexpr const char* numbers[] = {"1767322800000000001", "0", "-3"};
  static constexpr const char* texts[] = {"text", "", "\xC3\xA9\xF0\x9F\x98\x80", "a\"b\\c\n\x01/"};
  if (number_in_text(member)) return member == "intValue" ? numbers[next() % 3] : numbers[next() % 2];
  const json::value* format = find(schema, "format");
  if (!format) return texts[next() % 4];
  if (*format == "date-time") return instants[next() % 4];
  if (*format == "duration") return lengths[next() % 4];
  if (*format == "uuid") return "0193c0de-0000-7000-8000-000000000001";
  throw std::runtime_error("a format that the test does not know");
}

json::value generator::make_object(const json::object& schema) {
  json::object made;
  ++depth_;
  const json::value* properties = find(schema, "properties");
  const json::value* required = find(schema, "required");
  if (properties) {
    for (const auto& property : properties->as_object()) {
      const bool needed =
          required && std::ranges::find(required->as_array(), property.key()) != required->as_array().end();
      // Spans have spans as children: at some depth there must be an end.
      if (!needed && (!options_.optional || depth_ > 8)) continue;
      made.emplace(property.key(), make(property.value(), std::string(property.key())));
    }
    if (options_.unknown) made.emplace("later_than_this", make_any());
  } else {
    const json::value* more = find(schema, "additionalProperties");
    for (std::size_t i = 0; i < options_.elements; ++i)
      made.emplace("key/" + std::to_string(i) + "~",
                   more && more->is_object() ? make(*more, "") : make_any());
  }
  --depth_;
  return made;
}

json::value generator::make_array(const json::object& schema, const std::string& member) {
  json::array made;
  if (const json::value* first = find(schema, "prefixItems")) {
    for (const json::value& each : first->as_array()) made.push_back(make(each, member));
    return made;
  }
  const json::value* items = find(schema, "items");
  const json::value* least = find(schema, "minItems");
  // Many at the top alone: what stands in each other would grow without bounds.
  const std::size_t most = depth_ > 8 ? 0 : depth_ > 2 ? 1 : options_.elements;
  const std::size_t count =
      std::max(std::min(most, options_.elements), least ? least->to_number<std::size_t>() : std::size_t(0));
  for (std::size_t i = 0; i < count; ++i) made.push_back(items ? make(*items, member) : make_any());
  return made;
}

json::value generator::make_any() {
  static const json::array values =
      json::parse(R"([{"b":[1,-2.5,"x"],"a":null},"text",7,[],true,1e300,9223372036854775807,{"later":{}}])")
          .as_array();
  return values[next() % values.size()];
}

json::value reversed(const json::value& document) {
  auto order = [](auto& members) { std::ranges::reverse(members); };
  return reordered(document, order);
}

json::value shuffled(const json::value& document, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  auto order = [&random](auto& members) { std::ranges::shuffle(members, random); };
  return reordered(document, order);
}

}  // namespace openapi
