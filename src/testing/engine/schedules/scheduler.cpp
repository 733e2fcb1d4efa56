// How schedules fire.
#include "testing/engine/core/scheduler.hpp"

#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"

#include <algorithm>

namespace mistral::workflows::testing {

namespace json = boost::json;

namespace {

/// A start that is no later than this is none that was missed, whatever the policy says.
constexpr std::chrono::seconds always_made_up(10);
/// No window is longer: it must fit the clock.
constexpr std::chrono::seconds longest_window = std::chrono::years(100);

std::chrono::seconds window_of(const schedule_policy& policy) {
  return std::clamp(std::chrono::seconds(policy.catchup_window_seconds), always_made_up, longest_window);
}

}  // namespace

timestamp scheduler::now() const { return std::chrono::floor<timestamp::duration>(core_.time->now()); }

void scheduler::write(const std::string& id, json::object change, std::string_view counted) {
  record_draft draft(record_kind::schedule);
  change["id"] = id;
  draft.schedule = std::move(change);
  draft.counted = counted;
  core_.write(std::move(draft));
}

void scheduler::begin() {
  at_work_ = true;
  for (const auto& [id, schedule] : core_.store.schedules().all()) go_on(id);
}

void scheduler::workflow_known(const std::string& name) {
  if (!at_work_) return;
  for (const auto& [id, schedule] : core_.store.schedules().all())
    if (schedule.workflow_name == name) go_on(id);
}

/// Not from within: whatever ends a run first finishes its own work.
void scheduler::run_ended(const std::string& id) {
  core_.post([this, id] { go_on(id); });
}

void scheduler::shut_down() {
  at_work_ = false;
  for (const auto& [id, timer] : timers_) core_.time->forget(timer);
  timers_.clear();
}

void scheduler::forget_timer(const std::string& id) {
  auto entry = timers_.find(id);
  if (entry == timers_.end()) return;
  core_.time->forget(entry->second);
  timers_.erase(entry);
}

bool scheduler::may_start(const schedule_state& schedule) const {
  return schedule.times && !schedule.paused && !schedule.exhausted();
}

/// Leaves out what was missed longer ago than the policy's window.
std::optional<planned_start> scheduler::next_start(const schedule_state& schedule) const {
  if (!may_start(schedule)) return std::nullopt;
  const auto earliest = now() - window_of(schedule.definition.policy);
  const auto jitter =
      std::clamp<duration>(schedule.definition.jitter.value_or(duration(0)), duration(0), longest_window);
  const auto from = std::max(schedule.handled, earliest - jitter - duration(1));
  auto next = schedule.times->next(from);
  while (next && next->due < earliest) next = schedule.times->next(next->nominal);
  return next;
}

void scheduler::go_on(const std::string& id) {
  forget_timer(id);
  const auto* schedule = core_.store.schedules().find(id);
  if (!at_work_ || !schedule || !core_.find_definition(schedule->workflow_name)) return;
  make_starts(id, schedule->due, std::nullopt);
  auto next = next_start(*schedule);
  for (; next && next->due <= now(); next = next_start(*schedule)) {
    auto due = schedule->due;
    due.emplace_back(next->due, false, std::nullopt);
    make_starts(id, std::move(due), next->nominal);
  }
  if (!next) return;
  timers_[id] = core_.time->call_at(next->due, [weak = core_.weak_from_this(), id] {
    if (auto core = weak.lock()) core->schedules().go_on(id);
  });
}

/// Takes note of executions that have ended since, and pauses if one of them failed and the policy says so.
void scheduler::note_ends(const std::string& id) {
  const auto& schedule = known(id);
  const auto executions = schedule.executions;
  for (const auto& one : executions) {
    const auto& last = core_.execution(one.execution_id).latest();
    if (!last.over()) continue;
    json::object change;
    change["ended"] = one.execution_id;
    const bool failed = last.status == run_status::failed || last.status == run_status::timed_out;
    if (failed && schedule.definition.policy.pause_on_failure && !schedule.paused) {
      change["paused"] = true;
      change["note"] = "Paused because execution " + one.execution_id + " failed";
    }
    write(id, std::move(change));
  }
}

/// Makes those of the starts that can be made now; `handled` is
/// what the first record is to say about the schedule besides.
void scheduler::make_starts(const std::string& id, std::vector<due_start> due,
                            std::optional<timestamp> handled) {
  for (;;) {
    note_ends(id);
    const auto& schedule = known(id);
    std::erase_if(due, [&](const auto& one) { return !one.manual && !may_start(schedule); });
    const auto decided = decide_overlap(due, schedule.running(), schedule.definition.policy.overlap);

    // What is still to be made stands in each record, so that
    // a server that is killed in between goes on from there.
    auto left = decided.beside;
    if (decided.alone) left.push_back(*decided.alone);
    const auto beside = decided.beside.size();
    const auto change_after = [&](std::size_t made) {
      std::vector<due_start> rest(left.begin() + static_cast<std::ptrdiff_t>(made), left.end());
      rest.insert(rest.end(), decided.later.begin(), decided.later.end());
      json::object change;
      change["due"] = to_json(rest);
      if (handled) change["handled"] = to_microseconds(*handled);
      return change;
    };
    if (left.empty() && (handled || schedule.due != decided.later)) write(id, change_after(0));
    for (std::size_t index = 0; index < left.size(); ++index)
      start(id, left[index], index < beside, change_after(index + 1));

    if (decided.cancel && !decided.terminate) cancel(schedule);
    if (!decided.terminate) return;
    terminate(schedule);
    due = schedule.due;
    handled.reset();
  }
}

void scheduler::start(const std::string& id, const due_start& one, bool beside, json::object change) {
  const auto& schedule = known(id);
  const bool limited = !one.manual && !may_start(schedule);
  start_request request;
  request.input = schedule.definition.input;
  request.schedule_id = id;
  request.deployment_name = schedule.deployment_name;
  change["id"] = id;
  request.schedule_change = change;
  json::object started;
  started["at"] = to_microseconds(one.scheduled_at);
  started["manual"] = one.manual;
  started["beside"] = beside;
  request.schedule_change["started"] = std::move(started);
  try {
    if (!limited) core_.start(schedule.workflow_name, request, {});
    if (limited) write(id, std::move(change));
  } catch (const api_failure&) {
    // The workflow takes this input no longer. The start is lost,
    // as it would be with the API, and the schedule goes on.
    write(id, std::move(change));
  }
}

void scheduler::cancel(const schedule_state& schedule) {
  const auto executions = schedule.executions;
  for (const auto& one : executions) {
    if (one.beside) continue;
    try {
      auto& last = core_.running(one.execution_id);
      if (!last.cancel_requested) core_.step_from_outside(last, record_kind::cancel, json::object(), {});
    } catch (const api_failure&) {
      // It came to its end by itself, just now.
    }
  }
}

void scheduler::terminate(const schedule_state& schedule) {
  const auto executions = schedule.executions;
  for (const auto& one : executions) {
    auto& last = core_.execution(one.execution_id).latest();
    if (one.beside || last.over()) continue;
    json::object own;
    own["error"] = "the schedule's next start came";
    core_.end(last, run_status::terminated, std::move(own), {});
  }
}

}  // namespace mistral::workflows::testing
