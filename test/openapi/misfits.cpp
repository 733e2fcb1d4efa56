#include "openapi/misfits.hpp"

#include "openapi/schema_check.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace openapi {
namespace {

std::string token(std::string_view name) {
  std::string out = "/";
  for (const char c : name)
    out += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  return out;
}

class walker {
 public:
  explicit walker(const std::function<void(const misfit&)>& visit) : visit_(visit) {}

  void inside(const json::value& source, json::value& node, const std::string& path, bool in_event) {
    const json::object& schema = description::get().resolve(source);
    if (const json::value* choice = chosen(schema, node)) return inside(*choice, node, path, in_event);
    const json::value* properties = find(schema, "properties");
    if (node.is_object() && properties) {
      // Types stand in each other many times over; once in a document is enough.
      if (!seen_.insert(&schema).second) return;
      const std::string outside = around_;
      if (const std::string name = name_of(schema); !name.empty()) around_ = name;
      in_event = in_event || find(properties->as_object(), "event_type");
      const json::value* required = find(schema, "required");
      for (auto& member : node.get_object()) {
        const json::value& of = properties->at(member.key());
        const bool needed =
            required && std::ranges::find(required->as_array(), member.key()) != required->as_array().end();
        at(of, member.value(), path + token(member.key()), in_event, needed);
      }
      around_ = outside;
    } else if (node.is_object()) {
      if (const json::value* more = find(schema, "additionalProperties"); more && more->is_object())
        for (auto& member : node.get_object())
          at(*more, member.value(), path + token(member.key()), in_event, true);
    } else if (node.is_array()) {
      const json::value* items = find(schema, "items");
      for (std::size_t i = 0; items && i < node.get_array().size(); ++i)
        at(*items, node.get_array()[i], path + "/" + std::to_string(i), in_event, true);
    }
  }

 private:
  void at(const json::value& schema, json::value& node, const std::string& path, bool in_event, bool needed) {
    const bool is_event = holds_events(schema);
    for (const auto& [kind, wrong] : wrong_values()) {
      // Where a member may be left out, null may stand for that.
      if (wrong.is_null() && !needed) continue;
      if (fits(schema, wrong) || lenient(path, wrong)) continue;
      misfit now;
      now.path = path;
      now.kind = kind;
      now.in_event = in_event || is_event;
      now.around = around_;
      const json::value right = std::exchange(node, wrong);
      visit_(now);
      node = right;
    }
    inside(schema, node, path, in_event || is_event);
  }

  static const std::array<std::pair<std::string, json::value>, 8>& wrong_values() {
    static const std::array<std::pair<std::string, json::value>, 8> values = {
        {{"null", nullptr},
         {"a boolean", true},
         {"an integer", 17},
         {"a fraction", 2.5},
         {"a text", "no such thing"},
         {"an array", json::array{false}},
         {"an object", json::object{{"no_such_member", 1}}},
         {"an integer beyond 64 bits signed", std::uint64_t(18'000'000'000'000'000'000u)}}};
    return values;
  }

  // By its type alone: what an object lacks or an enumerator's text is no matter of types.
  static bool fits(const json::value& source, const json::value& value) {
    const json::object& schema = description::get().resolve(source);
    for (const char* choice : {"anyOf", "oneOf"})
      if (const json::value* choices = find(schema, choice))
        return std::ranges::any_of(choices->as_array(),
                                   [&](const json::value& each) { return fits(each, value); });
    const json::value* type = find(schema, "type");
    if (!type) return true;
    if (*type == "object") return value.is_object();
    if (*type == "array") return value.is_array();
    if (*type == "boolean") return value.is_bool();
    if (*type == "null") return value.is_null();
    if (*type == "number") return value.is_number();
    if (*type == "integer") return value.is_int64();
    const json::value* format = find(schema, "format");
    return value.is_string() && (!format || *format == "uuid");
  }

  // Where the library takes more than the description says, and why.
  static bool lenient(const std::string& path, const json::value& value) {
    const std::string name = path.substr(path.rfind('/') + 1);
    // Numbers in strings, and the same without quotes.
    const bool in_text = name == "intValue" || name.ends_with("UnixNano");
    // Both kinds of trace events are one type, of which only one has this.
    const bool of_one_kind = name == "start_time_unix_ms";
    // A value of a trace in an array may be null, and alone is of the same type.
    const bool of_trace = name.ends_with("Value");
    // Older names of members that stand beside them.
    const bool older = name == "workflow_version" || name == "workflow_versions";
    // Shared with the definition of a schedule, where it may be null.
    const bool shared = name == "schedule_id";
    const bool may_be_null = of_one_kind || of_trace || older || shared;
    return (in_text && value.is_int64()) || (may_be_null && value.is_null());
  }

  static bool holds_events(const json::value& source) {
    const json::object& schema = description::get().resolve(source);
    const json::value* choices = find(schema, "oneOf");
    if (!choices) return false;
    const json::value* properties =
        find(description::get().resolve(choices->as_array().front()), "properties");
    return properties && find(properties->as_object(), "event_type");
  }

  static std::string name_of(const json::object& schema) {
    for (const auto& one : description::get().schemas())
      if (one.value().if_object() == &schema) return one.key();
    return std::string();
  }

  const std::function<void(const misfit&)>& visit_;
  std::string around_;  // the schema, by its name, that the members at hand are of
  std::set<const json::object*> seen_;
};

}  // namespace

void misfits(const json::value& schema, json::value& document,
             const std::function<void(const misfit&)>& visit) {
  walker(visit).inside(schema, document, std::string(), false);
}

}  // namespace openapi
