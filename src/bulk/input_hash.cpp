// The hash of a job's input, over a JSON text that equal inputs share.
#include <mistral/workflows/bulk/identity.hpp>

#include "bulk/sha256.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace mistral::workflows {
namespace {

namespace json = boost::json;

// As requests have them: the shortest digits that read back as the same number, and never the look of an integer.
void write_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void write_canonical(std::string& out, const json::value& value);

void write_members(std::string& out, const json::object& members) {
  std::vector<const json::key_value_pair*> sorted;
  sorted.reserve(members.size());
  for (const json::key_value_pair& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const json::key_value_pair* member : sorted) {
    if (member != sorted.front()) out += ',';
    out += json::serialize(member->key());
    out += ':';
    write_canonical(out, member->value());
  }
  out += '}';
}

void write_canonical(std::string& out, const json::value& value) {
  if (const json::object* members = value.if_object()) {
    write_members(out, *members);
  } else if (const json::array* elements = value.if_array()) {
    out += '[';
    for (const json::value& element : *elements) {
      if (&element != &elements->front()) out += ',';
      write_canonical(out, element);
    }
    out += ']';
  } else if (value.is_double()) {
    write_number(out, value.get_double());
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string bulk_input_hash(const json::value& input) {
  std::string text;
  write_canonical(text, input);
  return bulk_core::hex_of(bulk_core::sha256(text));
}

}  // namespace mistral::workflows
