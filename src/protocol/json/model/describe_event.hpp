// The descriptions of events, their attributes and payloads, and of what a stream delivers.
// Not how an event's type chooses its attributes: see codec_event.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/event.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(json_payload, (), (type, value, encoding_options))
BOOST_DESCRIBE_STRUCT(encrypted_patch_value, (), (type, value))
BOOST_DESCRIBE_STRUCT(json_patch_step, (), (op, path, value))
BOOST_DESCRIBE_STRUCT(json_patch_payload, (), (type, value, encoding_options))
BOOST_DESCRIBE_STRUCT(failure, (), (message))

BOOST_DESCRIBE_STRUCT(workflow_execution_started, (), (task_id, workflow_name, display_name, input, attempt))
BOOST_DESCRIBE_STRUCT(workflow_execution_completed, (), (task_id, result, attempt))
BOOST_DESCRIBE_STRUCT(workflow_execution_failed, (), (task_id, failure, attempt))
BOOST_DESCRIBE_STRUCT(workflow_execution_canceled, (), (task_id, reason, attempt))
BOOST_DESCRIBE_STRUCT(workflow_execution_continued_as_new, (),
                      (task_id, new_execution_run_id, workflow_name, input))
BOOST_DESCRIBE_STRUCT(workflow_task_timed_out, (), (task_id, timeout_type))
BOOST_DESCRIBE_STRUCT(workflow_task_failed, (), (task_id, failure))
BOOST_DESCRIBE_STRUCT(custom_task_started, (), (custom_task_id, custom_task_type, payload))
BOOST_DESCRIBE_STRUCT(custom_task_in_progress, (), (custom_task_id, custom_task_type, payload))
BOOST_DESCRIBE_STRUCT(custom_task_completed, (), (custom_task_id, custom_task_type, payload))
BOOST_DESCRIBE_STRUCT(custom_task_failed, (), (custom_task_id, custom_task_type, failure))
BOOST_DESCRIBE_STRUCT(custom_task_timed_out, (), (custom_task_id, custom_task_type, timeout_type))
BOOST_DESCRIBE_STRUCT(custom_task_canceled, (), (custom_task_id, custom_task_type, reason))
BOOST_DESCRIBE_STRUCT(activity_task_started, (), (task_id, activity_name, input))
BOOST_DESCRIBE_STRUCT(activity_task_completed, (), (task_id, activity_name, result))
BOOST_DESCRIBE_STRUCT(activity_task_retrying, (), (task_id, activity_name, attempt, failure))
BOOST_DESCRIBE_STRUCT(activity_task_failed, (), (task_id, activity_name, attempt, failure))

BOOST_DESCRIBE_STRUCT(workflow_event, (),
                      (event_id, event_timestamp, root_workflow_exec_id, parent_workflow_exec_id,
                       continued_run_id, first_execution_run_id, schedule_id, workflow_exec_id,
                       workflow_run_id, workflow_name, event_type, attributes))
BOOST_DESCRIBE_STRUCT(event_page, (), (events, next_cursor))
BOOST_DESCRIBE_STRUCT(stream_workflow_context, (),
                      (namespace_, workflow_name, workflow_exec_id, parent_workflow_exec_id,
                       root_workflow_exec_id))
BOOST_DESCRIBE_STRUCT(stream_event, (),
                      (stream, timestamp, data, workflow_context, metadata, broker_sequence))
BOOST_DESCRIBE_STRUCT(stream_error, (), (error, reason))

namespace protocol {

template <>
inline constexpr auto notes<workflow_execution_started> = std::array{defaulted("attempt")};
template <>
inline constexpr auto notes<workflow_execution_completed> = std::array{defaulted("attempt")};
template <>
inline constexpr auto notes<workflow_execution_failed> = std::array{defaulted("attempt")};
template <>
inline constexpr auto notes<workflow_execution_canceled> = std::array{defaulted("attempt")};
template <>
inline constexpr auto notes<custom_task_started> = std::array{never_null("payload")};
template <>
inline constexpr auto notes<stream_workflow_context> = std::array{renamed("namespace_", "namespace")};
template <>
inline constexpr auto notes<stream_event> = std::array{never_null("timestamp"), defaulted("metadata")};

extern const object_hooks patch_step_hooks;
template <>
inline constexpr const object_hooks* hooks_of<json_patch_step> = &patch_step_hooks;

extern const object_hooks event_hooks;
template <>
inline constexpr const object_hooks* hooks_of<workflow_event> = &event_hooks;

/// Told apart by `type`, wherever it stands.
template <>
struct codec<progress_payload> {
  static constexpr std::string_view expected = "an object";
  static bool object(reader& r, progress_payload& out);
  static void write(writer& w, const progress_payload& value);
};

/// Told apart by the event's type, which chooses where the
/// attributes go: this table is never read through as it is.
template <>
struct codec<event_attributes> {
  static constexpr std::string_view expected = "an object";
  static void write(writer& w, const event_attributes& value);
};

/// An event that could not be read goes out as it came.
template <>
struct codec<workflow_event> {
  static constexpr std::string_view expected = "an object";
  static bool object(reader& r, workflow_event& out) {
    return r.push_object(struct_table_of<workflow_event>, &out), true;
  }
  static bool array(reader& r, workflow_event& out);
  static bool string(reader& r, workflow_event& out, std::string_view text);
  static bool integer(reader& r, workflow_event& out, std::int64_t v, std::string_view text);
  static bool natural(reader& r, workflow_event& out, std::uint64_t v, std::string_view text);
  static bool real(reader& r, workflow_event& out, double v, std::string_view text);
  static bool boolean(reader& r, workflow_event& out, bool v);
  static bool null(reader& r, workflow_event& out);
  static void write(writer& w, const workflow_event& event);
};

using event_types = boost::mp11::mp_list<
    json_payload, json_patch_step, json_patch_payload, failure, workflow_execution_started,
    workflow_execution_completed, workflow_execution_failed, workflow_execution_canceled,
    workflow_execution_continued_as_new, workflow_task_timed_out, workflow_task_failed, custom_task_started,
    custom_task_in_progress, custom_task_completed, custom_task_failed, custom_task_timed_out,
    custom_task_canceled, activity_task_started, activity_task_completed, activity_task_retrying,
    activity_task_failed, workflow_event, event_page, stream_workflow_context, stream_event, stream_error,
    encrypted_patch_value>;

}  // namespace protocol
}  // namespace mistral::workflows
