#include "bulk/completions/completion_support.hpp"

#include <utility>

namespace hub_test {

using namespace std::chrono_literals;
using wf::testing::workflow_context;

namespace {

awaitable<test::json::value> flaky(workflow_context context) {
  const std::int64_t times = context.input().at("times").as_int64();
  if (context.attempt() <= times) throw wf::testing::workflow_failure("not yet");
  co_return "at last";
}

awaitable<test::json::value> naps(workflow_context context) {
  co_await context.sleep_for(std::chrono::milliseconds(context.input().at("ms").as_int64()));
  co_return context.input();
}

awaitable<test::json::value> slow(workflow_context context) {
  co_await context.sleep_for(1h);
  co_return nullptr;
}

}  // namespace

with_hub::with_hub(wf::testing::local_server_options options) : local(std::move(options)) {
  wf::testing::workflow_definition patient("flaky", flaky);
  patient.retry.maximum_attempts = 3;
  patient.retry.first_interval = 20ms;
  server.add_workflow(patient);
  wf::testing::workflow_definition hurried("slow", slow);
  hurried.execution_timeout = 50ms;
  server.add_workflow(hurried);
  server.add_workflow(wf::testing::workflow_definition("naps", naps));
}

wf::completions_options with_hub::quickly() {
  wf::completions_options out;
  out.page_interval = 30ms;
  return out;
}

awaitable<started_run> with_hub::start(wf::completions hub, std::string workflow, std::string id,
                                       test::json::value input) {
  wf::expected place = hub.expect(id);
  wf::execute_request request(std::move(input));
  request.execution_id = std::move(id);
  const wf::started_execution run = co_await client.workflows().execute(std::move(workflow), request);
  place.started(run.run_id.value(), run.start_time);
  co_return started_run(std::move(place), *run.run_id);
}

awaitable<wf::completion> with_hub::run_one(wf::completions hub, std::string workflow, std::string id,
                                            test::json::value input) {
  started_run run = co_await start(std::move(hub), std::move(workflow), std::move(id), std::move(input));
  co_return co_await run.place.wait();
}

int with_hub::gets() const {
  const auto counts = server.counts();
  return counts.requests_of("executions.get") + counts.requests_of("runs.get") +
         counts.requests_of("events.list");
}

}  // namespace hub_test
