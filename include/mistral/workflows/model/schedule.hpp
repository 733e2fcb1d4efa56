// Schedules: when a workflow is started by itself, and with what.
// Not the operations on them: see schedules.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/patch_field.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// What happens when a schedule fires while the execution it started last is still running.
/// Values newer than this library are kept as they are.
enum class schedule_overlap : std::int32_t {
  skip = 1,
  buffer_one = 2,
  buffer_all = 3,
  cancel_other = 4,
  terminate_other = 5,
  allow_all = 6,
};

/// A range of values of one field of a calendar, both ends included.
struct MISTRAL_WORKFLOWS_EXPORT schedule_range {
  schedule_range() = default;
  /// From `first` to `last`, both inclusive, each `every`-th value.
  explicit schedule_range(std::int64_t first, std::int64_t last = 0, std::int64_t every = 0)
      : start(first), end(last), step(every) {}

  std::int64_t start = 0;      ///< the first value
  std::int64_t end = 0;        ///< below `start`: `start` alone
  std::int64_t step = 0;       ///< 0: every value
  boost::json::object others;  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_range&, const schedule_range&);
};

/// Times that match a calendar: all fields must match. The default is midnight of every day.
struct MISTRAL_WORKFLOWS_EXPORT schedule_calendar {
  schedule_calendar() = default;

  std::vector<schedule_range> second{schedule_range(0, 0)};         ///< 0 to 59; default: 0
  std::vector<schedule_range> minute{schedule_range(0, 0)};         ///< 0 to 59; default: 0
  std::vector<schedule_range> hour{schedule_range(0, 0)};           ///< 0 to 23; default: 0
  std::vector<schedule_range> day_of_month{schedule_range(1, 31)};  ///< 1 to 31; default: all
  std::vector<schedule_range> month{schedule_range(1, 12)};         ///< 1 to 12; default: all
  std::vector<schedule_range> year;                                 ///< empty: every year
  std::vector<schedule_range> day_of_week{schedule_range(0, 6)};    ///< 0: Sunday
  std::optional<std::string> comment;                               ///< for people to read
  boost::json::object others;  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_calendar&, const schedule_calendar&);
};

/// Times a fixed length apart.
struct MISTRAL_WORKFLOWS_EXPORT schedule_interval {
  schedule_interval() = default;

  duration every{0};               ///< from one time to the next; above 0
  std::optional<duration> offset;  ///< from the epoch
  boost::json::object others;      ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_interval&, const schedule_interval&);
};

/// What becomes of a start that is late or meets a running execution.
struct MISTRAL_WORKFLOWS_EXPORT schedule_policy {
  schedule_policy() = default;

  std::int64_t catchup_window_seconds = 31'536'000;  ///< how late a missed start may be made up for

  /// What to do while an execution runs; default: skip the start.
  schedule_overlap overlap = schedule_overlap::skip;
  bool pause_on_failure = false;  ///< whether a failed execution pauses it; default: false
  boost::json::object others;     ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_policy&, const schedule_policy&);
};

/// When to start a workflow, and with what input.
struct MISTRAL_WORKFLOWS_EXPORT schedule_definition {
  schedule_definition() = default;

  boost::json::value input;                    ///< of the workflow, any JSON
  std::vector<schedule_calendar> calendars;    ///< times that match a calendar
  std::vector<schedule_interval> intervals;    ///< times a fixed length apart
  std::vector<std::string> cron_expressions;   ///< 5 fields; in UTC unless `time_zone_name` is set
  std::vector<schedule_calendar> skip;         ///< taken out of all of the above
  std::optional<timestamp> start_at;           ///< nothing is started before; null: no limit
  std::optional<timestamp> end_at;             ///< nothing is started after; null: no limit
  std::optional<duration> jitter;              ///< each start is late by a random length up to this
  std::optional<std::string> time_zone_name;   ///< IANA, for example "Europe/Paris"
  schedule_policy policy;                      ///< what becomes of late and overlapping starts
  std::optional<std::int64_t> max_executions;  ///< how many starts in all; null: no limit
  std::optional<std::string> schedule_id;      ///< unset: the server makes one
  boost::json::object others;                  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_definition&, const schedule_definition&);
};

/// A start to come.
struct MISTRAL_WORKFLOWS_EXPORT schedule_future_execution {
  schedule_future_execution() = default;

  timestamp scheduled_at;  ///< when it is due

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_future_execution&,
                                                  const schedule_future_execution&);
};

/// A start that has been made.
struct MISTRAL_WORKFLOWS_EXPORT schedule_recent_execution {
  schedule_recent_execution() = default;

  timestamp scheduled_at;    ///< when it was due
  timestamp started_at;      ///< when it was begun
  std::string execution_id;  ///< of the execution that was started

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_recent_execution&,
                                                  const schedule_recent_execution&);
};

/// A schedule as the API has it. Its base is the definition, as it can be sent again.
struct MISTRAL_WORKFLOWS_EXPORT schedule : schedule_definition {
  schedule() = default;

  std::optional<std::int64_t> remaining_executions;          ///< starts that are left; null: no limit
  std::string workflow_name;                                 ///< of the workflow that it starts
  std::optional<std::string> deployment_name;                ///< of the deployment that runs it
  bool paused = false;                                       ///< whether it starts nothing now
  std::optional<std::string> note;                           ///< why it was paused or resumed
  std::vector<schedule_future_execution> future_executions;  ///< the next 10, earliest first
  std::vector<schedule_recent_execution> recent_executions;  ///< the last 10, newest last

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule&, const schedule&);
};

/// One page of schedules, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT schedule_page {
  schedule_page() = default;

  std::vector<schedule> schedules;             ///< in the order of the server
  std::optional<std::string> next_page_token;  ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_page&, const schedule_page&);
};

/// Changes to a schedule: what is absent stays as it is.
struct MISTRAL_WORKFLOWS_EXPORT schedule_patch {
  schedule_patch() = default;

  patch_field<boost::json::value> input;                   ///< of the workflow
  patch_field<std::vector<schedule_calendar>> calendars;   ///< null is refused
  patch_field<std::vector<schedule_interval>> intervals;   ///< null is refused
  patch_field<std::vector<std::string>> cron_expressions;  ///< null is refused
  patch_field<std::vector<schedule_calendar>> skip;        ///< times that are taken out; null is refused
  patch_field<timestamp> start_at;                         ///< nothing is started before; null: no limit
  patch_field<timestamp> end_at;                           ///< nothing is started after; null: no limit
  patch_field<duration> jitter;              ///< each start is late by a random length up to this
  patch_field<std::string> time_zone_name;   ///< IANA, for example "Europe/Paris"; null: UTC
  patch_field<schedule_policy> policy;       ///< null is refused
  patch_field<std::int64_t> max_executions;  ///< how many starts in all; null: no limit

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_patch&, const schedule_patch&);
};

/// The body of the creation of a schedule.
struct MISTRAL_WORKFLOWS_EXPORT schedule_create_body {
  schedule_create_body() = default;

  schedule_definition schedule;                         ///< when to start what
  std::optional<std::string> workflow_registration_id;  ///< a UUID

  /// a UUID; deprecated by the API in favour of `workflow_registration_id`
  std::optional<std::string> workflow_version_id;
  std::optional<std::string> workflow_identifier;  ///< a name or a UUID
  std::optional<std::string> workflow_task_queue;  ///< deprecated by the API in favour of `deployment_name`
  std::optional<std::string> schedule_id;          ///< unset: the server makes one
  std::optional<std::string> deployment_name;      ///< of the deployment that is to run it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_create_body&, const schedule_create_body&);
};

/// The body of an update of a schedule.
struct MISTRAL_WORKFLOWS_EXPORT schedule_update_body {
  schedule_update_body() = default;

  schedule_patch schedule;  ///< changes

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_update_body&, const schedule_update_body&);
};

/// What creation and update of a schedule answer.
struct MISTRAL_WORKFLOWS_EXPORT schedule_answer {
  schedule_answer() = default;

  std::string schedule_id;  ///< of the schedule

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_answer&, const schedule_answer&);
};

/// The body of pause and resume.
struct MISTRAL_WORKFLOWS_EXPORT schedule_pause_body {
  schedule_pause_body() = default;

  std::optional<std::string> note;  ///< for people to read

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_pause_body&, const schedule_pause_body&);
};

/// The body of trigger.
struct MISTRAL_WORKFLOWS_EXPORT schedule_trigger_body {
  schedule_trigger_body() = default;

  std::optional<schedule_overlap> overlap;  ///< else the schedule's own policy

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const schedule_trigger_body&, const schedule_trigger_body&);
};

}  // namespace mistral::workflows
