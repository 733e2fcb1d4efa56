// What a workflow shows without waiting: events, log lines, search
// keys, ids, its input, and that it goes on as another run.
#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/workflow_run.hpp"

namespace mistral::workflows::testing {

const boost::json::value& workflow_run::input() {
  if (!input_) input_ = from_text(state_.input);
  return *input_;
}

std::string workflow_run::new_id() {
  return derived_uuid(state_.id_seed.str() + '/' + std::to_string(state_.attempt), ++ids_made_);
}

void workflow_run::emit(new_event event) {
  // Also reached from destructors of a workflow that is dropped, which must neither throw nor show anything.
  if (closed_) return;
  std::vector<new_event> events;
  events.push_back(std::move(event));
  command(record_kind::emit, boost::json::object(), boost::json::object(), std::move(events));
}

void workflow_run::log(std::string_view severity, std::string_view message,
                       const std::map<std::string, std::string>& attributes) {
  if (closed_) return;
  boost::json::object own;
  own["severity"] = severity;
  own["message"] = message;
  if (!attributes.empty()) {
    auto& written = own["attributes"].emplace_object();
    for (const auto& [name, value] : attributes) written[name] = value;
  }
  auto by_workflow = (driving_ || delivering_) && !asking_ && !working_on_;
  if (by_workflow) {
    command(record_kind::log, boost::json::object(), std::move(own), {});
    return;
  }
  // Neither queries nor the work of activities are repeated with the workflow.
  if (working_on_) {
    own["activity"] = *working_on_ + 1;
    own["task"] = activities_.at(*working_on_).task_id;
  }
  record_draft draft(record_kind::side_log);
  draft.run = &state_;
  draft.own = std::move(own);
  core_.write(std::move(draft));
}

void workflow_run::set_search_key(std::string_view key, std::string_view value) {
  if (closed_) return;
  boost::json::object fixed;
  fixed["key"] = key;
  fixed["value"] = value;
  command(record_kind::search_key, fixed, boost::json::object(), {});
}

void workflow_run::continue_as_new(boost::json::value input, const continue_options& options) {
  continue_.emplace(std::move(input), options);
}

}  // namespace mistral::workflows::testing
