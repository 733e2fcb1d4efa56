// Registrations: what a worker has told the API about the workflows it runs.
// Not the workflows themselves: see workflow.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/workflow.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// A signal that a workflow takes. Schemas are JSON schemas.
struct MISTRAL_WORKFLOWS_EXPORT signal_definition {
  signal_definition() = default;

  std::string name;
  std::optional<std::string> description;
  boost::json::object input_schema;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const signal_definition&, const signal_definition&);
};

/// A query that a workflow answers.
struct MISTRAL_WORKFLOWS_EXPORT query_definition {
  query_definition() = default;

  std::string name;
  std::optional<std::string> description;
  boost::json::object input_schema;
  std::optional<boost::json::object> output_schema;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const query_definition&, const query_definition&);
};

/// An update that a workflow takes and answers.
struct MISTRAL_WORKFLOWS_EXPORT update_definition {
  update_definition() = default;

  std::string name;
  std::optional<std::string> description;
  boost::json::object input_schema;
  std::optional<boost::json::object> output_schema;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const update_definition&, const update_definition&);
};

/// What the code of a workflow declares.
struct MISTRAL_WORKFLOWS_EXPORT workflow_code_definition {
  workflow_code_definition() = default;

  boost::json::object input_schema;
  std::optional<boost::json::object> output_schema;
  std::vector<signal_definition> signal_handlers;
  std::vector<query_definition> queries;
  std::vector<update_definition> updates;
  bool enforce_determinism = false;
  bool on_behalf_of = false;                ///< runs as a user
  std::optional<double> execution_timeout;  ///< seconds, over retries and continue-as-new
  std::optional<boost::json::object> plugin_metadata;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_code_definition&, const workflow_code_definition&);
};

/// A version of a workflow that a worker has registered.
struct MISTRAL_WORKFLOWS_EXPORT workflow_registration {
  workflow_registration() = default;

  std::string id;                            ///< a UUID
  std::optional<std::string> deployment_id;  ///< a UUID
  std::optional<std::string> task_queue;
  workflow_code_definition definition;
  std::string workflow_id;                      ///< a UUID
  std::optional<workflows::workflow> workflow;  ///< only where it was asked for
  std::optional<std::string> deployment_name;
  bool compatible_with_chat_assistant = false;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_registration&, const workflow_registration&);
};

/// A registration, and whether a worker for it has been heard of lately.
struct MISTRAL_WORKFLOWS_EXPORT workflow_registration_with_status : workflow_registration {
  workflow_registration_with_status() = default;

  bool active = false;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_registration_with_status&,
                                                  const workflow_registration_with_status&);
};

/// What get answers.
struct MISTRAL_WORKFLOWS_EXPORT registration_answer {
  registration_answer() = default;

  workflow_registration_with_status workflow_registration;
  std::optional<workflow_registration_with_status> workflow_version;  ///< the same under its older name

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const registration_answer&, const registration_answer&);
};

/// One page of registrations, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT registration_page {
  registration_page() = default;

  std::vector<workflow_registration> workflow_registrations;
  std::optional<std::string> next_cursor;                ///< null: this was the last page
  std::vector<workflow_registration> workflow_versions;  ///< the same under their older name

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const registration_page&, const registration_page&);
};

}  // namespace mistral::workflows
