// The body of each type of workflow event.
// Not what all events have in common: see event.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/payload.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace mistral::workflows {

/// Why something failed.
struct MISTRAL_WORKFLOWS_EXPORT failure {
  failure() = default;

  std::string message;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const failure&, const failure&);
};

/// Why the body of an event of a known type could not be read, and where.
struct MISTRAL_WORKFLOWS_EXPORT event_problem {
  event_problem() = default;

  std::string path;  ///< a JSON pointer into the document that held the event
  std::string reason;

  friend bool operator==(const event_problem&, const event_problem&) = default;
};

/// An event whose type is newer than this library, or whose body does not fit its type.
struct MISTRAL_WORKFLOWS_EXPORT unknown_event {
  unknown_event() = default;

  boost::json::value json;             ///< the whole event as it came
  std::optional<event_problem> error;  ///< only where the type is known and the body does not fit

  friend bool operator==(const unknown_event&, const unknown_event&) = default;
};

/// A run has begun.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_started {
  workflow_execution_started() = default;

  std::string task_id;
  std::string workflow_name;
  std::optional<std::string> display_name;
  json_payload input;
  std::int64_t attempt = 1;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_started&, const workflow_execution_started&);
};

/// A run has ended with a result.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_completed {
  workflow_execution_completed() = default;

  std::string task_id;
  json_payload result;
  std::int64_t attempt = 1;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_completed&,
                                                  const workflow_execution_completed&);
};

/// A run has failed; a retry may follow.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_failed {
  workflow_execution_failed() = default;

  std::string task_id;
  workflows::failure failure;
  std::int64_t attempt = 1;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_failed&, const workflow_execution_failed&);
};

/// A run has ended because it was asked to.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_canceled {
  workflow_execution_canceled() = default;

  std::string task_id;
  std::optional<std::string> reason;
  std::int64_t attempt = 1;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_canceled&,
                                                  const workflow_execution_canceled&);
};

/// A run has ended and a new one has taken over.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_continued_as_new {
  workflow_execution_continued_as_new() = default;

  std::string task_id;
  std::string new_execution_run_id;
  std::string workflow_name;
  json_payload input;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_continued_as_new&,
                                                  const workflow_execution_continued_as_new&);
};

struct MISTRAL_WORKFLOWS_EXPORT workflow_task_timed_out {
  workflow_task_timed_out() = default;

  std::string task_id;
  std::optional<std::string> timeout_type;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_task_timed_out&, const workflow_task_timed_out&);
};

struct MISTRAL_WORKFLOWS_EXPORT workflow_task_failed {
  workflow_task_failed() = default;

  std::string task_id;
  workflows::failure failure;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_task_failed&, const workflow_task_failed&);
};

/// A task of the workflow's own has begun.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_started {
  custom_task_started() = default;

  std::string custom_task_id;
  std::string custom_task_type;
  std::optional<json_payload> payload;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_started&, const custom_task_started&);
};

/// A task of the workflow's own reports its state, whole or as a patch.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_in_progress {
  custom_task_in_progress() = default;

  std::string custom_task_id;
  std::string custom_task_type;
  progress_payload payload;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_in_progress&, const custom_task_in_progress&);
};

struct MISTRAL_WORKFLOWS_EXPORT custom_task_completed {
  custom_task_completed() = default;

  std::string custom_task_id;
  std::string custom_task_type;
  json_payload payload;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_completed&, const custom_task_completed&);
};

struct MISTRAL_WORKFLOWS_EXPORT custom_task_failed {
  custom_task_failed() = default;

  std::string custom_task_id;
  std::string custom_task_type;
  workflows::failure failure;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_failed&, const custom_task_failed&);
};

struct MISTRAL_WORKFLOWS_EXPORT custom_task_timed_out {
  custom_task_timed_out() = default;

  std::string custom_task_id;
  std::string custom_task_type;
  std::optional<std::string> timeout_type;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_timed_out&, const custom_task_timed_out&);
};

struct MISTRAL_WORKFLOWS_EXPORT custom_task_canceled {
  custom_task_canceled() = default;

  std::string custom_task_id;
  std::string custom_task_type;
  std::optional<std::string> reason;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_canceled&, const custom_task_canceled&);
};

/// An activity has begun.
struct MISTRAL_WORKFLOWS_EXPORT activity_task_started {
  activity_task_started() = default;

  std::string task_id;
  std::string activity_name;
  json_payload input;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_started&, const activity_task_started&);
};

struct MISTRAL_WORKFLOWS_EXPORT activity_task_completed {
  activity_task_completed() = default;

  std::string task_id;
  std::string activity_name;
  json_payload result;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_completed&, const activity_task_completed&);
};

/// An activity has failed and is tried again.
struct MISTRAL_WORKFLOWS_EXPORT activity_task_retrying {
  activity_task_retrying() = default;

  std::string task_id;
  std::string activity_name;
  std::int64_t attempt = 0;
  workflows::failure failure;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_retrying&, const activity_task_retrying&);
};

struct MISTRAL_WORKFLOWS_EXPORT activity_task_failed {
  activity_task_failed() = default;

  std::string task_id;
  std::string activity_name;
  std::int64_t attempt = 0;
  workflows::failure failure;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_failed&, const activity_task_failed&);
};

/// The body of an event. Its index equals the value of the `workflow_event_type` it belongs to.
using event_attributes =
    std::variant<unknown_event, workflow_execution_started, workflow_execution_completed, workflow_execution_failed,
                 workflow_execution_canceled, workflow_execution_continued_as_new, workflow_task_timed_out,
                 workflow_task_failed, custom_task_started, custom_task_in_progress, custom_task_completed,
                 custom_task_failed, custom_task_timed_out, custom_task_canceled, activity_task_started,
                 activity_task_completed, activity_task_retrying, activity_task_failed>;

}  // namespace mistral::workflows
