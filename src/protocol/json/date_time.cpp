#include "protocol/json/date_time.hpp"

#include <boost/endian/conversion.hpp>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <limits>

namespace mistral::workflows::protocol {
namespace {

using namespace std::chrono;

// Takes text from its front, piece by piece; false for what is not there.
struct scanner {
  const char* at;
  const char* end;

  bool literal(char c) {
    if (at == end || *at != c) return false;
    ++at;
    return true;
  }
  bool digits(int count, int& out) {
    if (end - at < count) return false;
    int value = 0;
    for (int i = 0; i < count; ++i) {
      const unsigned digit = static_cast<unsigned char>(at[i]) - unsigned('0');
      if (digit > 9) return false;
      value = value * 10 + static_cast<int>(digit);
    }
    at += count;
    out = value;
    return true;
  }
  // One digit or more, as billionths: what is smaller is cut.
  bool fraction(std::int64_t& nanos) {
    constexpr std::int64_t scales[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000,
                                       10'000,        1'000,       100,        10,        1};
    std::int64_t value = 0;
    std::size_t taken = 0;
    const char* const first = at;
    for (; at != end && *at >= '0' && *at <= '9'; ++at) {
      if (taken == 9) continue;
      value = value * 10 + (*at - '0');
      ++taken;
    }
    nanos = value * scales[taken];
    return at != first;
  }
};

struct instant {
  sys_seconds second;
  std::int64_t nanos = 0;
};

// None: UTC.
bool scan_offset(scanner& s, minutes& out) {
  if (s.at == s.end) return true;
  if (s.literal('Z') || s.literal('z')) return true;
  const bool west = s.at != s.end && *s.at == '-';
  if (!west && !(s.at != s.end && *s.at == '+')) return false;
  ++s.at;
  int h = 0, m = 0;
  if (!s.digits(2, h)) return false;
  s.literal(':');
  if (s.at != s.end && !s.digits(2, m)) return false;
  if (h > 23 || m > 59) return false;
  out = hours(h) + minutes(m);
  if (west) out = -out;
  return true;
}

// Two digits each, at the places that have zeros in `pattern`, and else what
// `pattern` has; the number of two digits stands in the place of the first.
struct digit_pairs {
  digit_pairs(const char* at, std::string_view pattern, std::uint64_t digits) {
    constexpr std::uint64_t high_bits = 0x8080808080808080, beyond_nine = 0x7676767676767676;
    const std::uint64_t v =
        boost::endian::load_little_u64(bytes(at)) - boost::endian::load_little_u64(bytes(pattern.data()));
    // A byte below its pattern borrows from the next, but is seen itself.
    good = (((v + beyond_nine) | v) & high_bits & digits) == 0 && (v & ~digits) == 0;
    values = v * 10 + (v >> 8);
  }
  static const unsigned char* bytes(const char* at) { return reinterpret_cast<const unsigned char*>(at); }
  int operator[](int place) const { return static_cast<int>(values >> (8 * place) & 0xff); }

  bool good;
  std::uint64_t values;
};

// The usual end of an instant: ".818693Z".
bool scan_micros_utc(std::string_view text, std::int64_t& nanos) {
  if (text.size() != 8) return false;
  const digit_pairs micros(text.data(), ".000000Z", 0x00ffffffffffff00);
  if (!micros.good) return false;
  nanos = (micros[1] * 10'000 + micros[3] * 100 + micros[5]) * std::int64_t(1000);
  return true;
}

std::optional<instant> scan_instant(std::string_view text) {
  // All before the fraction and the offset stands at fixed places: 2025-12-17T10:25:07
  constexpr std::size_t fixed = 19;
  if (text.size() < fixed) return std::nullopt;
  const char* const t = text.data();
  const digit_pairs month_of_year(t, "0000-00-", 0x00ffff00ffffffff);
  const digit_pairs clock(t + 11, "00:00:00", 0xffff00ffff00ffff);
  const unsigned tens = static_cast<unsigned char>(t[8]) - unsigned('0');
  const unsigned ones = static_cast<unsigned char>(t[9]) - unsigned('0');
  if (!month_of_year.good || !clock.good || tens > 9 || ones > 9) [[unlikely]]
    return std::nullopt;
  if (t[10] != 'T' && t[10] != ' ' && t[10] != 't') return std::nullopt;
  instant made;
  minutes offset{0};
  if (!scan_micros_utc(text.substr(fixed), made.nanos)) [[unlikely]] {
    scanner s{t + fixed, t + text.size()};
    if (s.literal('.') && !s.fraction(made.nanos)) return std::nullopt;
    if (!scan_offset(s, offset) || s.at != s.end) return std::nullopt;
  }
  const year_month_day date{year(month_of_year[0] * 100 + month_of_year[2]),
                            month(static_cast<unsigned>(month_of_year[5])), day(tens * 10 + ones)};
  const int h = clock[0], mi = clock[3], sec = clock[6];
  if (!date.ok() || h > 23 || mi > 59 || sec > 60) [[unlikely]]
    return std::nullopt;
  made.second = sys_days(date) + hours(h) + minutes(mi) + seconds(sec) - offset;
  // A leap second ends a day of UTC; the clocks that know none show the next day's first second for it.
  if (sec == 60 && made.second != floor<days>(made.second)) [[unlikely]]
    return std::nullopt;
  // An offset may lead out of the years that have four digits.
  constexpr sys_seconds first = sys_days(year(0) / 1 / 1), last = sys_days(year(10'000) / 1 / 1);
  if (made.second < first || made.second >= last) [[unlikely]]
    return std::nullopt;
  return made;
}

void put(std::string& out, std::int64_t value, int width) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  for (auto n = end - buffer; n < width; ++n) out += '0';
  out.append(buffer, end);
}

}  // namespace

std::optional<timestamp> parse_timestamp(std::string_view text) {
  const auto read = scan_instant(text);
  if (!read) return std::nullopt;
  return timestamp(read->second) + microseconds(read->nanos / 1000);
}

std::optional<timestamp_ns> parse_timestamp_ns(std::string_view text) {
  const auto read = scan_instant(text);
  if (!read) return std::nullopt;
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 1'000'000'000 - 1;
  const std::int64_t count = read->second.time_since_epoch().count();
  if (count > limit || count < -limit) return std::nullopt;
  return timestamp_ns(read->second) + nanoseconds(read->nanos);
}

std::string format_timestamp(timestamp time) {
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss<microseconds> clock{time - midnight};
  std::string out;
  out.reserve(27);
  put(out, static_cast<int>(date.year()), 4);
  out += '-';
  put(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  put(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  put(out, clock.hours().count(), 2);
  out += ':';
  put(out, clock.minutes().count(), 2);
  out += ':';
  put(out, clock.seconds().count(), 2);
  out += '.';
  put(out, clock.subseconds().count(), 6);
  out += 'Z';
  return out;
}

std::optional<duration> parse_duration(std::string_view text) {
  scanner s{text.data(), text.data() + text.size()};
  const bool negative = s.literal('-');
  if (!negative) s.literal('+');
  if (!s.literal('P')) return std::nullopt;
  constexpr std::string_view units = "WDTHMS";
  constexpr std::int64_t lengths[] = {7 * 86'400, 86'400, 0, 3'600, 60, 1};
  constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 2'000'000;  // seconds
  std::int64_t whole = 0, micros = 0;
  std::size_t next = 0;
  bool any = false, in_time = false;
  while (s.at != s.end) {
    if (!in_time && s.literal('T')) {
      in_time = true;
      next = 3;
      any = false;
      continue;
    }
    std::int64_t count = 0, nanos = 0;
    const auto parsed = std::from_chars(s.at, s.end, count);
    if (parsed.ec != std::errc() || *s.at == '-') return std::nullopt;
    s.at = parsed.ptr;
    const bool fractional = s.literal('.') || s.literal(',');
    if (fractional && !s.fraction(nanos)) return std::nullopt;
    if (s.at == s.end) return std::nullopt;
    const std::size_t unit = units.find(*s.at++, next);
    if (unit == std::string_view::npos || unit == 2 || (unit > 2) != in_time) return std::nullopt;
    if (fractional && s.at != s.end) return std::nullopt;  // only the last part may have a fraction
    if (count > (limit - whole) / lengths[unit]) return std::nullopt;
    whole += count * lengths[unit];
    micros += nanos / 1000 * lengths[unit];
    next = unit + 1;
    any = true;
  }
  if (!any) return std::nullopt;
  const duration length = seconds(whole) + microseconds(micros);
  return negative ? -length : length;
}

std::string format_duration(duration length) {
  std::string out;
  // Unsigned, so that the smallest value has a magnitude too.
  auto rest = static_cast<std::uint64_t>(length.count());
  if (length.count() < 0) {
    out += '-';
    rest = 0 - rest;
  }
  out += 'P';
  const auto take = [&](std::uint64_t unit, char name) {
    if (rest < unit) return;
    put(out, static_cast<std::int64_t>(rest / unit), 1);
    out += name;
    rest %= unit;
  };
  take(86'400'000'000, 'D');
  if (rest == 0 && out.back() == 'D') return out;
  out += 'T';
  take(3'600'000'000, 'H');
  take(60'000'000, 'M');
  if (rest == 0 && out.back() != 'T') return out;
  put(out, static_cast<std::int64_t>(rest / 1'000'000), 1);
  if (const auto micros = static_cast<std::int64_t>(rest % 1'000'000)) {
    out += '.';
    put(out, micros, 6);
    while (out.back() == '0') out.pop_back();
  }
  out += 'S';
  return out;
}

}  // namespace mistral::workflows::protocol
