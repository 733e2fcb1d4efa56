#include "openapi/description.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

namespace openapi {
namespace {

// Live, and not in the description.
constexpr std::string_view whoami_operation = R"({
  "responses": {"200": {"content": {"application/json": {"schema": {
    "type": "object",
    "properties": {"scheduler_url": {"type": "string"}, "namespace": {"type": "string"}},
    "required": ["scheduler_url", "namespace"]}}}}}})";

// Seen in the API's current clients, and not in the description yet.
constexpr std::string_view newer = R"({
  "parameters": {
    "GET /v1/workflows/executions/{execution_id}":
      [{"name": "include_search_keys", "in": "query", "schema": {"type": "boolean", "default": false}}],
    "GET /v1/workflows/deployments":
      [{"name": "created_by", "in": "query", "schema": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
       {"name": "location_types", "in": "query",
        "schema": {"type": "array", "items": {"$ref": "#/components/schemas/LocationType"}}}]
  },
  "search_keys": {"anyOf": [{"type": "object", "additionalProperties": {"type": "string"}}, {"type": "null"}]},
  "owner": {"anyOf": [{"type": "string"}, {"type": "null"}]},
  "backend_spec": {"anyOf": [
    {"type": "object", "required": ["type"],
     "properties": {"type": {"const": "koyeb", "type": "string"}, "build_directory": {"type": "string"},
                    "dockerfile_path": {"type": "string"}}},
    {"type": "object", "required": ["type"],
     "properties": {"type": {"const": "kubernetes", "type": "string"}, "entrypoint": {"type": "string"},
                    "working_dir": {"type": "string"}}},
    {"type": "null"}]},
  "double_value": {"type": "object", "properties": {"doubleValue": {"type": "number"}}, "required": ["doubleValue"]},
  "double_element": {"anyOf": [{"type": "number"}, {"type": "null"}]}
})";

constexpr std::array with_search_keys = {"WorkflowExecutionResponse", "WorkflowExecutionWithoutResultResponse",
                                         "WorkflowExecutionTraceOTelResponse", "WorkflowExecutionTraceSummaryResponse",
                                         "WorkflowExecutionTraceEventsResponse"};
constexpr std::array with_owner = {"DeploymentResponse", "DeploymentDetailResponse", "ManagedDeploymentResponse"};
constexpr std::array with_backend_spec = {"DeploymentWorkerSpecInput", "WorkflowsWorkerSpecUpdate",
                                          "DeploymentWorkerSpecResponse"};

json::object& properties_of(json::value& document, const char* schema) {
  return document.at("components").at("schemas").at(schema).at("properties").as_object();
}

void add_newer(json::value& document, const json::value& added) {
  for (const char* schema : with_search_keys) properties_of(document, schema)["search_keys"] = added.at("search_keys");
  for (const char* schema : with_owner) properties_of(document, schema)["owner"] = added.at("owner");
  for (const char* schema : with_backend_spec)
    properties_of(document, schema)["backend_spec"] = added.at("backend_spec");
  properties_of(document, "TempoTraceAttribute")["value"].at("anyOf").as_array().push_back(added.at("double_value"));
  properties_of(document, "TempoTraceAttributeArrayElement")["doubleValue"] = added.at("double_element");
  properties_of(document, "WorkflowExecutionRequest")["input"].at("anyOf").as_array().push_back(json::object());
}

std::string read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(std::string("cannot read MISTRAL_WORKFLOWS_OPENAPI: ") + path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::string upper(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

}  // namespace

const json::value* find(const json::object& object, std::string_view member) {
  return object.if_contains(json::string_view(member.data(), member.size()));
}

bool described() {
  const char* path = std::getenv("MISTRAL_WORKFLOWS_OPENAPI");
  if (path && *path) return true;
  std::cout << "skipped: MISTRAL_WORKFLOWS_OPENAPI does not say where the API's description is" << std::endl;
  return false;
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

description::description() : whoami_(json::parse(whoami_operation)) {
  document_ = json::parse(read_file(std::getenv("MISTRAL_WORKFLOWS_OPENAPI")));
  newer_ = json::parse(newer);
  add_newer(document_, newer_);
  schemas_ = &document_.at("components").at("schemas").as_object();
  for (const auto& path : document_.at("paths").as_object())
    for (const auto& method : path.value().as_object())
      read_operation(std::string(path.key()), method.key(), method.value().as_object());
  read_operation("/v1/workflows/workers/whoami", "get", whoami_.as_object());
}

void description::read_operation(const std::string& path, std::string_view method, const json::object& source) {
  operation made;
  made.method = upper(method);
  made.path = path;
  for (const json::value* list : {find(source, "parameters"), find(newer_.at("parameters").as_object(), made.name())}) {
    if (!list) continue;
    for (const json::value& each : list->as_array()) {
      parameter one;
      one.name = std::string(each.at("name").as_string());
      one.in = std::string(each.at("in").as_string());
      one.schema = &each.at("schema");
      made.parameters.push_back(one);
    }
  }
  if (const json::value* body = find(source, "requestBody")) {
    made.body = &body->at("content").at("application/json").at("schema");
    const json::value* required = find(body->as_object(), "required");
    made.body_required = required && required->as_bool();
  }
  for (const auto& each : source.at("responses").as_object()) {
    response one;
    const json::value* content = find(each.value().as_object(), "content");
    if (content && !content->as_object().empty()) {
      const auto& first = *content->as_object().begin();
      one.content_type = std::string(first.key());
      one.schema = &first.value().at("schema");
    }
    made.responses[std::stoi(std::string(each.key()))] = one;
  }
  operations_.push_back(std::move(made));
}

const operation& description::at(std::string_view name) const {
  for (const operation& each : operations_)
    if (each.name() == name) return each;
  throw std::runtime_error("the description has no operation " + std::string(name));
}

std::string description::name_of(const json::value& schema) {
  const json::value* reference = schema.is_object() ? find(schema.as_object(), "$ref") : nullptr;
  if (!reference) return std::string();
  const std::string text(reference->as_string());
  return text.substr(text.rfind('/') + 1);
}

const json::object& description::resolve(const json::value& schema) const {
  static const json::object any;
  if (schema.is_bool()) return any;  // `true`: any value
  const std::string name = name_of(schema);
  return name.empty() ? schema.as_object() : resolve(schemas_->at(name));
}

}  // namespace openapi
