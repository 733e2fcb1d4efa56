// What is asked of a running execution: signal, query, update, cancel, terminate.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/schema_check.hpp"
#include "testing/engine/core/engine_core.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

void check_input(const std::vector<handler_declaration>& declared, const std::string& name,
                 const boost::json::value& input) {
  auto declaration =
      std::find_if(declared.begin(), declared.end(), [&](const auto& one) { return one.name == name; });
  if (declaration == declared.end()) return;
  if (auto problem = check_schema(declaration->input_schema, input))
    refuse_invalid("Invalid input of '" + name + "': " + *problem);
}

/// What a handler threw, as an answer.
[[noreturn]] void refuse_as(const std::string& name) {
  try {
    throw;
  } catch (const invalid_input& refused) {
    refuse_invalid("Invalid input of '" + name + "': " + refused.what());
  } catch (...) {
    refuse_internal();
  }
}

boost::json::object named(const char* member, const std::string& name, boost::json::value result) {
  boost::json::object answer;
  answer[member] = name;
  answer["result"] = std::move(result);
  return answer;
}

}  // namespace

execution_state& engine_core::execution(const std::string& id) {
  auto* found = store.find_execution(id);
  if (!found) refuse_execution_not_found(id);
  return *found;
}

const run_state& engine_core::run(const std::string& run_id) {
  const auto* found = store.find_run(run_id);
  if (!found) refuse_execution_not_found(run_id);
  return *found;
}

run_state& engine_core::running(const std::string& execution_id) {
  auto& found = execution(execution_id);
  // What came before must be carried out before: steps from
  // outside are handed over only to a workflow that waits.
  if (auto* at_work = live(found.latest())) at_work->drive();
  auto& latest = found.latest();
  if (auto* at_work = live(latest)) at_work->drive();
  if (latest.over()) refuse_not_running(execution_id, to_text(latest.status));
  return latest;
}

void engine_core::signal(const std::string& execution_id, const std::string& name,
                         const boost::json::value& input) {
  auto& latest = running(execution_id);
  boost::json::object own;
  own["name"] = name;
  own["input"] = input;
  step_from_outside(latest, record_kind::signal, std::move(own), "executions.signal");
}

/// Written at once; handed over now if the workflow runs here, else when it does.
void engine_core::step_from_outside(run_state& run, record_kind kind, boost::json::object own,
                                    std::string_view counted) {
  if (auto* at_work = live(run)) {
    at_work->receive(kind, std::move(own), {}, counted);
    drive_later(run);
    return;
  }
  record_draft draft(kind);
  draft.run = &run;
  draft.own = std::move(own);
  draft.counted = counted;
  write(std::move(draft));
}

boost::json::value engine_core::query(const std::string& execution_id, const std::string& name,
                                      const boost::json::value& input) {
  auto& latest = running(execution_id);
  auto* at_work = live(latest);
  if (!at_work) refuse_internal();
  if (!at_work->answers(name)) refuse_invalid("Unknown query '" + name + "'");
  check_input(at_work->definition_->queries, name, input);
  boost::json::value result;
  try {
    result = at_work->answer_query(name, input);
  } catch (...) {
    refuse_as(name);
  }
  count(latest, "executions.query");
  return named("query_name", name, std::move(result));
}

boost::json::value engine_core::update(const std::string& execution_id, const std::string& name,
                                       const boost::json::value& input) {
  auto& latest = running(execution_id);
  auto* at_work = live(latest);
  if (!at_work) refuse_internal();
  if (!at_work->updates(name)) refuse_invalid("Unknown update '" + name + "'");
  check_input(at_work->definition_->updates, name, input);
  boost::json::value result;
  try {
    result = at_work->carry_out_update(name, input);
  } catch (...) {
    drive_later(latest);
    refuse_as(name);
  }
  drive_later(latest);
  return named("update_name", name, std::move(result));
}

void engine_core::count(run_state& run, std::string_view operation) {
  record_draft draft(record_kind::did);
  draft.run = &run;
  draft.counted = operation;
  write(std::move(draft));
}

void engine_core::cancel(const std::string& execution_id) {
  auto& latest = running(execution_id);
  // Asking again changes nothing, but is accepted.
  if (latest.cancel_requested) return count(latest, "executions.cancel");
  step_from_outside(latest, record_kind::cancel, boost::json::object(), "executions.cancel");
}

void engine_core::terminate(const std::string& execution_id) {
  auto& latest = execution(execution_id).latest();
  if (latest.over()) refuse_not_running(execution_id, to_text(latest.status));
  boost::json::object own;
  own["error"] = "the workflow was terminated";
  end(latest, run_status::terminated, std::move(own), {}, "executions.terminate");
}

}  // namespace mistral::workflows::testing
