#include "protocol/json/decode.hpp"
#include "testing/server/message/reader.hpp"
#include "testing/server/operations/operations.hpp"

#include <cmath>

namespace mistral::workflows::testing {

answer list_workflows(core& server, const request& asked) {
  query_reader query(asked);
  workflow_filter filter;
  filter.search = query.text("search");
  filter.tags = query.texts("tags");
  filter.archived = query.flag("archived");
  filter.available_in_chat_assistant = query.flag("available_in_chat_assistant");
  filter.statuses = query.choices("status", {"RUNNING", "COMPLETED", "FAILED", "CANCELED", "TERMINATED",
                                             "CONTINUED_AS_NEW", "TIMED_OUT", "RETRYING_AFTER_ERROR"});
  filter.sort_by_display_name = query.choice("sort_by", {"display_name"}).has_value();
  filter.descending = query.choice("order", {"asc", "desc"}) == "desc";
  filter.cursor = query.text("cursor");
  filter.limit = static_cast<int>(query.integer("limit", 50, 1, 1000));
  filter.deployment_names = query.texts("deployment_name");
  filter.include_shared = query.flag("include_shared").value_or(true);
  if (query.flag("active_only").value_or(false)) filter.active = true;
  const std::optional<std::string> activity = query.choice("deployment_status", {"active", "inactive"});
  if (activity) filter.active = *activity == "active";
  query.check();
  return json_answer(200, server.work->list_workflows(filter));
}

answer get_workflow(core& server, const request& asked) {
  return json_answer(200, server.work->get_workflow(asked.parameters[0]));
}

namespace {

std::optional<answer> over_limit(core& server) {
  switch (server.starts.ask(server.time->now())) {
    case start_verdict::too_fast: {
      server.seen->change([](server_counts& counts) { ++counts.starts_too_fast; });
      answer given = error_answer(429, "", "Too many executions are started");
      given.headers.emplace_back("Retry-After", std::to_string(server.starts.wait().count()));
      return given;
    }
    case start_verdict::over_quota:
      server.seen->change([](server_counts& counts) { ++counts.starts_over_quota; });
      return error_answer(402, "", "The quota of executions is used up");
    case start_verdict::welcome:
      break;
  }
  return std::nullopt;
}

// Both ways to execute differ in how the workflow is found alone.
template <class Start>
answer execute(core& server, const request& asked, Start start) {
  body_reader body(asked);
  start_request wanted;
  wanted.execution_id = body.text_or_null("execution_id");
  if (wanted.execution_id && wanted.execution_id->size() > 256)
    body.refuse("execution_id", "String should have at most 256 characters", "string_too_long");
  if (const boost::json::value* input = body.find("input")) wanted.input = *input;
  const boost::json::value* encoded = body.find("encoded_input");
  if (encoded && !encoded->is_null()) wanted.input = *encoded;
  wanted.deployment_name = body.text_or_null("deployment_name");
  const bool wait = body.flag("wait_for_result", false);
  const std::optional<double> limit = body.number_or_null("timeout_seconds");
  wanted.tracing = body.text_map_or_null("custom_tracing_attributes");
  // Known to the API, without effect here.
  body.object_or_null("extensions");
  body.flag("force_new_trace", false);
  body.text_or_null("task_queue");
  body.check();

  if (std::optional<answer> refused = over_limit(server)) return std::move(*refused);
  const boost::json::object started = start(wanted);
  server.starts.started();
  answer given = json_answer(200, started);
  if (!wait) return given;
  given.wait.emplace();
  given.wait->workflow_name = std::string(started.at("workflow_name").as_string());
  given.wait->execution_id = std::string(started.at("execution_id").as_string());
  // A century is as good as for ever, and fits the clock.
  if (limit)
    given.wait->limit = std::chrono::nanoseconds(std::llround(std::min(std::max(*limit, 0.0), 3e9) * 1e9));
  return given;
}

}  // namespace

answer execute_workflow(core& server, const request& asked) {
  return execute(server, asked, [&](const start_request& wanted) {
    return server.work->execute(asked.parameters[0], wanted);
  });
}

answer execute_registration(core& server, const request& asked) {
  const std::string id = path_uuid(asked, 0, "workflow_registration_id");
  return execute(server, asked,
                 [&](const start_request& wanted) { return server.work->execute_registration(id, wanted); });
}

// The short form only for what came to a good end: without a status nobody could tell the others apart.
answer after_waiting(core& server, const awaited_end& awaited) {
  const boost::json::object now = server.work->get_execution(awaited.execution_id);
  if (now.at("status") != "COMPLETED") return json_answer(200, now);
  boost::json::object body;
  body["workflow_name"] = awaited.workflow_name;
  body["execution_id"] = awaited.execution_id;
  body["result"] = now.at("result");
  return json_answer(200, body);
}

answer whoami(core& server, const request&) {
  boost::json::object body;
  body["scheduler_url"] = "localhost:" + std::to_string(server.port);
  body["namespace"] = "default";
  return json_answer(200, body);
}

bool authorized(const core& server, const request& asked) {
  if (!server.options.api_key) return true;
  const std::string* given = asked.header("authorization");
  return given && *given == "Bearer " + *server.options.api_key;
}

std::string execution_of(const request& asked) {
  const std::string& operation = asked.seen.operation;
  if (operation.starts_with("executions.") && !asked.parameters.empty()) return asked.parameters[0];
  if (operation != "workflows.execute" && operation != "registrations.execute") return std::string();
  boost::json::value body;
  if (protocol::decode(asked.seen.body, body) || !body.is_object()) return std::string();
  const boost::json::value* id = body.as_object().if_contains("execution_id");
  return id && id->is_string() ? std::string(id->as_string()) : std::string();
}

}  // namespace mistral::workflows::testing
