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

  std::string name;                        ///< of the handler
  std::optional<std::string> description;  ///< for people to read
  boost::json::object input_schema;        ///< JSON Schema of what it takes

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const signal_definition&, const signal_definition&);
};

/// A query that a workflow answers.
struct MISTRAL_WORKFLOWS_EXPORT query_definition {
  query_definition() = default;

  std::string name;                        ///< of the handler
  std::optional<std::string> description;  ///< for people to read
  boost::json::object input_schema;        ///< JSON Schema of what it takes

  /// JSON Schema of what it returns; null: none was declared.
  std::optional<boost::json::object> output_schema;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const query_definition&, const query_definition&);
};

/// An update that a workflow takes and answers.
struct MISTRAL_WORKFLOWS_EXPORT update_definition {
  update_definition() = default;

  std::string name;                        ///< of the handler
  std::optional<std::string> description;  ///< for people to read
  boost::json::object input_schema;        ///< JSON Schema of what it takes

  /// JSON Schema of what it returns; null: none was declared.
  std::optional<boost::json::object> output_schema;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const update_definition&, const update_definition&);
};

/// What the code of a workflow declares.
struct MISTRAL_WORKFLOWS_EXPORT workflow_code_definition {
  workflow_code_definition() = default;

  boost::json::object input_schema;                    ///< JSON Schema of the input
  std::optional<boost::json::object> output_schema;    ///< JSON Schema of the result; null: none was declared
  std::vector<signal_definition> signal_handlers;      ///< the signals it takes
  std::vector<query_definition> queries;               ///< the queries it answers
  std::vector<update_definition> updates;              ///< the updates it takes
  bool enforce_determinism = false;                    ///< whether it is checked that a replay does the same
  bool on_behalf_of = false;                           ///< runs as a user
  std::optional<double> execution_timeout;             ///< seconds, over retries and continue-as-new
  std::optional<boost::json::object> plugin_metadata;  ///< what plugins declare

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_code_definition&,
                                                  const workflow_code_definition&);
};

/// A version of a workflow that a worker has registered.
struct MISTRAL_WORKFLOWS_EXPORT workflow_registration {
  workflow_registration() = default;

  std::string id;                               ///< a UUID
  std::optional<std::string> deployment_id;     ///< a UUID
  std::optional<std::string> task_queue;        ///< deprecated by the API in favour of `deployment_name`
  workflow_code_definition definition;          ///< what its code declares
  std::string workflow_id;                      ///< a UUID
  std::optional<workflows::workflow> workflow;  ///< only where it was asked for
  std::optional<std::string> deployment_name;   ///< of the deployment that runs it
  bool compatible_with_chat_assistant = false;  ///< whether the chat assistant can run it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_registration&, const workflow_registration&);
};

/// A registration, and whether a worker for it has been heard of lately.
struct MISTRAL_WORKFLOWS_EXPORT workflow_registration_with_status : workflow_registration {
  workflow_registration_with_status() = default;

  bool active = false;  ///< whether a worker for it has been heard of lately

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const workflow_registration_with_status&,
                                                  const workflow_registration_with_status&);
};

/// What get answers.
struct MISTRAL_WORKFLOWS_EXPORT registration_answer {
  registration_answer() = default;

  workflow_registration_with_status workflow_registration;            ///< the one that was asked for
  std::optional<workflow_registration_with_status> workflow_version;  ///< the same under its older name

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const registration_answer&, const registration_answer&);
};

/// One page of registrations, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT registration_page {
  registration_page() = default;

  std::vector<workflow_registration> workflow_registrations;  ///< in the order of the server
  std::optional<std::string> next_cursor;                     ///< null: this was the last page
  std::vector<workflow_registration> workflow_versions;       ///< the same under their older name

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const registration_page&, const registration_page&);
};

}  // namespace mistral::workflows
