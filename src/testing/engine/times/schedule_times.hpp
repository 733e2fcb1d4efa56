// When a schedule starts something: the union of its calendars,
// intervals and cron expressions without what it skips.
// Not a clock: asked for the next start after an instant, it answers the same at any time.
#pragma once

#include "testing/engine/times/calendar.hpp"
#include "testing/engine/times/time_zone.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::testing {

/// A start to come.
struct planned_start {
  planned_start(timestamp named, timestamp after_jitter) : nominal(named), due(after_jitter) {}

  timestamp nominal;  ///< what the definition names
  timestamp due;      ///< with jitter; never as late as the next nominal one

  friend bool operator==(const planned_start&, const planned_start&) = default;
};

/// An instant is a calendar's if what wall clocks show then matches it. So a
/// time that wall clocks skip in spring is none, and one that they show twice
/// in autumn is two. Intervals count from 1970 in UTC and know no zone.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT schedule_times {
 public:
  /// `seed` decides the jitter, together with each nominal time.
  /// Errors: schedule_problem - an empty or malformed cron
  /// expression, an interval under a second, an offset that is not
  ///         shorter than its interval, a negative jitter, a zone
  ///         that the system does not know, a value out of its range
  schedule_times(const schedule_definition& definition, std::string seed);

  /// The first start whose nominal time is later than `after`, in `start_at` to `end_at`, both included.
  std::optional<planned_start> next(timestamp after) const;

 private:
  struct interval {
    interval(duration length, duration shift) : every(length), offset(shift) {}
    duration every;
    duration offset;
  };

  std::optional<timestamp> next_nominal(timestamp after) const;
  std::optional<timestamp> next_of(const calendar& which, timestamp after) const;
  bool skipped(timestamp nominal) const;
  timestamp jittered(timestamp nominal) const;

  std::vector<calendar> calendars_;
  std::vector<interval> intervals_;
  std::vector<calendar> skip_;
  std::optional<timestamp> start_at_, end_at_;
  duration jitter_{0};
  time_zone zone_;
  std::string seed_;
};

}  // namespace mistral::workflows::testing
