#include "testing/engine/times/cron.hpp"

#include "testing/engine/times/calendar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace mistral::workflows::testing {
namespace {

constexpr std::array<std::string_view, 12> month_names{"january",   "february", "march",    "april",
                                                       "may",       "june",     "july",     "august",
                                                       "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekday_names{"sunday",   "monday", "tuesday", "wednesday",
                                                        "thursday", "friday", "saturday"};

/// What one of the five fields may hold. `names` stand for the values from `first_name` on.
struct field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names = {};
  int first_name = 0;
};

const std::array<field, 5> fields{{{"minute", 0, 59},
                                   {"hour", 0, 23},
                                   {"day of month", 1, 31},
                                   {"month", 1, 12, month_names, 1},
                                   {"day of week", 0, 7, weekday_names, 0}}};

class field_reader {
 public:
  field_reader(const field& what, std::string_view text, const std::string& where)
      : field_(what), text_(text), where_(where) {}

  std::vector<schedule_range> read() const {
    std::vector<schedule_range> ranges;
    for (auto rest = text_;;) {
      const auto comma = rest.find(',');
      ranges.push_back(range(rest.substr(0, comma)));
      if (comma == std::string_view::npos) return ranges;
      rest.remove_prefix(comma + 1);
    }
  }

 private:
  [[noreturn]] void refuse() const {
    throw schedule_problem(where_, "'" + std::string(text_) + "' is no " + std::string(field_.name));
  }

  schedule_range range(std::string_view part) const {
    const auto slash = part.find('/');
    const auto span = part.substr(0, slash);
    const auto dash = span.find('-');
    schedule_range made;
    if (span == "*") {
      made.start = field_.least;
      made.end = field_.most;
    } else {
      made.start = value(span.substr(0, dash));
      made.end = dash != std::string_view::npos    ? value(span.substr(dash + 1))
                 : slash != std::string_view::npos ? field_.most
                                                   : made.start;
    }
    made.step = slash == std::string_view::npos ? 1 : number(part.substr(slash + 1));
    if (made.end < made.start || made.step < 1) refuse();
    return made;
  }

  std::int64_t value(std::string_view text) const {
    for (std::size_t index = 0; index < field_.names.size(); ++index)
      if (is_name(text, field_.names[index])) return field_.first_name + static_cast<std::int64_t>(index);
    const auto found = number(text);
    if (found < field_.least || found > field_.most) refuse();
    return found;
  }

  static bool is_name(std::string_view text, std::string_view name) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
    if (text.size() != 3 && text.size() != name.size()) return false;
    return std::equal(text.begin(), text.end(), name.begin(), same);
  }

  std::int64_t number(std::string_view text) const {
    std::int64_t found = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), found);
    if (error != std::errc() || end != text.data() + text.size() || text.empty() || text.front() == '-')
      refuse();
    return found;
  }

  const field& field_;
  std::string_view text_;
  const std::string& where_;
};

std::string_view expand(std::string_view expression) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> shorthands{
      {{"@yearly", "0 0 1 1 *"},
       {"@annually", "0 0 1 1 *"},
       {"@monthly", "0 0 1 * *"},
       {"@weekly", "0 0 * * 0"},
       {"@daily", "0 0 * * *"},
       {"@midnight", "0 0 * * *"},
       {"@hourly", "0 * * * *"}}};
  for (const auto& [name, meaning] : shorthands)
    if (expression == name) return meaning;
  return expression;
}

std::vector<std::string_view> split(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  std::vector<std::string_view> parts;
  for (;;) {
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return parts;
    text.remove_prefix(begin);
    parts.push_back(text.substr(0, text.find_first_of(blanks)));
    text.remove_prefix(parts.back().size());
  }
}

/// Day 7 is Sunday too, which a calendar knows as 0 alone.
std::vector<schedule_range> fold_sunday(const std::vector<schedule_range>& ranges) {
  std::array<bool, 7> has{};
  for (const auto& range : ranges)
    for (auto day = range.start; day <= range.end; day += range.step)
      has[static_cast<std::size_t>(day % 7)] = true;
  std::vector<schedule_range> folded;
  for (std::size_t day = 0; day < has.size(); ++day)
    if (has[day]) folded.emplace_back(static_cast<std::int64_t>(day));
  return folded;
}

}  // namespace

schedule_calendar parse_cron(std::string_view expression, const std::string& where) {
  const auto parts = split(expression);
  const auto meant = parts.size() == 1 ? split(expand(parts.front())) : parts;
  if (meant.size() != fields.size())
    throw schedule_problem(where, "a cron expression has 5 fields, not " + std::to_string(meant.size()));
  const auto read = [&](std::size_t index) {
    return field_reader(fields[index], meant[index], where).read();
  };
  schedule_calendar made;
  made.minute = read(0);
  made.hour = read(1);
  made.day_of_month = read(2);
  made.month = read(3);
  made.day_of_week = fold_sunday(read(4));
  return made;
}

}  // namespace mistral::workflows::testing
