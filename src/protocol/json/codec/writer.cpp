#include "protocol/json/codec/writer.hpp"

#include <cmath>

namespace mistral::workflows::protocol {
namespace {

namespace json = boost::json;

bool plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void write_escape(std::string& out, char c) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
  }
}

}  // namespace

void write_double(std::string& out, double value) {
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

void write_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (plain(text[i])) continue;
    out.append(text, written, i - written);
    write_escape(out, text[i]);
    written = i + 1;
  }
  out.append(text, written);
  out += '"';
}

void write_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      writer(out, nulls::omit).integer(value.get_int64());
      return;
    case json::kind::uint64:
      writer(out, nulls::omit).integer(value.get_uint64());
      return;
    case json::kind::double_:
      write_double(out, value.get_double());
      return;
    case json::kind::string:
      write_string(out, value.get_string());
      return;
    case json::kind::array: {
      char before = '[';
      for (const json::value& element : value.get_array()) {
        out += before;
        write_json(out, element);
        before = ',';
      }
      out += before == '[' ? "[]" : "]";
      return;
    }
    case json::kind::object:
      break;
  }
  char before = '{';
  for (const json::key_value_pair& pair : value.get_object()) {
    out += before;
    write_string(out, pair.key());
    out += ':';
    write_json(out, pair.value());
    before = ',';
  }
  out += before == '{' ? "{}" : "}";
}

}  // namespace mistral::workflows::protocol
