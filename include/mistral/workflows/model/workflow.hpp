// Workflows as the API lists and describes them.
// Not their registrations: see registration.hpp; not the operations: see workflows.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/open_enum.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// What kind of workflow it is.
enum class workflow_type { unknown, code };

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 1> wire_names(workflow_type) { return {"code"}; }

/// A workflow.
struct MISTRAL_WORKFLOWS_EXPORT workflow {
  workflow() = default;

  std::string id;                               ///< a UUID
  std::string name;                             ///< by which it is called
  std::string display_name;                     ///< for people to read
  open_enum<workflow_type> type;                ///< what kind it is
  std::optional<std::string> description;       ///< for people to read
  std::string customer_id;                      ///< a UUID
  std::string workspace_id;                     ///< a UUID
  std::optional<std::string> shared_namespace;  ///< of a shared workflow; null for one of a user
  bool available_in_chat_assistant = false;     ///< whether the chat assistant offers it
  bool is_technical = false;                    ///< of the platform's own, not of a user
  bool archived = false;                        ///< whether it is in the archive
  std::vector<std::string> tags;                ///< for filtering

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow&, const workflow&);
};

/// A workflow, and whether a worker that runs it has been heard of lately.
struct MISTRAL_WORKFLOWS_EXPORT workflow_with_status : workflow {
  workflow_with_status() = default;

  bool active = false;  ///< whether a worker for it has been heard of lately

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_with_status&, const workflow_with_status&);
};

/// Whose a workflow is.
struct MISTRAL_WORKFLOWS_EXPORT workflow_metadata {
  workflow_metadata() = default;

  std::optional<std::string> shared_namespace;  ///< null for a user's own workflow

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_metadata&, const workflow_metadata&);
};

/// A workflow as an item of a list.
struct MISTRAL_WORKFLOWS_EXPORT workflow_definition_summary {
  workflow_definition_summary() = default;

  std::string id;                          ///< a UUID
  std::string name;                        ///< by which it is called
  std::string display_name;                ///< for people to read
  std::optional<std::string> description;  ///< for people to read
  workflow_metadata metadata;              ///< whose it is
  bool archived = false;                   ///< whether it is in the archive
  std::vector<std::string> tags;           ///< for filtering

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_definition_summary&,
                                                  const workflow_definition_summary&);
};

/// One page of workflows, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT workflow_page {
  workflow_page() = default;

  std::vector<workflow_definition_summary> workflows;  ///< in the order of the server
  std::optional<std::string> next_cursor;              ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_page&, const workflow_page&);
};

/// What get answers.
struct MISTRAL_WORKFLOWS_EXPORT workflow_get_answer {
  workflow_get_answer() = default;

  workflow_with_status workflow;  ///< as it is now

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_get_answer&, const workflow_get_answer&);
};

/// What update, archive and unarchive answer: the workflow as it is now.
struct MISTRAL_WORKFLOWS_EXPORT workflow_answer {
  workflow_answer() = default;

  workflows::workflow workflow;  ///< as it is now

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_answer&, const workflow_answer&);
};

/// The body of an update of a workflow; what is not set stays as it is.
struct MISTRAL_WORKFLOWS_EXPORT workflow_update_body {
  workflow_update_body() = default;

  std::optional<std::string> display_name;          ///< at most 128 characters
  std::optional<std::string> description;           ///< unset: stays
  std::optional<bool> available_in_chat_assistant;  ///< unset: stays
  std::optional<std::vector<std::string>> tags;     ///< replaces the list

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_update_body&, const workflow_update_body&);
};

/// The body of archive and unarchive of many workflows.
struct MISTRAL_WORKFLOWS_EXPORT workflow_ids_body {
  workflow_ids_body() = default;

  std::vector<std::string> workflow_ids;  ///< UUIDs, at most 100

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_ids_body&, const workflow_ids_body&);
};

/// Why one of many workflows could not be archived or unarchived.
struct MISTRAL_WORKFLOWS_EXPORT workflow_bulk_error {
  workflow_bulk_error() = default;

  std::string workflow_id;                      ///< a UUID
  std::optional<workflows::workflow> workflow;  ///< null where there is none of that id
  std::string message;                          ///< why not

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_bulk_error&, const workflow_bulk_error&);
};

/// What the archive of many workflows answers.
struct MISTRAL_WORKFLOWS_EXPORT workflow_archive_result {
  workflow_archive_result() = default;

  std::vector<workflow> archived;            ///< those that are in the archive now
  std::vector<workflow_bulk_error> errored;  ///< what could not be done, and why

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_archive_result&,
                                                  const workflow_archive_result&);
};

/// What taking many workflows out of the archive answers.
struct MISTRAL_WORKFLOWS_EXPORT workflow_unarchive_result {
  workflow_unarchive_result() = default;

  std::vector<workflow> unarchived;          ///< those that are out of the archive now
  std::vector<workflow_bulk_error> errored;  ///< what could not be done, and why

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_unarchive_result&,
                                                  const workflow_unarchive_result&);
};

}  // namespace mistral::workflows
