// The hash of a job's input, over a JSON text that equal inputs share.
#include <mistral/workflows/bulk/identity.hpp>

#include "bulk/sha256.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace mistral::workflows {
namespace {

// As requests have them: the shortest digits that read back
// as the same number, and never the look of an integer.
void write_canonical_number(std::string& out, double value) {
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

// Not Boost's: a journal outlives the version of a library.
void write_canonical_text(std::string& out, std::string_view text) {
  static constexpr std::string_view named = "\b\f\n\r\t";
  static constexpr char names[] = "bfnrt";
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else if (const std::size_t at = named.find(c); at != std::string_view::npos) {
      out += '\\';
      out += names[at];
    } else {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  out += '"';
}

void write_canonical(std::string& out, const boost::json::value& value);

void write_canonical_elements(std::string& out, const boost::json::array& elements) {
  out += '[';
  for (const boost::json::value& element : elements) {
    if (&element != elements.data()) out += ',';
    write_canonical(out, element);
  }
  out += ']';
}

void write_canonical_members(std::string& out, const boost::json::object& members) {
  std::vector<const boost::json::key_value_pair*> sorted;
  sorted.reserve(members.size());
  for (const boost::json::key_value_pair& member : members) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->key() < b->key(); });
  out += '{';
  for (const boost::json::key_value_pair* member : sorted) {
    if (member != sorted.front()) out += ',';
    write_canonical_text(out, member->key());
    out += ':';
    write_canonical(out, member->value());
  }
  out += '}';
}

void write_canonical(std::string& out, const boost::json::value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      out += std::to_string(value.get_int64());
      return;
    case boost::json::kind::uint64:
      out += std::to_string(value.get_uint64());
      return;
    case boost::json::kind::double_:
      return write_canonical_number(out, value.get_double());
    case boost::json::kind::string:
      return write_canonical_text(out, value.get_string());
    case boost::json::kind::array:
      return write_canonical_elements(out, value.get_array());
    case boost::json::kind::object:
      return write_canonical_members(out, value.get_object());
  }
}

}  // namespace

std::string bulk_input_hash(const boost::json::value& input) {
  std::string text;
  write_canonical(text, input);
  return bulk_core::hex_of(bulk_core::sha256(text));
}

}  // namespace mistral::workflows
