#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

namespace server_test {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

json::object schema_of_value() {
  json::object schema;
  schema["type"] = "object";
  json::array required;
  required.emplace_back("value");
  schema["required"] = required;
  return schema;
}

asio::awaitable<json::value> talk(wft::workflow_context context) {
  const auto value = std::make_shared<json::value>();
  context.on_query("state", [value](const json::value&) { return *value; });
  context.on_update("set", [value](const json::value& input) {
    *value = input.at("value");
    return *value;
  });
  const json::value& input = context.input();
  const json::value* wanted = input.is_object() ? input.as_object().if_contains("events") : nullptr;
  const std::int64_t events = wanted ? wanted->as_int64() : 3;
  // The first event is the start of the execution, the second that of the task.
  const wft::custom_task task = context.start_task("talk");
  for (std::int64_t i = 2; i < events; ++i) task.progress(json::value(i));
  co_await context.wait_signal("go");
  json::object result;
  result["value"] = *value;
  co_return result;
}

asio::awaitable<json::value> fail(wft::workflow_context) {
  throw wft::workflow_failure("as it was told");
  co_return nullptr;
}

asio::awaitable<json::value> echo(wft::workflow_context context) { co_return context.input(); }

}  // namespace

wft::workflow_definition talker() {
  wft::workflow_definition made("talker", talk);
  made.signal_handlers.emplace_back("go");
  made.queries.emplace_back("state");
  made.updates.emplace_back("set", schema_of_value());
  return made;
}

wft::workflow_definition failer() { return wft::workflow_definition("failer", fail); }
wft::workflow_definition mirror() { return wft::workflow_definition("mirror", echo); }

wft::local_server_options tls_options() {
  wft::local_server_options options;
  options.workflows.push_back(talker());
  options.workflows.push_back(failer());
  options.workflows.push_back(mirror());
  return options;
}

wft::local_server_options plain_options() {
  wft::local_server_options options = tls_options();
  options.tls = false;
  return options;
}

json::value start_talker(raw_client& client, const std::string& execution_id, int events) {
  const std::string body =
      R"({"execution_id": ")" + execution_id + R"(", "input": {"events": )" + std::to_string(events) + "}}";
  const reply started = client.ask("POST", api + "/talker/execute", body);
  BOOST_REQUIRE_EQUAL(started.status, 200);
  return started.json();
}

}  // namespace server_test
