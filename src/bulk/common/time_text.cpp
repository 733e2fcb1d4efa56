#include "bulk/common/time_text.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace mistral::workflows::bulk_core {
namespace {

constexpr std::string_view time_pattern = "0000-00-00T00:00:00.000000Z";

void put_digits(std::string& out, std::size_t at, std::size_t digits, std::uint64_t value) {
  for (std::size_t i = digits; i > 0; --i, value /= 10) out[at + i - 1] = static_cast<char>('0' + value % 10);
}

unsigned number_at(std::string_view text, std::size_t at, std::size_t digits) {
  unsigned value = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, value);
  return value;
}

bool fits_pattern(std::string_view text) {
  if (text.size() != time_pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (time_pattern[i] == '0' ? !digit : text[i] != time_pattern[i]) return false;
  }
  return true;
}

}  // namespace

std::string time_text(timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::microseconds> clock(time - day);
  std::string out(time_pattern);
  put_digits(out, 0, 4, static_cast<std::uint64_t>(static_cast<int>(date.year())));
  put_digits(out, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(out, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(out, 11, 2, static_cast<std::uint64_t>(clock.hours().count()));
  put_digits(out, 14, 2, static_cast<std::uint64_t>(clock.minutes().count()));
  put_digits(out, 17, 2, static_cast<std::uint64_t>(clock.seconds().count()));
  put_digits(out, 20, 6, static_cast<std::uint64_t>(clock.subseconds().count()));
  return out;
}

std::optional<timestamp> time_from_text(std::string_view text) {
  if (!fits_pattern(text)) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(number_at(text, 0, 4))),
                                         std::chrono::month(number_at(text, 5, 2)),
                                         std::chrono::day(number_at(text, 8, 2)));
  const unsigned h = number_at(text, 11, 2), m = number_at(text, 14, 2), s = number_at(text, 17, 2);
  if (!date.ok() || h > 23 || m > 59 || s > 59) return std::nullopt;
  return timestamp(std::chrono::sys_days(date)) + std::chrono::hours(h) + std::chrono::minutes(m) +
         std::chrono::seconds(s) + std::chrono::microseconds(number_at(text, 20, 6));
}

}  // namespace mistral::workflows::bulk_core
