#include "testing/engine/times/calendar.hpp"

#include <algorithm>
#include <string_view>

namespace mistral::workflows::testing {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::year_month_day;

namespace {

bool in(std::uint64_t set, unsigned value) { return (set >> value & 1) != 0; }

/// Calls `add` for each value of the ranges.
template <class Add>
void each_value(const std::vector<schedule_range>& ranges, const std::string& where, std::int64_t least,
                std::int64_t most, Add add) {
  for (std::size_t index = 0; index < ranges.size(); ++index) {
    const auto& range = ranges[index];
    const auto in_bounds = [&](std::int64_t value) { return value >= least && value <= most; };
    // An end of 0 is the API's way to leave it out.
    if (!in_bounds(range.start) || (range.end != 0 && (range.end < range.start || !in_bounds(range.end))) ||
        range.step < 0)
      throw schedule_problem(where + '[' + std::to_string(index) + ']',
                             "a range from " + std::to_string(least) + " to " + std::to_string(most) +
                                 " with a step of 0 or more is needed");
    const auto last = std::max(range.start, range.end);
    for (auto value = range.start; value <= last; value += std::max<std::int64_t>(range.step, 1))
      add(static_cast<int>(value));
  }
}

std::uint64_t set_of(const std::vector<schedule_range>& ranges, const std::string& where, std::int64_t least,
                     std::int64_t most) {
  std::uint64_t made = 0;
  each_value(ranges, where, least, most, [&](int value) { made |= std::uint64_t{1} << value; });
  return made;
}

}  // namespace

schedule_problem::~schedule_problem() = default;

calendar::calendar(const schedule_calendar& fields, const std::string& where)
    : seconds_(set_of(fields.second, where + ".second", 0, 59)),
      minutes_(set_of(fields.minute, where + ".minute", 0, 59)),
      hours_(set_of(fields.hour, where + ".hour", 0, 23)),
      days_(set_of(fields.day_of_month, where + ".day_of_month", 1, 31)),
      months_(set_of(fields.month, where + ".month", 1, 12)),
      weekdays_(set_of(fields.day_of_week, where + ".day_of_week", 0, 6)) {
  each_value(fields.year, where + ".year", first_calendar_year, last_calendar_year,
             [this](int value) { years_.push_back(value); });
}

bool calendar::has_year(int year) const {
  return years_.empty() || std::find(years_.begin(), years_.end(), year) != years_.end();
}

bool calendar::has_day(year_month_day date, std::chrono::weekday day) const {
  return has_year(static_cast<int>(date.year())) && in(months_, static_cast<unsigned>(date.month())) &&
         in(days_, static_cast<unsigned>(date.day())) && in(weekdays_, day.c_encoding());
}

bool calendar::matches(local_time time) const {
  const auto day = floor<days>(time);
  const auto time_of_day = time - day;
  return has_day(year_month_day(day), std::chrono::weekday(day)) &&
         first_time_from(time_of_day) == time_of_day;
}

std::optional<std::chrono::seconds> calendar::first_time_from(std::chrono::seconds time_of_day) const {
  const std::chrono::hh_mm_ss<std::chrono::seconds> from(time_of_day);
  auto hour = static_cast<unsigned>(from.hours().count());
  auto minute = static_cast<unsigned>(from.minutes().count());
  auto second = static_cast<unsigned>(from.seconds().count());
  for (; hour < 24; ++hour, minute = second = 0) {
    if (!in(hours_, hour)) continue;
    for (; minute < 60; ++minute, second = 0) {
      if (!in(minutes_, minute)) continue;
      for (; second < 60; ++second)
        if (in(seconds_, second))
          return std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second);
    }
  }
  return std::nullopt;
}

std::optional<calendar::local_time> calendar::first_from(local_time from) const {
  auto day = floor<days>(from);
  auto time_of_day = from - day;
  for (;;) {
    const year_month_day date(day);
    const auto year = static_cast<int>(date.year());
    if (year > last_calendar_year) return std::nullopt;
    std::chrono::local_days next = day + days(1);
    if (!has_year(year) || year < first_calendar_year) {
      next = std::chrono::local_days((date.year() + std::chrono::years(1)) / 1 / 1);
    } else if (!in(months_, static_cast<unsigned>(date.month()))) {
      next = std::chrono::local_days((date.year() / date.month() + std::chrono::months(1)) / 1);
    } else if (has_day(date, std::chrono::weekday(day))) {
      if (const auto time = first_time_from(time_of_day)) return day + *time;
    }
    day = next;
    time_of_day = std::chrono::seconds(0);
  }
}

}  // namespace mistral::workflows::testing
