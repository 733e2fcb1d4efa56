#include "protocol/http/http_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace mistral::workflows::protocol {
namespace {

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// d: day, b: month's name, y: year, h: hour, m: minute, s: second.
constexpr std::string_view shapes[] = {
    "dd bbb yyyy hh:mm:ss GMT",  // RFC 9110, behind "Sun, "
    "dd-bbb-yy hh:mm:ss GMT",    // RFC 850, behind "Sunday, "
    "bbb dd hh:mm:ss yyyy",      // asctime, behind "Sun "; the day may have a space in front
};

// The text that stands where `part` does in `shape`.
std::string_view part_of(std::string_view text, std::string_view shape, char part) {
  const auto first = shape.find(part);
  return text.substr(first, shape.find_last_of(part) - first + 1);
}

bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < shape.size(); ++i)
    if ((shape[i] < 'a' || shape[i] > 'z') && text[i] != shape[i]) return false;
  return true;
}

std::optional<std::chrono::sys_seconds> read_shape(std::string_view text, std::string_view shape) {
  std::string_view day_text = part_of(text, shape, 'd');
  if (day_text.starts_with(' ')) day_text.remove_prefix(1);
  const auto day = number_in<unsigned>(day_text);
  const auto month = std::find(months.begin(), months.end(), part_of(text, shape, 'b'));
  auto year = number_in<unsigned>(part_of(text, shape, 'y'));
  const auto hour = number_in<unsigned>(part_of(text, shape, 'h'));
  const auto minute = number_in<unsigned>(part_of(text, shape, 'm'));
  const auto second = number_in<unsigned>(part_of(text, shape, 's'));
  if (!day || month == months.end() || !year || !hour || !minute || !second) return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  // Two digits: no server's clock stands before 1970.
  if (shape.find("yyyy") == std::string_view::npos) *year += *year < 70 ? 2000 : 1900;
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  const auto name = text.find(' ');
  if (name == std::string_view::npos) return std::nullopt;
  const bool comma = text.substr(0, name).ends_with(',');
  const std::string_view tail = text.substr(name + 1);
  for (const std::string_view shape : shapes)
    if (comma == (shape.front() == 'd') && has_shape(tail, shape)) return read_shape(tail, shape);
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view text,
                                                           std::chrono::sys_seconds now) {
  if (is_number(text)) {
    const auto seconds = number_in<std::uint32_t>(text);
    return seconds ? std::min<std::chrono::milliseconds>(std::chrono::seconds(*seconds), longest_retry_after)
                   : longest_retry_after;
  }
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp<std::chrono::milliseconds>(*date - now, std::chrono::milliseconds(0),
                                               longest_retry_after);
}

std::chrono::seconds parse_age(std::string_view text) {
  constexpr std::uint32_t most = std::uint32_t{1} << 31;
  if (!is_number(text)) return std::chrono::seconds(0);
  return std::chrono::seconds(std::min(number_in<std::uint32_t>(text).value_or(most), most));
}

}  // namespace mistral::workflows::protocol
