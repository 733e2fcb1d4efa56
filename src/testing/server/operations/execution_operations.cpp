#include "testing/server/message/reader.hpp"
#include "testing/server/operations/operations.hpp"

namespace mistral::workflows::testing {
namespace {

// The body of a signal, a query or an update.
struct invocation {
  explicit invocation(const request& asked) {
    body_reader body(asked);
    name = body.text("name");
    input = body.object_or_null("input");
    body.check();
  }

  std::string name;
  boost::json::value input;
};

std::vector<std::string> batch_ids(const request& asked) {
  body_reader body(asked);
  std::vector<std::string> ids = body.texts("execution_ids", 1, 100);
  body.check();
  return ids;
}

// "key:value", at most 3.
std::vector<std::pair<std::string, std::string>> search_keys(query_reader& query) {
  std::vector<std::pair<std::string, std::string>> keys;
  for (const std::string& entry : query.texts("search_key", 3)) {
    const std::size_t colon = entry.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == entry.size())
      query.refuse("search_key", "String should match pattern '^[^:]+:.+$'", "string_pattern_mismatch");
    else
      keys.emplace_back(entry.substr(0, colon), entry.substr(colon + 1));
  }
  return keys;
}

void check_history_query(const request& asked) {
  query_reader query(asked);
  query.flag("decode_payloads");
  query.check();
}

}  // namespace

answer get_execution(core& server, const request& asked) {
  query_reader query(asked);
  const bool with_search_keys = query.flag("include_search_keys").value_or(false);
  query.check();
  return json_answer(200, server.work->get_execution(asked.parameters[0], with_search_keys));
}

answer get_history(core& server, const request& asked) {
  check_history_query(asked);
  return json_answer(200, server.work->history(asked.parameters[0]));
}

answer signal_execution(core& server, const request& asked) {
  const invocation wanted(asked);
  server.work->signal(asked.parameters[0], wanted.name, wanted.input);
  boost::json::object body;
  body["message"] = "Signal accepted";
  return json_answer(202, body);
}

answer query_execution(core& server, const request& asked) {
  const invocation wanted(asked);
  return json_answer(200, server.work->query(asked.parameters[0], wanted.name, wanted.input));
}

answer update_execution(core& server, const request& asked) {
  const invocation wanted(asked);
  return json_answer(200, server.work->update(asked.parameters[0], wanted.name, wanted.input));
}

answer cancel_execution(core& server, const request& asked) {
  server.work->cancel(asked.parameters[0]);
  return no_content();
}

answer terminate_execution(core& server, const request& asked) {
  server.work->terminate(asked.parameters[0]);
  return no_content();
}

answer batch_cancel(core& server, const request& asked) {
  return json_answer(200, server.work->cancel_all(batch_ids(asked)));
}

answer batch_terminate(core& server, const request& asked) {
  return json_answer(200, server.work->terminate_all(batch_ids(asked)));
}

answer reset_execution(core& server, const request& asked) {
  body_reader body(asked);
  reset_request wanted;
  wanted.event_id = body.integer("event_id");
  wanted.reason = body.text_or_null("reason");
  wanted.exclude_signals = body.flag("exclude_signals", false);
  wanted.exclude_updates = body.flag("exclude_updates", false);
  body.check();
  server.work->reset(asked.parameters[0], wanted);
  return no_content();
}

answer list_runs(core& server, const request& asked) {
  query_reader query(asked);
  run_filter filter;
  filter.workflow_identifier = query.text("workflow_identifier");
  filter.root_execution_id = query.text("root_execution_id");
  filter.search = query.text("search");
  filter.statuses = query.choices("status", {"RUNNING", "COMPLETED", "FAILED", "CANCELED", "TERMINATED",
                                             "CONTINUED_AS_NEW", "TIMED_OUT", "RETRYING_AFTER_ERROR"});
  filter.deployment_name = query.text("deployment_name");
  filter.sort_by_end_time = query.choice("sort_by", {"start_time", "end_time"}) == "end_time";
  filter.descending = query.choice("order", {"asc", "desc"}) != "asc";
  filter.start_time_after = query.time("start_time_after");
  filter.start_time_before = query.time("start_time_before");
  filter.end_time_after = query.time("end_time_after");
  filter.end_time_before = query.time("end_time_before");
  filter.user_id = query.text("user_id");
  filter.workflow_tags = query.texts("workflow_tags", 20);
  filter.page_size = static_cast<int>(query.integer("page_size", 50, 1, 1000));
  filter.next_page_token = query.text("next_page_token");
  filter.include_internal = query.flag("include_internal").value_or(true);
  filter.search_keys = search_keys(query);
  query.check();
  return json_answer(200, server.work->list_runs(filter));
}

answer get_run(core& server, const request& asked) {
  return json_answer(200, server.work->get_run(path_uuid(asked, 0, "run_id")));
}

answer get_run_history(core& server, const request& asked) {
  check_history_query(asked);
  return json_answer(200, server.work->run_history(path_uuid(asked, 0, "run_id")));
}

}  // namespace mistral::workflows::testing
