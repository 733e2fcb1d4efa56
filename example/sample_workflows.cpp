#include "sample_workflows.hpp"

#include <array>
#include <memory>
#include <string>

namespace sample {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wft = mistral::workflows::testing;

namespace {

std::int64_t number(const json::value& input, const char* name, std::int64_t otherwise) {
  const json::value* found = input.is_object() ? input.as_object().if_contains(name) : nullptr;
  return found && found->is_int64() ? found->as_int64() : otherwise;
}

json::object append(const char* path, const std::string& text) {
  json::object operation;
  operation["op"] = "append";
  operation["path"] = path;
  operation["value"] = text;
  return operation;
}

// What the query and the update of a support workflow see.
struct ticket_state {
  std::string phase = "looking up";
  std::string priority = "normal";
};

json::object status_of(const ticket_state& state) {
  json::object status;
  status["phase"] = state.phase;
  status["priority"] = state.priority;
  return status;
}

asio::awaitable<json::value> look_up(wft::workflow_context context, json::value ticket) {
  const wft::workflow_context::handler work = [](const json::value&) -> json::value {
    json::object customer;
    customer["customer"] = "Ada";
    return customer;
  };
  json::value found = co_await context.activity("look_up_customer", std::move(ticket), work);
  co_return found;
}

constexpr std::array<const char*, 10> words{"Dear ", "Ada, ", "your ", "order ", "is ",
                                            "on ",   "its ",  "way ",  "to ",    "you."};

asio::awaitable<std::string> write_draft(wft::workflow_context context, std::chrono::milliseconds pace) {
  json::object empty;
  empty["text"] = "";
  const wft::custom_task draft = context.start_task("draft", empty);
  std::string reply;
  for (const char* word : words) {
    co_await context.sleep_for(pace);
    reply += word;
    json::array patch;
    patch.push_back(append("/text", word));
    draft.patch(std::move(patch));
  }
  json::object whole;
  whole["text"] = reply;
  draft.complete(whole);
  co_return reply;
}

asio::awaitable<void> send_reply(wft::workflow_context context, json::value reply) {
  const wft::workflow_context::handler work = [](const json::value&) -> json::value { return true; };
  co_await context.activity("send_reply", std::move(reply), work);
}

asio::awaitable<json::value> run_support(wft::workflow_context context) {
  const auto state = std::make_shared<ticket_state>();
  context.on_query("status", [state](const json::value&) -> json::value { return status_of(*state); });
  context.on_update("set_priority", [state](const json::value& input) -> json::value {
    state->priority = std::string(input.at("priority").as_string());
    return status_of(*state);
  });
  const std::chrono::milliseconds pace(number(context.input(), "pace_ms", 20));
  const json::value ticket = context.input().at("ticket");
  if (ticket.is_string()) context.set_search_key("ticket", std::string(ticket.as_string()));

  co_await look_up(context, ticket);
  state->phase = "drafting";
  const std::string reply = co_await write_draft(context, pace);
  state->phase = "waiting for approval";
  const wft::custom_task approval = context.start_task("approval");
  const json::value approved = co_await context.wait_signal("approve");
  approval.complete(approved);
  context.log("INFO", "the draft was approved");
  state->phase = "sending";
  co_await send_reply(context, json::value(json::string(reply)));
  state->phase = "done";

  json::object result;
  result["ticket"] = ticket;
  result["reply"] = reply;
  result["approved_by"] = approved.at("by");
  result["priority"] = state->priority;
  co_return result;
}

asio::awaitable<json::value> run_echo(wft::workflow_context context) { co_return context.input(); }

asio::awaitable<json::value> run_ticker(wft::workflow_context context) {
  const std::int64_t count = number(context.input(), "count", 10);
  const std::chrono::milliseconds every(number(context.input(), "every_ms", 1000));
  const wft::custom_task clock = context.start_task("clock");
  for (std::int64_t tick = 1; tick <= count; ++tick) {
    co_await context.sleep_for(every);
    json::object state;
    state["tick"] = tick;
    clock.progress(state);
    context.log("INFO", "tick " + std::to_string(tick));
  }
  json::object result;
  result["ticks"] = count;
  clock.complete(result);
  co_return result;
}

asio::awaitable<json::value> run_failing(wft::workflow_context context) {
  wft::activity_options three_times;
  three_times.maximum_attempts = 3;
  three_times.first_interval = std::chrono::milliseconds(50);
  const wft::workflow_context::handler work = [](const json::value&) -> json::value {
    throw wft::workflow_failure("the card was declined");
  };
  json::value charged = co_await context.activity("charge_card", json::value(), work, three_times);
  co_return charged;
}

asio::awaitable<json::value> run_sleeper(wft::workflow_context context) {
  const std::chrono::seconds time(number(context.input(), "seconds", 3600));
  const wft::custom_task nap = context.start_task("nap");
  bool woken = false;
  try {
    co_await context.sleep_for(time);
  } catch (const wft::workflow_cancelled&) {
    woken = true;
  }
  if (woken) {
    nap.cancel("woken");
    throw wft::workflow_cancelled();
  }
  nap.complete();
  co_return "well rested";
}

json::object object_schema(json::object properties, json::array required) {
  json::object schema;
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  schema["required"] = std::move(required);
  return schema;
}

json::object typed(const char* type) {
  json::object schema;
  schema["type"] = type;
  return schema;
}

json::array names(const char* one) {
  json::array list;
  list.emplace_back(one);
  return list;
}

}  // namespace

wft::workflow_definition support_workflow() {
  wft::workflow_definition definition("support-workflow", run_support);
  definition.display_name = "Support ticket";
  definition.description = "Answers a ticket, once a person has approved the draft";
  definition.tags.push_back("sample");
  json::object input;
  input["ticket"] = typed("string");
  input["pace_ms"] = typed("integer");
  definition.input_schema = object_schema(input, names("ticket"));
  json::object approval;
  approval["by"] = typed("string");
  definition.signal_handlers.emplace_back("approve", object_schema(approval, names("by")));
  definition.queries.emplace_back("status");
  json::object levels = typed("string");
  json::array allowed = names("low");
  allowed.emplace_back("normal");
  allowed.emplace_back("high");
  levels["enum"] = allowed;
  json::object change;
  change["priority"] = levels;
  definition.updates.emplace_back("set_priority", object_schema(change, names("priority")));
  return definition;
}

wft::workflow_definition echo() { return wft::workflow_definition("echo", run_echo); }
wft::workflow_definition ticker() { return wft::workflow_definition("ticker", run_ticker); }
wft::workflow_definition failing() { return wft::workflow_definition("failing", run_failing); }
wft::workflow_definition sleeper() { return wft::workflow_definition("sleeper", run_sleeper); }

std::vector<wft::workflow_definition> workflows() {
  std::vector<wft::workflow_definition> all;
  all.push_back(support_workflow());
  all.push_back(echo());
  all.push_back(ticker());
  all.push_back(failing());
  all.push_back(sleeper());
  return all;
}

}  // namespace sample
