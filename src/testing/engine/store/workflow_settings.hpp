// What somebody changed about a workflow through the API; it goes before what the workflow's definition says.
// Not the definition: that comes with the code at each start of the server.
#pragma once

#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::testing {

/// PUT /v1/workflows/{workflow_identifier}, .../archive and .../unarchive; what is unset stays as it is.
struct workflow_settings {
  workflow_settings() = default;

  /// Takes over what is set in `later`.
  void merge(const workflow_settings& later);
  void apply_to(workflow_definition& definition) const;

  std::optional<std::string> display_name;
  std::optional<std::string> description;
  std::optional<bool> available_in_chat_assistant;
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> archived;
};

/// As members of a record.
boost::json::object to_json(const workflow_settings& settings);
workflow_settings settings_from(const boost::json::object& record);

}  // namespace mistral::workflows::testing
