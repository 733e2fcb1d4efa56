// The days and times of day that one calendar of a schedule names, as wall clocks show them.
// Not instants: which of these exist, and when, is up to a time zone (schedule_times.hpp).
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

/// What is wrong with a schedule's definition, and where: "cron_expressions[0]".
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT schedule_problem : public std::invalid_argument {
 public:
  schedule_problem(const std::string& where, const std::string& why)
      : std::invalid_argument(where + ": " + why) {}
  ~schedule_problem() override;
};

/// The years that calendars know, as the scheduler behind the API has them.
inline constexpr int first_calendar_year = 2000;
inline constexpr int last_calendar_year = 2100;

/// A time matches if all fields match, day of month and day of week too.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT calendar {
 public:
  using local_time = std::chrono::local_seconds;

  /// Errors: schedule_problem - a value that the field does not have; `where` names the calendar.
  calendar(const schedule_calendar& fields, const std::string& where);

  bool matches(local_time time) const;
  /// The first match at `from` or later; none if there is none up to the last year.
  std::optional<local_time> first_from(local_time from) const;

 private:
  using set = std::uint64_t;  ///< a bit for each value

  bool has_day(std::chrono::year_month_day date, std::chrono::weekday day) const;
  bool has_year(int year) const;
  std::optional<std::chrono::seconds> first_time_from(std::chrono::seconds time_of_day) const;

  set seconds_ = 0, minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
  std::vector<int> years_;  ///< empty: all
};

}  // namespace mistral::workflows::testing
