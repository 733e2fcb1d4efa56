// The engine's operations that change workflows or only
// look: workflows, registrations, metrics, traces, logs.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/logs.hpp"
#include "testing/engine/engine.hpp"
#include "testing/engine/traces/trace.hpp"
#include "testing/engine/traces/trace_ids.hpp"
#include "testing/engine/traces/trace_views.hpp"
#include "testing/engine/views/listing.hpp"
#include "testing/engine/views/views.hpp"

namespace mistral::workflows::testing {
namespace {

/// The members that every trace answer has beside its own.
boost::json::object show_traced(const run_state& run) {
  auto shown = show_run_with_result(run);
  if (auto keys = show_search_keys(run); !keys.empty()) shown["search_keys"] = std::move(keys);
  return shown;
}

[[noreturn]] void refuse_registration_not_found(const std::string& id) {
  throw api_failure(404, "WF_1100", "Workflow registration '" + id + "' not found");
}

std::shared_ptr<const workflow_definition> registration(const engine_core& core, const std::string& id) {
  auto found = core.find_registration(id);
  if (!found) refuse_registration_not_found(id);
  return found;
}

}  // namespace

boost::json::object engine::change_workflow(const std::string& identifier, const workflow_settings& change,
                                            std::string_view counted) {
  boost::json::object answer;
  answer["workflow"] = show_workflow_in_full(core_->change_workflow(identifier, change, counted));
  return answer;
}

boost::json::object engine::archive_all(const std::vector<std::string>& workflow_ids, bool archived) {
  workflow_settings change;
  change.archived = archived;
  boost::json::array changed;
  boost::json::array errored;
  for (const auto& id : workflow_ids) {
    try {
      const auto& workflow =
          core_->change_workflow(id, change, archived ? "workflows.archive" : "workflows.unarchive");
      changed.push_back(show_workflow_in_full(workflow));
    } catch (const api_failure& refused) {
      boost::json::object error;
      error["workflow_id"] = id;
      error["workflow"] = nullptr;
      error["message"] = refused.what();
      errored.push_back(std::move(error));
    }
  }
  boost::json::object answer;
  answer[archived ? "archived" : "unarchived"] = std::move(changed);
  answer["errored"] = std::move(errored);
  return answer;
}

boost::json::object engine::metrics(const std::string& workflow_name, const metrics_range& range) const {
  return make_metrics(core_->store, core_->known_workflow(workflow_name).name, range);
}

boost::json::object engine::list_registrations(const registration_filter& filter) const {
  return testing::list_registrations(*core_, filter);
}

boost::json::object engine::get_registration(const std::string& id, bool with_workflow,
                                             bool include_shared) const {
  auto found = registration(*core_, id);
  if (found->shared_namespace && !include_shared) refuse_registration_not_found(id);
  auto shown = show_registration(*found, with_workflow);
  shown["active"] = core_->active(*found);
  boost::json::object answer;
  answer["workflow_version"] = shown;
  answer["workflow_registration"] = std::move(shown);
  return answer;
}

boost::json::object engine::execute_registration(const std::string& id, const start_request& request) {
  return show_run_with_result(core_->start(registration(*core_, id)->name, request, "registrations.execute"));
}

boost::json::object engine::trace_info(const std::string& execution_id) const {
  const auto& run = core_->execution(execution_id).latest();
  boost::json::object answer;
  answer["otel_trace_id"] = trace_id_of(core_->store, run);
  answer["has_trace_data"] = has_ended_span(make_trace_span(core_->store, run));
  return answer;
}

boost::json::object engine::trace_otel(const std::string& execution_id) const {
  const auto& run = core_->execution(execution_id).latest();
  const auto root = make_trace_span(core_->store, run);
  const auto trace_id = trace_id_of(core_->store, run);
  auto answer = show_traced(run);
  answer["data_source"] = "tempo";
  answer["otel_trace_id"] = trace_id;
  answer["otel_trace_data"] = nullptr;
  if (has_ended_span(root))
    answer["otel_trace_data"] =
        show_otel_trace(root, trace_id, run.identity.deployment_name.value_or("local_server"));
  return answer;
}

boost::json::object engine::trace_summary(const std::string& execution_id) const {
  const auto& run = core_->execution(execution_id).latest();
  auto answer = show_traced(run);
  answer["span_tree"] = show_trace_span(make_trace_span(core_->store, run));
  return answer;
}

boost::json::object engine::trace_events(const std::string& execution_id, bool merge_same_id,
                                         bool include_internal) const {
  const auto& run = core_->execution(execution_id).latest();
  boost::json::array events;
  for (const auto& event : make_trace_events(core_->store, run, merge_same_id, include_internal))
    events.push_back(show_trace_event(event));
  auto answer = show_traced(run);
  answer["events"] = std::move(events);
  return answer;
}

boost::json::object engine::list_logs(const log_page_request& request) const {
  if (request.filter.execution_id) core_->execution(*request.filter.execution_id);
  return testing::list_logs(core_->store, request);
}

log_subscription engine::subscribe_logs(log_filter filter, std::int64_t after) {
  if (filter.execution_id) core_->execution(*filter.execution_id);
  auto made = std::make_shared<log_subscription::state>(core_, core_->executor);
  made->filter = std::move(filter);
  made->position = after;
  core_->add_log_reader(made);
  return log_subscription(std::move(made));
}

}  // namespace mistral::workflows::testing
