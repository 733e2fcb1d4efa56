// A workflow event, and what an event stream delivers.
// Not the stream itself: see event_stream.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event_attributes.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows {

namespace protocol {
struct stream_place;
}
namespace session {
struct event_access;
}

/// The types of workflow events, in the order of the alternatives of `event_attributes`.
enum class workflow_event_type {
  unknown,
  workflow_execution_started,
  workflow_execution_completed,
  workflow_execution_failed,
  workflow_execution_canceled,
  workflow_execution_continued_as_new,
  workflow_task_timed_out,
  workflow_task_failed,
  custom_task_started,
  custom_task_in_progress,
  custom_task_completed,
  custom_task_failed,
  custom_task_timed_out,
  custom_task_canceled,
  activity_task_started,
  activity_task_completed,
  activity_task_retrying,
  activity_task_failed,
};

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 17> wire_names(workflow_event_type) {
  return {"WORKFLOW_EXECUTION_STARTED",
          "WORKFLOW_EXECUTION_COMPLETED",
          "WORKFLOW_EXECUTION_FAILED",
          "WORKFLOW_EXECUTION_CANCELED",
          "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
          "WORKFLOW_TASK_TIMED_OUT",
          "WORKFLOW_TASK_FAILED",
          "CUSTOM_TASK_STARTED",
          "CUSTOM_TASK_IN_PROGRESS",
          "CUSTOM_TASK_COMPLETED",
          "CUSTOM_TASK_FAILED",
          "CUSTOM_TASK_TIMED_OUT",
          "CUSTOM_TASK_CANCELED",
          "ACTIVITY_TASK_STARTED",
          "ACTIVITY_TASK_COMPLETED",
          "ACTIVITY_TASK_RETRYING",
          "ACTIVITY_TASK_FAILED"};
}

/// Something that happened in an execution. There is none for TERMINATED and TIMED_OUT.
///
/// Where the type is newer than this library or the body does not fit, `attributes` holds an `unknown_event`;
/// the members before it are then filled as far as they could be read.
struct MISTRAL_WORKFLOWS_EXPORT workflow_event {
  workflow_event() = default;

  std::string event_id;               ///< of this event
  timestamp_ns event_timestamp;       ///< when it was made
  std::string root_workflow_exec_id;  ///< of the execution at the root

  /// Of the execution that started it; null for a root.
  std::optional<std::string> parent_workflow_exec_id;
  std::optional<std::string> continued_run_id;  ///< of the run that this one continues; null: of none

  /// Of the first run of the chain that this one continues or retries.
  std::optional<std::string> first_execution_run_id;
  std::optional<std::string> schedule_id;     ///< of the schedule that started it; null: none did
  std::string workflow_exec_id;               ///< id of the execution that the event is of
  std::string workflow_run_id;                ///< of the run; a continue-as-new changes it
  std::string workflow_name;                  ///< under which the workflow is registered
  open_enum<workflow_event_type> event_type;  ///< which kind it is
  event_attributes attributes;                ///< what belongs to its type

  /// The type as on the wire, for example "WORKFLOW_EXECUTION_STARTED".
  std::string_view type() const noexcept { return event_type.text(); }

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_event&, const workflow_event&);
};

/// One page of events, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT event_page {
  event_page() = default;

  std::vector<workflow_event> events;      ///< in the order in which they happened
  std::optional<std::string> next_cursor;  ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const event_page&, const event_page&);
};

/// Where an event of a stream comes from.
struct MISTRAL_WORKFLOWS_EXPORT stream_workflow_context {
  stream_workflow_context() = default;

  std::string namespace_;        ///< `namespace` on the wire
  std::string workflow_name;     ///< of the workflow
  std::string workflow_exec_id;  ///< an execution id

  /// Of the execution that started it; null for a root.
  std::optional<std::string> parent_workflow_exec_id;
  std::optional<std::string> root_workflow_exec_id;  ///< of the execution at the root

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const stream_workflow_context&,
                                                  const stream_workflow_context&);
};

/// What an event stream delivers: an event and how it travelled.
struct MISTRAL_WORKFLOWS_EXPORT stream_event {
  stream_event() = default;

  std::string stream;                             ///< the name of the broker's stream that it came through
  std::optional<workflows::timestamp> timestamp;  ///< when it was sent
  workflow_event data;                            ///< the event itself
  stream_workflow_context workflow_context;       ///< where it comes from
  boost::json::object metadata;                   ///< what the sender added
  std::int64_t broker_sequence = 0;               ///< only grows, is never reused

  /// The id that the event carried on the wire, beside its JSON; empty where it had none.
  std::string id;

  /// The event's type as on the wire, for example "CUSTOM_TASK_IN_PROGRESS".
  std::string_view type() const noexcept { return data.type(); }
  /// The execution whose stream brought the event, which is not `data.workflow_exec_id` where a child's
  /// events come along. Of `events().stream`, and where no stream brought it: `data.workflow_exec_id`.
  const std::string& execution_id() const noexcept;
  /// What resumes a stream after this event (`stream_options::from`): opaque text, which of a stream of one
  /// execution has that execution in it, and of `events().stream` says whether it is the event's id or, where
  /// the server sends none, its sequence number (the two are asked for in different ways). Empty where it has
  /// neither: then the cursor of the event before it is the one to keep.
  std::string cursor() const;

  /// Whether they are the same event; which stream brought them is not asked.
  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const stream_event&, const stream_event&);

 private:
  friend struct session::event_access;

  std::shared_ptr<const protocol::stream_place> place_;
};

/// An error that the server reports inside a stream that had begun well.
struct MISTRAL_WORKFLOWS_EXPORT stream_error {
  stream_error() = default;

  std::string error;   ///< a code, "WF_1400" for example, or a word
  std::string reason;  ///< why, for people to read

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const stream_error&, const stream_error&);
};

}  // namespace mistral::workflows
