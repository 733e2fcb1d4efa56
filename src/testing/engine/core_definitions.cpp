// Which workflows the server knows, by name and by UUID.
#include "testing/engine/engine_core.hpp"
#include "testing/engine/ids.hpp"

namespace mistral::workflows::testing {

std::string workflow_uuid(const std::string& name) { return derived_uuid("workflow/" + name, 0); }

void engine_core::define(workflow_definition definition) {
  auto name = definition.name;
  definitions[name] = std::make_shared<const workflow_definition>(std::move(definition));
  for (const auto& run : store.runs())
    if (!run->over() && run->identity.workflow_name == name && !live(*run)) bring_to_life(*run);
}

std::shared_ptr<const workflow_definition> engine_core::find_definition(const std::string& identifier) const {
  auto entry = definitions.find(identifier);
  if (entry != definitions.end()) return entry->second;
  for (const auto& [name, definition] : definitions)
    if (workflow_uuid(name) == identifier) return definition;
  return nullptr;
}

}  // namespace mistral::workflows::testing
