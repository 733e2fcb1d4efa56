// From a request to start to a coroutine at work; also after a restart of the server.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/schema_check.hpp"
#include "testing/engine/core/deployer.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/scheduler.hpp"

namespace mistral::workflows::testing {

engine_core::engine_core(boost::asio::any_io_executor on, std::shared_ptr<testing::clock> clock_to_use,
                         const std::filesystem::path& folder)
    : executor(std::move(on)), time(std::move(clock_to_use)) {
  if (!time) time = std::make_shared<real_clock>(executor);
  if (!folder.empty()) journal_ = std::make_unique<journal>(folder);
  schedules_ = std::make_unique<scheduler>(*this);
  deployments_ = std::make_unique<deployer>(*this);
}

engine_core::~engine_core() = default;

run_state& engine_core::start(const std::string& workflow_identifier, const start_request& request,
                              std::string_view counted) {
  auto definition = find_definition(workflow_identifier);
  if (!definition) refuse_workflow_not_found(workflow_identifier);
  auto execution_id = request.execution_id.value_or(random_uuid());
  auto* same = store.find_execution(execution_id);
  if (same && !same->latest().over()) refuse_already_started(execution_id);
  if (auto problem = check_schema(definition->input_schema, request.input))
    refuse_invalid("Invalid input: " + *problem);

  record_draft draft(record_kind::start);
  draft.next = plan_run(*definition, execution_id, request.input);
  draft.next->identity.schedule_id = request.schedule_id;
  if (request.deployment_name) draft.next->identity.deployment_name = request.deployment_name;
  draft.next_events = started_event(*draft.next, 1);
  draft.next->tracing = request.tracing;
  draft.counted = counted;
  draft.schedule = request.schedule_change;
  write(std::move(draft));
  auto& run = store.find_execution(execution_id)->latest();
  bring_to_life(run);
  return run;
}

new_run engine_core::plan_run(const workflow_definition& definition, const std::string& execution_id,
                              boost::json::value input) const {
  new_run run;
  run.identity.run_id = random_uuid();
  run.identity.first_run_id = run.identity.run_id;
  run.identity.root_execution_id = execution_id;
  run.identity.execution_id = execution_id;
  run.identity.workflow_name = definition.name;
  run.identity.deployment_name = definition.deployment_name;
  run.input = std::move(input);
  run.id_seed = run.identity.run_id;
  return run;
}

std::vector<new_event> engine_core::started_event(const new_run& run, int attempt) const {
  auto definition = find_definition(run.identity.workflow_name);
  boost::json::object attributes;
  attributes["task_id"] = run.identity.run_id;
  attributes["workflow_name"] = run.identity.workflow_name;
  attributes["display_name"] = definition ? definition->display_name : run.identity.workflow_name.str();
  attributes["input"] = json_payload(run.input);
  attributes["attempt"] = attempt;
  std::vector<new_event> events;
  events.emplace_back("WORKFLOW_EXECUTION_STARTED", std::move(attributes));
  return events;
}

/// Without a definition of its workflow the run stays as it is: what
/// comes for it is written down, and `define` brings it to life.
void engine_core::bring_to_life(run_state& run) {
  auto definition = find_definition(run.identity.workflow_name);
  if (!definition) return;
  live_[&run] = std::make_shared<workflow_run>(*this, run, std::move(definition));
  drive_later(run);
}

workflow_run* engine_core::live(const run_state& run) const {
  auto entry = live_.find(&run);
  return entry == live_.end() ? nullptr : entry->second.get();
}

void engine_core::drive_later(const run_state& run) {
  auto entry = live_.find(&run);
  if (entry == live_.end()) return;
  post([weak = std::weak_ptr<workflow_run>(entry->second)] {
    if (auto at_work = weak.lock()) at_work->drive();
  });
}

void engine_core::shut_down() {
  shut_down_ = true;
  schedules_->shut_down();
  deployments_->shut_down();
  auto runs = std::move(live_);
  live_.clear();
  for (auto& [state, run] : runs) run->close();
  runs.clear();
  wake_all();
  journal_.reset();
}

}  // namespace mistral::workflows::testing
