// Children: executions that a workflow starts and may wait for.
#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/workflow_run.hpp"

#include <utility>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

child_execution workflow_run::start_child(const std::string& workflow, boost::json::value input,
                                          const child_options& options) {
  auto number = static_cast<int>(children_.size());
  boost::json::object fixed;
  fixed["number"] = number;
  fixed["workflow"] = workflow;
  fixed["input"] = input;

  std::optional<new_run> next;
  std::vector<new_event> next_events;
  boost::json::object free;
  if (!closed_ && !replaying()) {
    next = plan_child(workflow, std::move(input), options, free);
    if (next) next_events = core_.started_event(*next, 1);
  }
  auto is_new = next.has_value();
  const auto& written =
      command(record_kind::child, fixed, std::move(free), {}, std::move(next), std::move(next_events));
  auto own = from_text(written.data).as_object();
  if (auto* error = own.if_contains("error")) throw workflow_failure(std::string(error->as_string()));

  started_child made;
  made.execution_id = text_of(own, "execution_id");
  auto run_id = text_of(own, "run_id");
  if (is_new) core_.bring_to_life(*core_.store.find_run(run_id));
  child_execution handle(shared_from_this(), number, made.execution_id, run_id);
  children_.push_back(std::move(made));
  return handle;
}

/// Fills `free` with the ids of the child, or with why there is
/// none: that too must come out the same when it is repeated.
std::optional<new_run> workflow_run::plan_child(const std::string& workflow, boost::json::value input,
                                                const child_options& options, boost::json::object& free) {
  auto definition = core_.find_definition(workflow);
  auto execution_id = options.execution_id.value_or(random_uuid());
  auto* same = core_.store.find_execution(execution_id);
  if (!definition) {
    free["error"] = "the workflow '" + workflow + "' is not known";
    return std::nullopt;
  }
  if (same && !same->latest().over()) {
    free["error"] = "the execution '" + execution_id + "' is already started";
    return std::nullopt;
  }
  auto next = core_.plan_run(*definition, execution_id, std::move(input));
  next.identity.parent_execution_id = state_.identity.execution_id;
  next.identity.root_execution_id = state_.identity.root_execution_id;
  next.outlives_parent = options.outlives_parent;
  free["execution_id"] = execution_id;
  free["run_id"] = next.identity.run_id;
  return next;
}

asio::awaitable<boost::json::value> workflow_run::child_result(run_pointer run, int number) {
  auto& child = run->children_.at(static_cast<std::size_t>(number));
  if (!child.done) {
    auto wait = run->add_wait();
    child.waits.push_back(wait);
    co_await wait->wait();
  }
  auto outcome = run->children_.at(static_cast<std::size_t>(number)).outcome;
  if (auto* result = outcome.if_contains("result")) co_return *result;
  auto status = text_of(outcome, "status");
  throw step_failed("the child ended as " + status + ": " + text_of(outcome, "error"), status);
}

/// A child's end is looked for when the run waits, rather than
/// told by the child: so it is found after a restart too.
bool workflow_run::take_ended_child() {
  for (std::size_t number = 0; number < children_.size(); ++number) {
    if (children_[number].done) continue;
    const auto* execution = core_.store.find_execution(children_[number].execution_id);
    const auto& ended = execution->latest();
    if (!ended.over()) continue;
    boost::json::object own;
    own["number"] = number;
    own["status"] = to_text(ended.status);
    if (ended.status == run_status::completed) {
      own["result"] = from_text(ended.result);
    } else {
      own["error"] = ended.failure;
    }
    receive(record_kind::child_done, std::move(own));
    return true;
  }
  return false;
}

void workflow_run::child_is_over(const boost::json::object& own) {
  auto number = own.at("number").to_number<std::size_t>();
  if (number >= children_.size()) {
    mismatch_ = "its journal ends a child that it never started";
    return;
  }
  auto& child = children_[number];
  child.done = true;
  child.outcome = own;
  for (const auto& wait : std::exchange(child.waits, {})) wait->complete(nullptr);
}

}  // namespace mistral::workflows::testing
