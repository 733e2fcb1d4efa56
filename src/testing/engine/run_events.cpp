// What a workflow shows without waiting: events, ids, its input, and that it goes on as another run.
#include "testing/engine/engine_core.hpp"
#include "testing/engine/ids.hpp"
#include "testing/engine/json_text.hpp"
#include "testing/engine/workflow_run.hpp"

namespace mistral::workflows::testing {

const boost::json::value& workflow_run::input() {
  if (!input_) input_ = from_text(state_.input);
  return *input_;
}

std::string workflow_run::new_id() {
  return derived_uuid(state_.id_seed + '/' + std::to_string(state_.attempt), ++ids_made_);
}

void workflow_run::emit(new_event event) {
  // Also reached from destructors of a workflow that is dropped, which must neither throw nor show anything.
  if (closed_) return;
  std::vector<new_event> events;
  events.push_back(std::move(event));
  command(record_kind::emit, boost::json::object(), boost::json::object(), std::move(events));
}

void workflow_run::continue_as_new(boost::json::value input, const continue_options& options) {
  continue_.emplace(std::move(input), options);
}

}  // namespace mistral::workflows::testing
