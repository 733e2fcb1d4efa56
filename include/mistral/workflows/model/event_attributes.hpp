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

  std::string message;  ///< what the code that failed says

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const failure&, const failure&);
};

/// Why the body of an event of a known type could not be read, and where.
struct MISTRAL_WORKFLOWS_EXPORT event_problem {
  event_problem() = default;

  std::string path;    ///< a JSON pointer into the document that held the event
  std::string reason;  ///< what does not fit

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

  std::string task_id;                      ///< one for each task of a run
  std::string workflow_name;                ///< under which the workflow is registered
  std::optional<std::string> display_name;  ///< for people to read
  json_payload input;                       ///< of the run
  std::int64_t attempt = 1;                 ///< 1-based; more than 1 after a retry

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_started&,
                                                  const workflow_execution_started&);
};

/// A run has ended with a result.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_completed {
  workflow_execution_completed() = default;

  std::string task_id;       ///< one for each task of a run
  json_payload result;       ///< what the workflow returned
  std::int64_t attempt = 1;  ///< 1-based; more than 1 after a retry

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_completed&,
                                                  const workflow_execution_completed&);
};

/// A run has failed; a retry may follow.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_failed {
  workflow_execution_failed() = default;

  std::string task_id;         ///< one for each task of a run
  workflows::failure failure;  ///< what it failed with
  std::int64_t attempt = 1;    ///< 1-based; more than 1 after a retry

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_failed&,
                                                  const workflow_execution_failed&);
};

/// A run has ended because it was asked to.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_canceled {
  workflow_execution_canceled() = default;

  std::string task_id;                ///< one for each task of a run
  std::optional<std::string> reason;  ///< null where none was given
  std::int64_t attempt = 1;           ///< 1-based; more than 1 after a retry

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_canceled&,
                                                  const workflow_execution_canceled&);
};

/// A run has ended and a new one has taken over.
struct MISTRAL_WORKFLOWS_EXPORT workflow_execution_continued_as_new {
  workflow_execution_continued_as_new() = default;

  std::string task_id;               ///< one for each task of a run
  std::string new_execution_run_id;  ///< of the run that goes on
  std::string workflow_name;         ///< of the workflow that goes on
  json_payload input;                ///< of the new run

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_execution_continued_as_new&,
                                                  const workflow_execution_continued_as_new&);
};

/// A workflow task took too long.
struct MISTRAL_WORKFLOWS_EXPORT workflow_task_timed_out {
  workflow_task_timed_out() = default;

  std::string task_id;                      ///< one for each task of a run
  std::optional<std::string> timeout_type;  ///< which limit it was, for example "START_TO_CLOSE"

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_task_timed_out&,
                                                  const workflow_task_timed_out&);
};

/// A workflow task has failed.
struct MISTRAL_WORKFLOWS_EXPORT workflow_task_failed {
  workflow_task_failed() = default;

  std::string task_id;         ///< one for each task of a run
  workflows::failure failure;  ///< what it failed with

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_task_failed&, const workflow_task_failed&);
};

/// A task of the workflow's own has begun.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_started {
  custom_task_started() = default;

  std::string custom_task_id;           ///< one for each custom task of an execution
  std::string custom_task_type;         ///< what the workflow calls this kind of task, "llm_call" for example
  std::optional<json_payload> payload;  ///< its state as it begins; null: none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_started&, const custom_task_started&);
};

/// A task of the workflow's own reports its state, whole or as a patch.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_in_progress {
  custom_task_in_progress() = default;

  std::string custom_task_id;    ///< one for each custom task of an execution
  std::string custom_task_type;  ///< what the workflow calls this kind of task, "llm_call" for example
  progress_payload payload;      ///< its whole state, or a patch to it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_in_progress&,
                                                  const custom_task_in_progress&);
};

/// A task of the workflow's own has ended with a result.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_completed {
  custom_task_completed() = default;

  std::string custom_task_id;    ///< one for each custom task of an execution
  std::string custom_task_type;  ///< what the workflow calls this kind of task, "llm_call" for example
  json_payload payload;          ///< its result

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_completed&, const custom_task_completed&);
};

/// A task of the workflow's own has failed.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_failed {
  custom_task_failed() = default;

  std::string custom_task_id;    ///< one for each custom task of an execution
  std::string custom_task_type;  ///< what the workflow calls this kind of task, "llm_call" for example
  workflows::failure failure;    ///< what it failed with

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_failed&, const custom_task_failed&);
};

/// A task of the workflow's own took too long.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_timed_out {
  custom_task_timed_out() = default;

  std::string custom_task_id;    ///< one for each custom task of an execution
  std::string custom_task_type;  ///< what the workflow calls this kind of task, "llm_call" for example
  std::optional<std::string> timeout_type;  ///< which limit it was, for example "START_TO_CLOSE"

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_timed_out&, const custom_task_timed_out&);
};

/// A task of the workflow's own was cancelled.
struct MISTRAL_WORKFLOWS_EXPORT custom_task_canceled {
  custom_task_canceled() = default;

  std::string custom_task_id;         ///< one for each custom task of an execution
  std::string custom_task_type;       ///< what the workflow calls this kind of task, "llm_call" for example
  std::optional<std::string> reason;  ///< null where none was given

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const custom_task_canceled&, const custom_task_canceled&);
};

/// An activity has begun.
struct MISTRAL_WORKFLOWS_EXPORT activity_task_started {
  activity_task_started() = default;

  std::string task_id;        ///< one for each task of a run
  std::string activity_name;  ///< under which the activity is registered
  json_payload input;         ///< of the activity

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_started&, const activity_task_started&);
};

/// An activity has ended with a result.
struct MISTRAL_WORKFLOWS_EXPORT activity_task_completed {
  activity_task_completed() = default;

  std::string task_id;        ///< one for each task of a run
  std::string activity_name;  ///< under which the activity is registered
  json_payload result;        ///< what the activity returned

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_completed&,
                                                  const activity_task_completed&);
};

/// An activity has failed and is tried again.
struct MISTRAL_WORKFLOWS_EXPORT activity_task_retrying {
  activity_task_retrying() = default;

  std::string task_id;         ///< one for each task of a run
  std::string activity_name;   ///< under which the activity is registered
  std::int64_t attempt = 0;    ///< 1-based: the one that failed
  workflows::failure failure;  ///< what it failed with

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_retrying&,
                                                  const activity_task_retrying&);
};

/// An activity has failed for good.
struct MISTRAL_WORKFLOWS_EXPORT activity_task_failed {
  activity_task_failed() = default;

  std::string task_id;         ///< one for each task of a run
  std::string activity_name;   ///< under which the activity is registered
  std::int64_t attempt = 0;    ///< 1-based: the last, which failed
  workflows::failure failure;  ///< what it failed with

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const activity_task_failed&, const activity_task_failed&);
};

/// The body of an event. Its index equals the value of the `workflow_event_type` it belongs to.
using event_attributes =
    std::variant<unknown_event, workflow_execution_started, workflow_execution_completed,
                 workflow_execution_failed, workflow_execution_canceled, workflow_execution_continued_as_new,
                 workflow_task_timed_out, workflow_task_failed, custom_task_started, custom_task_in_progress,
                 custom_task_completed, custom_task_failed, custom_task_timed_out, custom_task_canceled,
                 activity_task_started, activity_task_completed, activity_task_retrying,
                 activity_task_failed>;

}  // namespace mistral::workflows
