#include "openapi/description.hpp"

#include "openapi/facts/facts.hpp"
#include "openapi/facts/notation.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <stdexcept>

namespace openapi {
namespace {

// In the form of facts.json: what is live and not in the description,
// and what the API's current clients show of operations that are.
constexpr std::string_view whoami = "GET /v1/workflows/workers/whoami";
constexpr std::string_view newer_operations = R"({
  "GET /v1/workflows/workers/whoami":
    {"200": {"object": {"scheduler_url!": "string", "namespace!": "string"}}},
  "GET /v1/workflows/executions/{execution_id}": {"query": {"include_search_keys": "boolean=false"}},
  "GET /v1/workflows/deployments": {"query": {"created_by": "string?", "location_types": "LocationType[]"}}
})";

// Members of schemas, likewise.
constexpr std::string_view newer_members = R"({
  "search_keys": "string{}?",
  "owner": "string?",
  "backend_spec": {"anyOf": [
    {"object": {"type!": {"const": "koyeb", "type": "string"},
                "build_directory": "string", "dockerfile_path": "string"}},
    {"object": {"type!": {"const": "kubernetes", "type": "string"},
                "entrypoint": "string", "working_dir": "string"}},
    "null"]},
  "double_value": {"object": {"doubleValue!": "number"}},
  "double_element": "number?"
})";

constexpr std::array with_search_keys = {
    "WorkflowExecutionResponse", "WorkflowExecutionWithoutResultResponse",
    "WorkflowExecutionTraceOTelResponse", "WorkflowExecutionTraceSummaryResponse",
    "WorkflowExecutionTraceEventsResponse"};
constexpr std::array with_owner = {"DeploymentResponse", "DeploymentDetailResponse",
                                   "ManagedDeploymentResponse"};
constexpr std::array with_backend_spec = {"DeploymentWorkerSpecInput", "WorkflowsWorkerSpecUpdate",
                                          "DeploymentWorkerSpecResponse"};

json::object& properties_of(json::object& schemas, const char* schema) {
  return schemas.at(schema).at("properties").as_object();
}

void add_newer(json::object& schemas) {
  const json::value added = json::parse(newer_members);
  const auto member = [&](const char* name) { return expand(added.at(name)); };
  for (const char* schema : with_search_keys)
    properties_of(schemas, schema)["search_keys"] = member("search_keys");
  for (const char* schema : with_owner) properties_of(schemas, schema)["owner"] = member("owner");
  for (const char* schema : with_backend_spec)
    properties_of(schemas, schema)["backend_spec"] = member("backend_spec");
  properties_of(schemas, "TempoTraceAttribute")["value"].at("anyOf").as_array().push_back(
      member("double_value"));
  properties_of(schemas, "TempoTraceAttributeArrayElement")["doubleValue"] = member("double_element");
  properties_of(schemas, "WorkflowExecutionRequest")["input"].at("anyOf").as_array().push_back(
      json::object());
}

// "name!" is required.
bool take_mark(std::string& name) {
  if (!name.ends_with('!')) return false;
  name.pop_back();
  return true;
}

}  // namespace

const json::value* find(const json::object& object, std::string_view member) {
  return object.if_contains(json::string_view(member.data(), member.size()));
}

int operation::success() const {
  for (const auto& [status, answer] : responses)
    if (status >= 200 && status < 300) return status;
  throw std::runtime_error(name() + " has no answer for success");
}

const description& description::get() {
  static const description made;
  return made;
}

description::description() {
  const json::value facts = json::parse(facts_text());
  for (const auto& each : facts.at("schemas").as_object()) schemas_.emplace(each.key(), expand(each.value()));
  add_newer(schemas_);
  const json::value newer = json::parse(newer_operations);
  for (const auto& each : facts.at("operations").as_object()) {
    read_operation(each.key(), each.value().as_object());
    if (const json::value* more = find(newer.as_object(), each.key()))
      read_parameters(operations_.back(), more->as_object());
  }
  read_operation(whoami, newer.at(whoami).as_object());
}

const json::value* description::keep(const json::value& shortened) {
  return &kept_.emplace_back(expand(shortened));
}

void description::read_operation(std::string_view name, const json::object& facts) {
  operation made;
  made.method = name.substr(0, name.find(' '));
  made.path = name.substr(name.find(' ') + 1);
  read_parameters(made, facts);
  for (const auto& each : facts) {
    std::string key(each.key());
    const bool required = take_mark(key);
    if (key == "body") {
      made.body = keep(each.value());
      made.body_required = required;
    } else if (key[0] >= '1' && key[0] <= '5') {  // "200", "200 text/event-stream"
      response& answer = made.responses[std::stoi(key)];
      if (each.value().is_null()) continue;
      answer.content_type = key.size() > 4 ? key.substr(4) : "application/json";
      answer.schema = keep(each.value());
    }
  }
  operations_.push_back(std::move(made));
}

void description::read_parameters(operation& of, const json::object& facts) {
  for (const char* place : {"path", "query", "header"}) {
    const json::value* parameters = find(facts, place);
    if (!parameters) continue;
    for (const auto& each : parameters->as_object()) {
      parameter& one = of.parameters.emplace_back();
      one.name = std::string(each.key());
      one.in = place;
      one.required = take_mark(one.name);
      one.schema = keep(each.value());
    }
  }
}

const operation& description::at(std::string_view name) const {
  for (const operation& each : operations_)
    if (each.name() == name) return each;
  throw std::runtime_error("the description has no operation " + std::string(name));
}

std::string description::name_of(const json::value& schema) {
  const json::value* reference = schema.is_object() ? find(schema.as_object(), "$ref") : nullptr;
  if (!reference) return std::string();
  return std::string(reference->as_string());
}

const json::object& description::resolve(const json::value& schema) const {
  const std::string name = name_of(schema);
  return name.empty() ? schema.as_object() : resolve(schemas_.at(name));
}

}  // namespace openapi
