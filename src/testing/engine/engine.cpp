#include "testing/engine/engine.hpp"

#include "testing/engine/common/failure.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/subscription_state.hpp"
#include "testing/engine/traces/history.hpp"
#include "testing/engine/views/listing.hpp"
#include "testing/engine/views/views.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

/// One operation for each id, in the API's form: a refusal of one is an entry, not an error of the whole.
template <class Operation>
boost::json::object for_each_id(const std::vector<std::string>& execution_ids, Operation operation) {
  boost::json::object results;
  for (const auto& id : execution_ids) {
    boost::json::object result;
    try {
      operation(id);
      result["status"] = "success";
      result["error"] = nullptr;
    } catch (const api_failure& refused) {
      result["status"] = "failure";
      result["error"] = refused.what();
    }
    results[id] = std::move(result);
  }
  boost::json::object answer;
  answer["results"] = std::move(results);
  return answer;
}

boost::json::object with_status(boost::json::object shown, bool active) {
  shown["active"] = active;
  return shown;
}

}  // namespace

engine_options::engine_options() = default;
engine_options::~engine_options() = default;
engine_options::engine_options(const engine_options&) = default;
engine_options& engine_options::operator=(const engine_options&) = default;

engine::engine(boost::asio::any_io_executor executor, engine_options options)
    : core_(std::make_shared<engine_core>(std::move(executor), std::move(options.clock),
                                          options.state_folder)) {
  core_->read_journal();
  for (auto& workflow : options.workflows) core_->define(std::move(workflow));
  core_->end_orphans();
  core_->schedules().begin();
  core_->deployments().begin();
}

engine::~engine() { core_->shut_down(); }

void engine::define(workflow_definition definition) { core_->define(std::move(definition)); }
bool engine::settled() const { return core_->settled(); }
testing::clock& engine::clock() { return *core_->time; }
scheduler& engine::schedules() { return core_->schedules(); }
deployer& engine::deployments() { return core_->deployments(); }
const counters& engine::done() const { return core_->store.done(); }

boost::json::object engine::list_workflows(const workflow_filter& filter) const {
  return testing::list_workflows(*core_, filter);
}

boost::json::object engine::get_workflow(const std::string& identifier) const {
  const auto& definition = core_->known_workflow(identifier);
  boost::json::object answer;
  answer["workflow"] = with_status(show_workflow_in_full(definition), core_->active(definition));
  return answer;
}

boost::json::object engine::execute(const std::string& workflow_identifier, const start_request& request) {
  return show_run_with_result(core_->start(workflow_identifier, request));
}

boost::asio::awaitable<bool> engine::wait_for_end(std::string execution_id,
                                                  std::optional<std::chrono::nanoseconds> limit) {
  return engine_core::wait_for_end(core_, std::move(execution_id), limit);
}

boost::json::object engine::get_execution(const std::string& execution_id, bool with_search_keys) const {
  const auto& run = core_->execution(execution_id).latest();
  auto shown = show_run_with_result(run);
  if (with_search_keys) shown["search_keys"] = show_search_keys(run);
  return shown;
}

boost::json::value engine::history(const std::string& execution_id) const {
  return make_history(core_->store, core_->execution(execution_id).latest());
}

void engine::signal(const std::string& execution_id, const std::string& name,
                    const boost::json::value& input) {
  core_->signal(execution_id, name, input);
}

boost::json::value engine::query(const std::string& execution_id, const std::string& name,
                                 const boost::json::value& input) {
  return core_->query(execution_id, name, input);
}

boost::json::value engine::update(const std::string& execution_id, const std::string& name,
                                  const boost::json::value& input) {
  return core_->update(execution_id, name, input);
}

void engine::cancel(const std::string& execution_id) { core_->cancel(execution_id); }
void engine::terminate(const std::string& execution_id) { core_->terminate(execution_id); }

boost::json::object engine::cancel_all(const std::vector<std::string>& execution_ids) {
  return for_each_id(execution_ids, [this](const std::string& id) { core_->cancel(id); });
}

boost::json::object engine::terminate_all(const std::vector<std::string>& execution_ids) {
  return for_each_id(execution_ids, [this](const std::string& id) { core_->terminate(id); });
}

void engine::reset(const std::string& execution_id, const reset_request& request) {
  core_->reset(execution_id, request);
}

boost::json::object engine::list_runs(const run_filter& filter) const {
  return testing::list_runs(*core_, filter);
}
boost::json::object engine::get_run(const std::string& run_id) const {
  return show_run_with_result(core_->run(run_id));
}
boost::json::value engine::run_history(const std::string& run_id) const {
  return make_history(core_->store, core_->run(run_id));
}

subscription engine::subscribe(const std::string& execution_id, std::int64_t from) {
  const auto& execution = core_->execution(execution_id);
  auto made = std::make_shared<subscription::state>(core_, core_->executor);
  made->execution = &execution;
  const auto& events = execution.events;
  made->position =
      static_cast<std::size_t>(std::lower_bound(events.begin(), events.end(), from) - events.begin());
  core_->add_subscription(made);
  return subscription(std::move(made));
}

subscription engine::subscribe_all(event_filter filter, std::int64_t from) {
  auto made = std::make_shared<subscription::state>(core_, core_->executor);
  made->filter = std::move(filter);
  made->position = static_cast<std::size_t>(std::max<std::int64_t>(from - 1, 0));
  core_->add_subscription(made);
  return subscription(std::move(made));
}

boost::json::object engine::list_events(const event_filter& filter, int limit,
                                        const std::optional<std::string>& cursor) const {
  return testing::list_events(*core_, filter, limit, cursor);
}

std::int64_t engine::last_sequence() const { return core_->store.last_sequence(); }

}  // namespace mistral::workflows::testing
