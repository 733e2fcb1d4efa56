#include "testing/engine/store/workflow_settings.hpp"

#include "testing/engine/common/json_text.hpp"

#include <boost/json/array.hpp>

namespace mistral::workflows::testing {
namespace {

template <class Value, class Other>
void take_if_set(Value& into, const std::optional<Other>& from) {
  if (from) into = *from;
}

std::optional<bool> optional_flag(const boost::json::object& record, std::string_view key) {
  const auto* found = record.if_contains(key);
  return found ? std::optional<bool>(found->as_bool()) : std::nullopt;
}

}  // namespace

void workflow_settings::merge(const workflow_settings& later) {
  take_if_set(display_name, later.display_name);
  take_if_set(description, later.description);
  take_if_set(available_in_chat_assistant, later.available_in_chat_assistant);
  take_if_set(tags, later.tags);
  take_if_set(archived, later.archived);
}

void workflow_settings::apply_to(workflow_definition& definition) const {
  take_if_set(definition.display_name, display_name);
  take_if_set(definition.description, description);
  take_if_set(definition.available_in_chat_assistant, available_in_chat_assistant);
  take_if_set(definition.tags, tags);
  take_if_set(definition.archived, archived);
}

boost::json::object to_json(const workflow_settings& settings) {
  boost::json::object json;
  put_text(json, "display_name", settings.display_name);
  put_text(json, "description", settings.description);
  if (settings.available_in_chat_assistant)
    json["available_in_chat_assistant"] = *settings.available_in_chat_assistant;
  if (settings.archived) json["archived"] = *settings.archived;
  if (settings.tags) {
    boost::json::array tags;
    for (const auto& tag : *settings.tags) tags.push_back(boost::json::string(tag));
    json["tags"] = std::move(tags);
  }
  return json;
}

workflow_settings settings_from(const boost::json::object& record) {
  workflow_settings settings;
  settings.display_name = optional_text(record, "display_name");
  settings.description = optional_text(record, "description");
  settings.available_in_chat_assistant = optional_flag(record, "available_in_chat_assistant");
  settings.archived = optional_flag(record, "archived");
  if (const auto* tags = record.if_contains("tags")) {
    settings.tags.emplace();
    for (const auto& tag : tags->as_array()) settings.tags->emplace_back(tag.as_string());
  }
  return settings;
}

}  // namespace mistral::workflows::testing
