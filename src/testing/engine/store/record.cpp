#include "testing/engine/store/record.hpp"

#include "testing/engine/common/json_text.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace mistral::workflows::testing {
namespace {

constexpr std::array<std::pair<record_kind, std::string_view>, 24> kind_names{{
    {record_kind::start, "start"},
    {record_kind::emit, "emit"},
    {record_kind::sleep, "sleep"},
    {record_kind::fired, "fired"},
    {record_kind::signal, "signal"},
    {record_kind::update, "update"},
    {record_kind::cancel, "cancel"},
    {record_kind::activity, "activity"},
    {record_kind::activity_retry, "activity_retry"},
    {record_kind::activity_done, "activity_done"},
    {record_kind::child, "child"},
    {record_kind::child_done, "child_done"},
    {record_kind::retry, "retry"},
    {record_kind::attempt, "attempt"},
    {record_kind::end, "end"},
    {record_kind::continued, "continued"},
    {record_kind::reset, "reset"},
    {record_kind::log, "log"},
    {record_kind::side_log, "side_log"},
    {record_kind::search_key, "search_key"},
    {record_kind::workflow, "workflow"},
    {record_kind::schedule, "schedule"},
    {record_kind::deployment, "deployment"},
    {record_kind::did, "did"},
}};

}  // namespace

std::string_view to_text(record_kind kind) {
  for (const auto& [value, name] : kind_names)
    if (value == kind) return name;
  return "";
}

record_kind record_kind_from(std::string_view text) {
  for (const auto& [value, name] : kind_names)
    if (name == text) return value;
  throw std::runtime_error("a record of unknown kind: " + std::string(text));
}

bool comes_from_outside(record_kind kind) {
  switch (kind) {
    case record_kind::start:
    case record_kind::fired:
    case record_kind::signal:
    case record_kind::update:
    case record_kind::cancel:
    case record_kind::activity_retry:
    case record_kind::activity_done:
    case record_kind::child_done:
    case record_kind::attempt:
      return true;
    default:
      return false;
  }
}

boost::json::object to_json(const new_run& run) {
  boost::json::object json;
  const auto& identity = run.identity;
  json["run_id"] = identity.run_id;
  json["execution_id"] = identity.execution_id;
  json["workflow"] = identity.workflow_name;
  json["root"] = identity.root_execution_id;
  json["first_run"] = identity.first_run_id;
  put_text(json, "parent", identity.parent_execution_id);
  put_text(json, "continued_run", identity.continued_run_id);
  put_text(json, "schedule", identity.schedule_id);
  put_text(json, "deployment", identity.deployment_name);
  json["input"] = run.input;
  json["seed"] = run.id_seed;
  json["outlives_parent"] = run.outlives_parent;
  if (!run.search_keys.empty()) json["search_keys"] = run.search_keys;
  if (!run.tracing.empty()) json["tracing"] = run.tracing;
  if (!run.backlog.empty()) json["backlog"] = run.backlog;
  return json;
}

new_run new_run_from(const boost::json::object& json) {
  new_run run;
  auto& identity = run.identity;
  identity.run_id = text_of(json, "run_id");
  identity.execution_id = text_of(json, "execution_id");
  identity.workflow_name = text_of(json, "workflow");
  identity.root_execution_id = text_of(json, "root");
  identity.first_run_id = text_of(json, "first_run");
  identity.parent_execution_id = optional_text(json, "parent");
  identity.continued_run_id = optional_text(json, "continued_run");
  identity.schedule_id = optional_text(json, "schedule");
  identity.deployment_name = optional_text(json, "deployment");
  run.input = json.at("input");
  run.id_seed = text_of(json, "seed");
  run.outlives_parent = json.at("outlives_parent").as_bool();
  if (auto* keys = json.if_contains("search_keys")) run.search_keys = keys->as_object();
  if (auto* tracing = json.if_contains("tracing")) run.tracing = tracing->as_object();
  if (auto* backlog = json.if_contains("backlog")) run.backlog = backlog->as_array();
  return run;
}

boost::json::object json_payload(boost::json::value value) {
  boost::json::object payload;
  payload["type"] = "json";
  payload["value"] = std::move(value);
  return payload;
}

}  // namespace mistral::workflows::testing
