#include "protocol/json/codec/tolerance.hpp"

#include <algorithm>
#include <charconv>

namespace mistral::workflows::protocol {
namespace {

// Of a number without its sign: all digits, and how many places its point stands behind the last of them.
struct decimal {
  std::string digits;
  std::int64_t shift = 0;
};

decimal read_decimal(std::string_view number) {
  constexpr std::int64_t beyond_all = 1'000'000'000;
  decimal out;
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::size_t point = std::min(number.substr(0, e).find('.'), e);
  out.digits = number.substr(0, point);
  if (point < e) out.digits += number.substr(point + 1, e - point - 1);
  if (point < e) out.shift = -static_cast<std::int64_t>(e - point - 1);
  if (e == number.size()) return out;
  std::string_view exponent = number.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::int64_t power = 0;
  const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
  if (read.ec == std::errc::result_out_of_range) power = exponent.starts_with('-') ? -beyond_all : beyond_all;
  out.shift += std::clamp(power, -beyond_all, beyond_all);
  return out;
}

// `\uXXXX` at the front of a text.
std::optional<unsigned> escaped(std::string_view text) {
  constexpr std::size_t size = 6;
  if (text.size() < size || !text.starts_with("\\u")) return std::nullopt;
  unsigned code = 0;
  const auto read = std::from_chars(text.data() + 2, text.data() + size, code, 16);
  if (read.ec != std::errc() || read.ptr != text.data() + size) return std::nullopt;
  return code;
}

bool leads(std::optional<unsigned> code) { return code && *code >= 0xD800 && *code < 0xDC00; }
bool trails(std::optional<unsigned> code) { return code && *code >= 0xDC00 && *code < 0xE000; }

}  // namespace

std::optional<std::int64_t> whole_number(std::string_view number) {
  constexpr std::int64_t most_digits = 19;
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  decimal read = read_decimal(number);
  read.digits.erase(0, std::min(read.digits.find_first_not_of('0'), read.digits.size()));
  if (read.digits.empty()) return 0;
  while (read.shift < 0 && read.digits.ends_with('0')) {
    read.digits.pop_back();
    ++read.shift;
  }
  if (read.shift < 0 || static_cast<std::int64_t>(read.digits.size()) + read.shift > most_digits)
    return std::nullopt;
  std::string text = (negative ? "-" : "") + read.digits;
  text.append(static_cast<std::size_t>(read.shift), '0');
  std::int64_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
  return value;
}

std::string without_lone_surrogates(std::string_view document) {
  constexpr std::size_t size = 6;
  std::string out;
  std::size_t kept = 0;
  for (std::size_t at = document.find('\\'); at < document.size(); at = document.find('\\', at)) {
    const std::optional<unsigned> code = escaped(document.substr(at));
    if (leads(code) && trails(escaped(document.substr(at + size)))) {
      at += 2 * size;
    } else if (leads(code) || trails(code)) {
      out.append(document, kept, at - kept).append("\\uFFFD");
      kept = at += size;
    } else {
      at += 2;
    }
  }
  if (kept == 0) return out;
  return out.append(document, kept);
}

}  // namespace mistral::workflows::protocol
