#include "protocol/json/date_time.hpp"
#include "protocol/json/decode.hpp"
#include "testing/server/message/reader.hpp"
#include "testing/server/message/router.hpp"

#include <algorithm>
#include <charconv>

namespace mistral::workflows::testing {
namespace {

std::string join(allowed_values allowed) {
  std::string text;
  for (const std::string_view one : allowed) {
    if (!text.empty()) text += " or ";
    text += '\'';
    text += one;
    text += '\'';
  }
  return text;
}

bool is_one_of(std::string_view text, allowed_values allowed) {
  return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
}

}  // namespace

query_reader::query_reader(const request& from) {
  std::string_view rest = from.seen.query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    const std::optional<std::string> name = percent_decode(pair.substr(0, equals), true);
    const std::optional<std::string> decoded = percent_decode(value, true);
    if (name && decoded)
      values_.emplace_back(*name, *decoded);
    else
      refuse(pair.substr(0, equals), "Input should be percent-encoded", "string_type");
  }
}

std::optional<std::string> query_reader::text(std::string_view name) {
  asked_.emplace_back(name);
  const auto found =
      std::find_if(values_.rbegin(), values_.rend(), [&](const auto& pair) { return pair.first == name; });
  if (found == values_.rend()) return std::nullopt;
  return found->second;
}

std::vector<std::string> query_reader::texts(std::string_view name) {
  asked_.emplace_back(name);
  std::vector<std::string> found;
  for (const auto& [key, value] : values_)
    if (key == name) found.push_back(value);
  return found;
}

std::vector<std::string> query_reader::texts(std::string_view name, std::size_t most) {
  std::vector<std::string> found = texts(name);
  if (found.size() > most)
    refuse(name,
           "List should have at most " + std::to_string(most) + " items after validation, not " +
               std::to_string(found.size()),
           "too_long");
  return found;
}

std::optional<bool> query_reader::flag(std::string_view name) {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  std::string lower = *given;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (is_one_of(lower, {"true", "1", "yes", "on", "t", "y"})) return true;
  if (is_one_of(lower, {"false", "0", "no", "off", "f", "n"})) return false;
  refuse(name, "Input should be a valid boolean, unable to interpret input", "bool_parsing");
  return std::nullopt;
}

std::int64_t query_reader::integer(std::string_view name, std::int64_t otherwise, std::int64_t least,
                                   std::int64_t most) {
  const std::optional<std::string> given = text(name);
  if (!given) return otherwise;
  std::int64_t number = 0;
  const char* const end = given->data() + given->size();
  const auto [stopped, failed] = std::from_chars(given->data(), end, number);
  if (failed != std::errc() || stopped != end || given->empty())
    refuse(name, "Input should be a valid integer, unable to parse string as an integer", "int_parsing");
  else if (number < least)
    refuse(name, "Input should be greater than or equal to " + std::to_string(least), "greater_than_equal");
  else if (number > most)
    refuse(name, "Input should be less than or equal to " + std::to_string(most), "less_than_equal");
  return number;
}

std::optional<clock::time_point> query_reader::time(std::string_view name) {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  const std::optional<timestamp> parsed = protocol::parse_timestamp(*given);
  if (!parsed) {
    refuse(name, "Input should be a valid datetime", "datetime_from_date_parsing");
    return std::nullopt;
  }
  // A clock in nanoseconds ends in 2262; what lies beyond compares like its end.
  constexpr auto first = std::chrono::ceil<timestamp::duration>(clock::time_point::min());
  constexpr auto last = std::chrono::floor<timestamp::duration>(clock::time_point::max());
  return clock::time_point(std::clamp(*parsed, first, last));
}

std::optional<std::string> query_reader::choice(std::string_view name, allowed_values allowed) {
  std::optional<std::string> given = text(name);
  if (given && !is_one_of(*given, allowed)) refuse(name, "Input should be " + join(allowed), "enum");
  return given;
}

std::vector<std::string> query_reader::choices(std::string_view name, allowed_values allowed) {
  std::vector<std::string> given = texts(name);
  for (const std::string& one : given)
    if (!is_one_of(one, allowed)) refuse(name, "Input should be " + join(allowed), "enum");
  return given;
}

std::optional<std::string> query_reader::uuid(std::string_view name) {
  std::optional<std::string> given = text(name);
  if (given && !is_uuid(*given)) refuse(name, "Input should be a valid UUID", "uuid_parsing");
  return given;
}

std::optional<boost::json::object> query_reader::object(std::string_view name) {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  boost::json::value parsed;
  if (const auto malformed = protocol::decode(*given, parsed))
    refuse(name, "Invalid JSON: " + malformed->reason, "json_invalid");
  else if (parsed.is_object())
    return parsed.as_object();
  else if (!parsed.is_null())
    refuse(name, "Input should be a valid dictionary", "dict_type");
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> query_reader::others(std::string_view meaning) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [name, value] : values_) {
    if (name.empty() || std::ranges::find(asked_, name) != asked_.end()) continue;
    // Once asked for, a name is passed over when it comes again.
    if (texts(name).size() > 1)
      refuse(name, "Input should be given once, as " + std::string(meaning), "value_error");
    found.emplace_back(name, value);
  }
  return found;
}

std::optional<std::int64_t> last_event_id(const request& asked, query_reader& query) {
  // The header wins, as the API says of its log streams.
  const std::string* header = asked.header("last-event-id");
  std::optional<std::string> given = query.text("last_event_id");
  if (header) given = *header;
  if (!given || given->empty()) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = given->data() + given->size();
  const auto [stopped, failed] = std::from_chars(given->data(), end, number);
  if (failed == std::errc() && stopped == end) return number;
  query.refuse("last_event_id", "Input should be the id of an event of this stream", "value_error");
  return std::nullopt;
}

void query_reader::refuse(std::string_view name, std::string message, std::string type) {
  boost::json::array location;
  location.emplace_back("query");
  location.emplace_back(name);
  problems_.emplace_back(std::move(location), std::move(message), std::move(type));
}

void query_reader::check() const {
  if (!problems_.empty()) throw bad_request(problems_);
}

}  // namespace mistral::workflows::testing
