// The descriptions of schedules.
// Not their codecs: those are instantiated in codec_schedule.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/schedule.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(schedule_range, (), (start, end, step))
BOOST_DESCRIBE_STRUCT(schedule_calendar, (),
                      (second, minute, hour, day_of_month, month, year, day_of_week, comment))
BOOST_DESCRIBE_STRUCT(schedule_interval, (), (every, offset))
BOOST_DESCRIBE_STRUCT(schedule_policy, (), (catchup_window_seconds, overlap, pause_on_failure))
BOOST_DESCRIBE_STRUCT(schedule_definition, (),
                      (input, calendars, intervals, cron_expressions, skip, start_at, end_at, jitter,
                       time_zone_name, policy, max_executions, schedule_id))
BOOST_DESCRIBE_STRUCT(schedule_future_execution, (), (scheduled_at))
BOOST_DESCRIBE_STRUCT(schedule_recent_execution, (), (scheduled_at, started_at, execution_id))
BOOST_DESCRIBE_STRUCT(schedule, (schedule_definition),
                      (remaining_executions, workflow_name, deployment_name, paused, note, future_executions,
                       recent_executions))
BOOST_DESCRIBE_STRUCT(schedule_page, (), (schedules, next_page_token))
BOOST_DESCRIBE_STRUCT(schedule_patch, (),
                      (input, calendars, intervals, cron_expressions, skip, start_at, end_at, jitter,
                       time_zone_name, policy, max_executions))
BOOST_DESCRIBE_STRUCT(schedule_create_body, (),
                      (schedule, workflow_registration_id, workflow_version_id, workflow_identifier,
                       workflow_task_queue, schedule_id, deployment_name))
BOOST_DESCRIBE_STRUCT(schedule_update_body, (), (schedule))
BOOST_DESCRIBE_STRUCT(schedule_answer, (), (schedule_id))
BOOST_DESCRIBE_STRUCT(schedule_pause_body, (), (note))
BOOST_DESCRIBE_STRUCT(schedule_trigger_body, (), (overlap))

namespace protocol {

template <>
inline constexpr auto keeps_others<schedule_range> = &schedule_range::others;
template <>
inline constexpr auto notes<schedule_range> = std::array{defaulted("end"), defaulted("step")};
template <>
inline constexpr auto keeps_others<schedule_calendar> = &schedule_calendar::others;
template <>
inline constexpr auto notes<schedule_calendar> =
    std::array{defaulted("second"), defaulted("minute"), defaulted("hour"),       defaulted("day_of_month"),
               defaulted("month"),  defaulted("year"),   defaulted("day_of_week")};
template <>
inline constexpr auto keeps_others<schedule_interval> = &schedule_interval::others;
template <>
inline constexpr auto keeps_others<schedule_policy> = &schedule_policy::others;
template <>
inline constexpr auto notes<schedule_policy> =
    std::array{defaulted("catchup_window_seconds"), defaulted("overlap"), defaulted("pause_on_failure")};
template <>
inline constexpr auto keeps_others<schedule_definition> = &schedule_definition::others;
template <>
inline constexpr auto notes<schedule_definition> =
    std::array{defaulted("calendars"), defaulted("intervals"), defaulted("cron_expressions"),
               defaulted("skip"), defaulted("policy")};
template <>
inline constexpr auto keeps_others<schedule> = &schedule::others;
template <>
inline constexpr auto notes<schedule> = std::array{defaulted("calendars"),
                                                   defaulted("intervals"),
                                                   defaulted("cron_expressions"),
                                                   defaulted("skip"),
                                                   defaulted("policy"),
                                                   defaulted("future_executions"),
                                                   defaulted("recent_executions"),
                                                   demanded("schedule_id"),
                                                   never_null("max_executions")};

using schedule_types =
    boost::mp11::mp_list<schedule_range, schedule_calendar, schedule_interval, schedule_policy,
                         schedule_definition, schedule_future_execution, schedule_recent_execution, schedule,
                         schedule_page, schedule_patch, schedule_create_body, schedule_update_body,
                         schedule_answer, schedule_pause_body, schedule_trigger_body>;

}  // namespace protocol
}  // namespace mistral::workflows
