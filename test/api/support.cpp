#include "api/support.hpp"

#include "running.hpp"

#include <memory>

namespace test {
namespace {

using wf::testing::workflow_context;
using wf::testing::workflow_definition;

asio::awaitable<json::value> echo(workflow_context context) { co_return context.input(); }

asio::awaitable<json::value> gate(workflow_context context) {
  const auto state = std::make_shared<json::value>("closed");
  context.on_query("state", [state](const json::value&) { return *state; });
  context.on_update("set", [state](const json::value& input) {
    *state = input.at("to");
    return *state;
  });
  context.start_task("waiting");
  context.log("INFO", "waiting for the signal");
  json::value by = co_await context.wait_signal("go");
  json::object result;
  result["state"] = *state;
  result["by"] = by;
  co_return result;
}

asio::awaitable<json::value> fails(workflow_context) {
  throw wf::testing::workflow_failure("out of paper");
  co_return nullptr;
}

asio::awaitable<json::value> sleeps(workflow_context context) {
  context.start_task("nap");
  co_await context.sleep_for(std::chrono::hours(1));
  co_return nullptr;
}

asio::awaitable<json::value> again(workflow_context context) {
  const std::int64_t left = context.input().at("left").as_int64();
  if (left == 0) co_return context.input().at("then");
  json::object next = context.input().as_object();
  next["left"] = left - 1;
  wf::testing::continue_options how;
  how.new_execution_id = next.contains("elsewhere");
  co_return context.continue_as_new(next, how);
}

asio::awaitable<json::value> ticks(workflow_context context) {
  const std::int64_t count = context.input().at("count").as_int64();
  const auto task = context.start_task("clock");
  for (std::int64_t tick = 1; tick <= count; ++tick) task.progress(tick);
  co_return count;
}

workflow_definition gate_definition() {
  workflow_definition out("gate", gate);
  json::object input;
  input["type"] = "object";
  input["required"] = json::array();
  input["required"].as_array().emplace_back("to");
  out.signal_handlers.emplace_back("go");
  out.queries.emplace_back("state");
  out.updates.emplace_back("set", input);
  return out;
}

}  // namespace

std::vector<workflow_definition> workflows() {
  std::vector<workflow_definition> out;
  out.emplace_back("echo", echo);
  out.push_back(gate_definition());
  out.emplace_back("fails", fails);
  out.emplace_back("sleeps", sleeps);
  out.emplace_back("again", again);
  out.emplace_back("ticks", ticks);
  return out;
}

namespace {

wf::testing::local_server_options with_workflows(wf::testing::local_server_options options) {
  options.workflows = workflows();
  options.api_key = "test-key";
  return options;
}

}  // namespace

local::local(wf::testing::local_server_options server_options)
    : server(with_workflows(std::move(server_options))), client(io, options()) {}

wf::client_options local::options() const {
  wf::client_options out;
  out.server_url = server.url();
  out.tls.ca_pem = server.ca_pem();
  out.api_key = "test-key";
  out.retry.initial_backoff = std::chrono::milliseconds(2);
  out.retry.max_backoff = std::chrono::milliseconds(20);
  return out;
}

void local::run(std::function<asio::awaitable<void>()> body) { test::run(io, std::move(body)); }

}  // namespace test
