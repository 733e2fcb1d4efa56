#include "openapi/equivalence.hpp"

#include "openapi/schema_check.hpp"
#include "protocol/json/date_time.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace openapi {
namespace {

namespace protocol = mistral::workflows::protocol;

// What the tests' documents call a member that no library can know.
constexpr std::string_view unknown_member = "later_than_this";

// In these, null is a value, and absent says that nothing changes.
bool is_patch(const json::object& schema) {
  for (const char* name : {"PartialScheduleDefinition", "WorkflowsWorkerSpecUpdate",
                           "DeploymentResourceConfigUpdate", "UpdateDeploymentRequest"})
    if (&schema == &description::get().schemas().at(name).as_object()) return true;
  return false;
}

bool same_number(const json::value& a, const json::value& b) {
  if (a.is_double() || b.is_double()) return a.to_number<double>() == b.to_number<double>();
  if (a.is_int64() && b.is_int64()) return a.get_int64() == b.get_int64();
  return a.is_uint64() && b.is_uint64() && a.get_uint64() == b.get_uint64();
}

bool same_text(const json::object& schema, const json::string& a, const json::string& b) {
  const std::string one(a.begin(), a.end()), other(b.begin(), b.end());
  const json::value* format = find(schema, "format");
  if (format && *format == "date-time") {
    const auto instant = protocol::parse_timestamp(one);
    return instant && instant == protocol::parse_timestamp(other);
  }
  if (format && *format == "duration") {
    const auto length = protocol::parse_duration(one);
    return length && length == protocol::parse_duration(other);
  }
  return one == other;
}

}  // namespace

bool same_value(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return same_number(a, b);
  if (a.is_array() && b.is_array())
    return std::ranges::equal(a.get_array(), b.get_array(),
                              [](auto& x, auto& y) { return same_value(x, y); });
  if (!a.is_object() || !b.is_object()) return a == b;
  if (a.get_object().size() != b.get_object().size()) return false;
  return std::ranges::all_of(a.get_object(), [&](const auto& member) {
    const json::value* other = find(b.get_object(), member.key());
    return other && same_value(member.value(), *other);
  });
}

std::vector<std::string> equivalence::operator()(const json::value& schema, const json::value& before,
                                                 const json::value& after) {
  found_.clear();
  compare(schema, before, after, std::string());
  return std::exchange(found_, {});
}

void equivalence::differ(const std::string& path, const json::value& before, const json::value& after) {
  found_.push_back(path + ": " + json::serialize(before) + " became " + json::serialize(after));
}

void equivalence::compare(const json::value& source, const json::value& before, const json::value& after,
                          const std::string& path) {
  const json::object& schema = description::get().resolve(source);
  if (const json::value* choice = chosen(schema, before)) return compare(*choice, before, after, path);
  if (before.is_object() && after.is_object())
    return compare_objects(schema, before.get_object(), after.get_object(), path);
  if (before.is_array() && after.is_array()) {
    const json::array &a = before.get_array(), &b = after.get_array();
    if (a.size() != b.size()) return differ(path, before, after);
    static const json::value any = json::object();
    const json::value* items = find(schema, "items");
    for (std::size_t i = 0; i < a.size(); ++i)
      compare(items ? *items : any, a[i], b[i], path + "/" + std::to_string(i));
    return;
  }
  const bool same = before.is_string() && after.is_string()
                        ? same_text(schema, before.get_string(), after.get_string())
                        : same_value(before, after);
  if (!same) differ(path, before, after);
}

void equivalence::compare_objects(const json::object& schema, const json::object& before,
                                  const json::object& after, const std::string& path) {
  static const json::value nothing;
  static const json::value any = json::object();
  const json::value* properties = find(schema, "properties");
  const json::value* more = find(schema, "additionalProperties");
  const bool lenient = !is_patch(schema);
  std::set<std::string> names;
  for (const auto& member : before) names.emplace(member.key());
  for (const auto& member : after) names.emplace(member.key());
  for (const std::string& name : names) {
    if (name == unknown_member) continue;
    const json::value* a = find(before, name);
    const json::value* b = find(after, name);
    const json::value* known = properties ? find(properties->as_object(), name) : nullptr;
    const json::value& of = known ? *known : more && more->is_object() ? *more : any;
    const std::string at = path + "/" + name;
    const bool same_absence =
        lenient && known && (!a || stands_for_absent(of, *a)) && (!b || stands_for_absent(of, *b));
    if (same_absence) continue;
    if (a && b)
      compare(of, *a, *b, at);
    else
      differ(at, a ? *a : nothing, b ? *b : nothing);
  }
}

bool equivalence::stands_for_absent(const json::value& source, const json::value& value) const {
  if (value.is_null()) return true;
  if (const json::value* standard = source.is_object() ? find(source.as_object(), "default") : nullptr)
    if (same_value(*standard, value)) return true;
  if (value.is_array()) return value.get_array().empty();
  if (!value.is_object()) return false;
  const json::object& schema = description::get().resolve(source);
  const json::value* properties = find(schema, "properties");
  return std::ranges::all_of(value.get_object(), [&](const auto& member) {
    const json::value* known = properties ? find(properties->as_object(), member.key()) : nullptr;
    return known && stands_for_absent(*known, member.value());
  });
}

}  // namespace openapi
