// How runs end: from what the workflow function returned or
// threw to a status, an event, and what follows from it.
#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/scheduler.hpp"

#include <algorithm>
#include <cmath>

namespace mistral::workflows::testing {
namespace {

std::vector<new_event> ending_event(const run_state& run, std::string type, boost::json::object more) {
  boost::json::object attributes;
  attributes["task_id"] = run.identity.run_id;
  for (auto& member : more) attributes[member.key()] = std::move(member.value());
  attributes["attempt"] = run.attempt;
  std::vector<new_event> events;
  events.emplace_back(std::move(type), std::move(attributes));
  return events;
}

boost::json::object failure_member(const std::string& message) {
  boost::json::object failure;
  failure["message"] = message;
  boost::json::object more;
  more["failure"] = std::move(failure);
  return more;
}

std::chrono::nanoseconds interval_before(const retry_policy& policy, int next_attempt) {
  auto first = static_cast<double>(policy.first_interval.count());
  auto wanted = first * std::pow(policy.backoff, next_attempt - 2);
  auto limited = std::min(wanted, static_cast<double>(policy.maximum_interval.count()));
  return std::chrono::nanoseconds(static_cast<std::int64_t>(limited));
}

}  // namespace

void engine_core::finish(workflow_run& run) {
  auto done = std::move(*run.outcome_);
  auto& state = run.state_;
  if (!done.error && run.continue_) return continue_run(run);
  boost::json::object own;
  try {
    if (done.error) std::rethrow_exception(done.error);
    boost::json::object more;
    more["result"] = json_payload(done.result);
    own["result"] = std::move(done.result);
    end(state, run_status::completed, std::move(own),
        ending_event(state, "WORKFLOW_EXECUTION_COMPLETED", std::move(more)));
  } catch (const workflow_cancelled& thrown) {
    if (!state.cancel_requested) return fail(state, thrown.what(), false);
    cancelled(state);
  } catch (const workflow_failure& failure) {
    fail(state, failure.what(), failure.is_final());
  } catch (const std::exception& error) {
    fail(state, error.what(), false);
  } catch (...) {
    fail(state, "unknown error", false);
  }
}

void engine_core::end(run_state& run, run_status status, boost::json::object own,
                      std::vector<new_event> events, std::string_view counted) {
  record_draft draft(record_kind::end);
  draft.run = &run;
  draft.own = std::move(own);
  draft.own["status"] = to_text(status);
  draft.events = std::move(events);
  draft.counted = counted;
  write(std::move(draft));
  after_end(run);
}

void engine_core::drop(run_state& run) {
  auto entry = live_.find(&run);
  if (entry == live_.end()) return;
  auto at_work = std::move(entry->second);
  live_.erase(entry);
  at_work->close();
}

/// What follows from any end: the coroutine goes, children
/// that do not outlive it end, and those who wait are told.
void engine_core::after_end(run_state& run) {
  drop(run);
  auto children = run.work().children;
  end_children(children);
  tell_ended(run);
  if (run.identity.schedule_id) schedules_->run_ended(*run.identity.schedule_id);
  const auto& parent = run.identity.parent_execution_id;
  if (auto* execution = parent ? store.find_execution(*parent) : nullptr) drive_later(execution->latest());
  run.pack();
}

void engine_core::cancelled(run_state& run) {
  boost::json::object more;
  more["reason"] = "Cancellation requested";
  boost::json::object own;
  own["error"] = "the workflow was cancelled";
  end(run, run_status::canceled, std::move(own),
      ending_event(run, "WORKFLOW_EXECUTION_CANCELED", std::move(more)));
}

void engine_core::fail(run_state& run, const std::string& message, bool is_final) {
  auto events = ending_event(run, "WORKFLOW_EXECUTION_FAILED", failure_member(message));
  auto definition = find_definition(run.identity.workflow_name);
  boost::json::object own;
  own["error"] = message;
  if (is_final || !definition || run.attempt >= definition->retry.maximum_attempts)
    return end(run, run_status::failed, std::move(own), std::move(events));

  own["due"] = to_nanoseconds(time->now() + interval_before(definition->retry, run.attempt + 1));
  auto children = run.work().children;
  record_draft draft(record_kind::retry);
  draft.run = &run;
  draft.own = std::move(own);
  draft.events = std::move(events);
  write(std::move(draft));
  drop(run);
  end_children(children);
  bring_to_life(run);
}

void engine_core::continue_run(workflow_run& run) {
  auto& state = run.state_;
  auto [input, options] = std::move(*run.continue_);
  new_run next;
  next.identity = state.identity;
  next.identity.run_id = random_uuid();
  next.identity.continued_run_id = state.identity.run_id;
  if (options.new_execution_id) {
    next.identity.execution_id = random_uuid();
    if (!state.identity.parent_execution_id) next.identity.root_execution_id = next.identity.execution_id;
  }
  next.id_seed = next.identity.run_id;
  next.outlives_parent = state.outlives_parent;
  for (const auto& [key, value] : state.work().search_keys) next.search_keys[key] = value;
  if (!state.tracing.empty()) next.tracing = from_text(state.tracing).as_object();
  for (auto& [name, signal_input] : run.mailbox_) {
    boost::json::object item;
    item["kind"] = to_text(record_kind::signal);
    item["name"] = name;
    item["input"] = std::move(signal_input);
    next.backlog.push_back(std::move(item));
  }
  boost::json::object attributes;
  attributes["task_id"] = state.identity.run_id;
  attributes["new_execution_run_id"] = next.identity.run_id;
  attributes["workflow_name"] = state.identity.workflow_name;
  attributes["input"] = json_payload(input);
  next.input = std::move(input);

  record_draft draft(record_kind::continued);
  draft.run = &state;
  draft.events.emplace_back("WORKFLOW_EXECUTION_CONTINUED_AS_NEW", std::move(attributes));
  draft.next_events = started_event(next, 1);
  draft.next = std::move(next);
  auto next_id = draft.next->identity.run_id;
  write(std::move(draft));
  after_end(state);
  bring_to_life(*store.find_run(next_id));
}

/// A child goes with its parent unless the parent's latest run
/// still has it: one that repeats the steps after a reset.
bool engine_core::has_parent(const run_state& child) {
  auto* parent = store.find_execution(*child.identity.parent_execution_id);
  if (!parent || parent->latest().over()) return false;
  const auto& children = parent->latest().work().children;
  const auto& runs = store.find_execution(child.identity.execution_id)->runs;
  return std::any_of(runs.begin(), runs.end(), [&](const auto* run) {
    return std::find(children.begin(), children.end(), run->identity.run_id) != children.end();
  });
}

void engine_core::end_if_orphan(run_state& child) {
  if (child.over() || child.outlives_parent || !child.identity.parent_execution_id || has_parent(child))
    return;
  boost::json::object own;
  own["error"] = "its parent has ended";
  end(child, run_status::terminated, std::move(own), {});
}

void engine_core::end_children(const std::vector<std::string>& run_ids) {
  for (const auto& run_id : run_ids)
    end_if_orphan(store.find_execution(store.find_run(run_id)->identity.execution_id)->latest());
}

/// The server may have been killed between a parent's end and its children's.
void engine_core::end_orphans() {
  for (std::size_t index = 0; index < store.runs().size(); ++index) end_if_orphan(*store.runs()[index]);
}

}  // namespace mistral::workflows::testing
