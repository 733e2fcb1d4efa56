// Which workflows the server knows, by name and by UUID.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/ids.hpp"
#include "testing/engine/core/deployer.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/scheduler.hpp"

namespace mistral::workflows::testing {

std::string workflow_uuid(const std::string& name) { return derived_uuid("workflow/" + name, 0); }

std::string registration_uuid(const workflow_definition& workflow) {
  return derived_uuid("registration/" + workflow.name + "/" + workflow.deployment_name.value_or(""), 0);
}

void engine_core::define(workflow_definition definition) {
  auto name = definition.name;
  auto changed = store.settings().find(name);
  if (changed != store.settings().end()) changed->second.apply_to(definition);
  definitions[name] = std::make_shared<const workflow_definition>(std::move(definition));
  for (const auto& run : store.runs())
    if (!run->over() && run->identity.workflow_name == name && !live(*run)) bring_to_life(*run);
  schedules_->workflow_known(name);
  deployments_->workflow_known(*definitions[name]);
}

std::shared_ptr<const workflow_definition> engine_core::find_definition(const std::string& identifier) const {
  auto entry = definitions.find(identifier);
  if (entry != definitions.end()) return entry->second;
  for (const auto& [name, definition] : definitions)
    if (workflow_uuid(name) == identifier) return definition;
  return nullptr;
}

std::shared_ptr<const workflow_definition> engine_core::find_registration(const std::string& id) const {
  for (const auto& [name, definition] : definitions)
    if (registration_uuid(*definition) == id) return definition;
  return nullptr;
}

/// Every workflow that is known runs here.
bool engine_core::active(const workflow_definition&) const { return true; }

const workflow_definition& engine_core::known_workflow(const std::string& identifier) const {
  auto found = find_definition(identifier);
  if (!found) refuse_workflow_not_found(identifier);
  return *found;
}

const workflow_definition& engine_core::change_workflow(const std::string& identifier,
                                                        const workflow_settings& change,
                                                        std::string_view counted) {
  auto changed = known_workflow(identifier);
  record_draft draft(record_kind::workflow);
  draft.own = to_json(change);
  draft.own["workflow"] = changed.name;
  draft.counted = counted;
  write(std::move(draft));
  change.apply_to(changed);
  auto name = changed.name;
  auto& known = definitions[name];
  known = std::make_shared<const workflow_definition>(std::move(changed));
  return *known;
}

}  // namespace mistral::workflows::testing
