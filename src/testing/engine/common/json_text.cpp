#include "testing/engine/common/json_text.hpp"

#include "protocol/json/date_time.hpp"
#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <boost/json/string.hpp>

#include <stdexcept>

namespace mistral::workflows::testing {

// The codec's own reader, not Boost.JSON's parse: numbers
// must come back from the journal exactly as they were.
boost::json::value from_text(std::string_view text) {
  boost::json::value value;
  // A record wraps what a caller may nest 256 deep.
  if (auto problem = protocol::decode(text, value, protocol::decode_limits(300)))
    throw std::runtime_error("not JSON: " + problem->reason);
  return value;
}

std::string to_text(const boost::json::value& value) { return protocol::encode(value); }

std::string format_instant(clock::time_point time) {
  return protocol::format_timestamp(std::chrono::floor<std::chrono::microseconds>(time));
}

std::int64_t to_nanoseconds(clock::time_point time) { return time.time_since_epoch().count(); }

clock::time_point from_nanoseconds(std::int64_t count) {
  return clock::time_point(std::chrono::nanoseconds(count));
}

std::optional<std::string> optional_text(const boost::json::object& object, std::string_view key) {
  auto* value = object.if_contains(key);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

void put_text(boost::json::object& object, std::string_view key, const std::optional<std::string>& text) {
  if (text) object[key] = *text;
}

boost::json::value text_or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return boost::json::value(boost::json::string(*text));
}

std::string text_of(const boost::json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

}  // namespace mistral::workflows::testing
