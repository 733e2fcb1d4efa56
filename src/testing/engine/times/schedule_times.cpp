#include "testing/engine/times/schedule_times.hpp"

#include "testing/engine/common/ids.hpp"
#include "testing/engine/times/cron.hpp"

#include <algorithm>

namespace mistral::workflows::testing {

using std::chrono::floor;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

namespace {

std::string item(const char* list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

void check_interval(const schedule_interval& one, const std::string& where) {
  if (one.every < seconds(1)) throw schedule_problem(where + ".every", "an interval lasts a second at least");
  if (!one.offset) return;
  if (*one.offset < duration(0)) throw schedule_problem(where + ".offset", "an offset is not negative");
  if (*one.offset >= one.every)
    throw schedule_problem(where + ".offset", "an offset is shorter than its interval");
}

/// The first of `earliest` and `other`, either of which may be missing.
void take_earlier(std::optional<timestamp>& earliest, std::optional<timestamp> other) {
  if (other && (!earliest || *other < *earliest)) earliest = other;
}

local_seconds show(sys_seconds instant, seconds offset) {
  return local_seconds((instant + offset).time_since_epoch());
}

}  // namespace

schedule_times::schedule_times(const schedule_definition& definition, std::string seed)
    : start_at_(definition.start_at), end_at_(definition.end_at), seed_(std::move(seed)) {
  for (std::size_t index = 0; index < definition.calendars.size(); ++index)
    calendars_.emplace_back(definition.calendars[index], item("calendars", index));
  for (std::size_t index = 0; index < definition.cron_expressions.size(); ++index) {
    const auto where = item("cron_expressions", index);
    calendars_.emplace_back(parse_cron(definition.cron_expressions[index], where), where);
  }
  for (std::size_t index = 0; index < definition.intervals.size(); ++index) {
    const auto& one = definition.intervals[index];
    check_interval(one, item("intervals", index));
    intervals_.emplace_back(one.every, one.offset.value_or(duration(0)));
  }
  for (std::size_t index = 0; index < definition.skip.size(); ++index)
    skip_.emplace_back(definition.skip[index], item("skip", index));
  if (definition.jitter) jitter_ = *definition.jitter;
  if (jitter_ < duration(0)) throw schedule_problem("jitter", "it is not negative");
  if (!definition.time_zone_name) return;
  const auto zone = time_zone::find(*definition.time_zone_name);
  if (!zone) throw schedule_problem("time_zone_name", "'" + *definition.time_zone_name + "' is no time zone");
  zone_ = *zone;
}

std::optional<planned_start> schedule_times::next(timestamp after) const {
  if (start_at_ && after < *start_at_) after = *start_at_ - timestamp::duration(1);
  for (auto nominal = next_nominal(after); nominal; nominal = next_nominal(*nominal)) {
    if (end_at_ && *nominal > *end_at_) break;
    if (!skipped(*nominal)) return planned_start(*nominal, jittered(*nominal));
  }
  return std::nullopt;
}

std::optional<timestamp> schedule_times::next_nominal(timestamp after) const {
  std::optional<timestamp> earliest;
  for (const auto& one : calendars_) take_earlier(earliest, next_of(one, after));
  for (const auto& one : intervals_) {
    const auto since = after.time_since_epoch() - one.offset;
    // Rounded down also before 1970.
    const auto count = since / one.every - (since % one.every < duration(0) ? 1 : 0);
    take_earlier(earliest, timestamp(one.offset + (count + 1) * one.every));
  }
  return earliest;
}

std::optional<timestamp> schedule_times::next_of(const calendar& which, timestamp after) const {
  auto from = floor<seconds>(after) + seconds(1);
  for (;;) {
    const auto here = zone_.at(from);
    const auto found = which.first_from(show(from, here.offset));
    if (!found) return std::nullopt;
    const sys_seconds candidate(found->time_since_epoch() - here.offset);
    if (candidate < here.end) return candidate;
    // Wall clocks jump before that. No offset is more than a
    // day, so nothing is missed by going on a day short of it.
    from = std::max(here.end, candidate - std::chrono::days(2));
  }
}

bool schedule_times::skipped(timestamp nominal) const {
  const auto instant = floor<seconds>(nominal);
  const auto shown = show(instant, zone_.at(instant).offset);
  return std::any_of(skip_.begin(), skip_.end(), [&](const calendar& one) { return one.matches(shown); });
}

/// Random to look at, but the same whenever it is asked for.
timestamp schedule_times::jittered(timestamp nominal) const {
  auto most = jitter_;
  if (const auto following = next_nominal(nominal)) most = std::min(most, *following - nominal);
  if (most <= duration(0)) return nominal;
  const auto random = derived_number(seed_, static_cast<std::uint64_t>(nominal.time_since_epoch().count()));
  return nominal + duration(static_cast<std::int64_t>(random % static_cast<std::uint64_t>(most.count())));
}

}  // namespace mistral::workflows::testing
