// Cron expressions, read into the calendar that says the same.
// Not when they match: that is the calendar's.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// Five fields: minute (0-59), hour (0-23), day of month (1-31), month (1-12 or JAN-DEC), day of
/// week (0-7 or SUN-SAT, 0 and 7 are Sunday). A field is a list of `*`, `a`, `a-b`, each with
/// `/step` if wanted; `a/step` goes up to the field's end. Names take any case, whole or their
/// first three letters. Also @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly.
///
/// A day must match *both* of its fields, as in a calendar of
/// the API (crontab(5) would take either, if both are given).
/// Errors: schedule_problem; `where` names the expression.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT schedule_calendar parse_cron(std::string_view expression,
                                                               const std::string& where);

}  // namespace mistral::workflows::testing
