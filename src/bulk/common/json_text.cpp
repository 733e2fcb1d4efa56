#include "bulk/common/json_text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>

namespace mistral::workflows::bulk_core {
namespace {

namespace json = boost::json;
using boost::system::error_code;

/// Builds a value from what the parser meets. The text is there as a
/// whole, but a parser may hand a number or a string over in parts.
struct tree_builder {
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  json::value_stack stack;
  std::string number;
  beyond_numbers beyond = beyond_numbers::round;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t size, error_code&) {
    stack.push_object(size);
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t size, error_code&) {
    stack.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, error_code&) {
    stack.push_key(part);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error_code&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, error_code&) {
    stack.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view part, error_code&) {
    number.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, error_code&) {
    number.clear();
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
    number.clear();
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double value, json::string_view part, error_code& failure) {
    number.append(part.data(), part.size());
    if (beyond == beyond_numbers::refuse &&
        (!std::isfinite(value) || number.find_first_of(".eE") == std::string::npos)) {
      failure = json::make_error_code(json::error::not_exact);
      return false;
    }
    double exact = 0;
    const char* const end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, exact);
    stack.push_double(read.ec == std::errc() && read.ptr == end ? exact : value);
    number.clear();
    return true;
  }
  bool on_bool(bool value, error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }
};

}  // namespace

json::value read_json_text(std::string_view text, error_code& failure, beyond_numbers beyond,
                           std::size_t* read) {
  json::parse_options options;
  options.max_depth = 256;
  json::basic_parser<tree_builder> parser(options);
  parser.handler().stack.reset();
  parser.handler().beyond = beyond;
  std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure) {
    used = std::min(text.find_first_not_of(" \t\r\n", used), text.size());
    if (used < text.size()) failure = json::make_error_code(json::error::extra_data);
  }
  if (read != nullptr) *read = used;
  if (failure) return nullptr;
  return parser.handler().stack.release();
}

}  // namespace mistral::workflows::bulk_core
