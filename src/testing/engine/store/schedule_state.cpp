#include "testing/engine/store/schedule_state.hpp"

#include "testing/engine/common/json_text.hpp"

#include "protocol/json/decode.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace mistral::workflows::testing {

namespace json = boost::json;

namespace {

timestamp from_microseconds(const json::value& count) {
  return timestamp(duration(count.to_number<std::int64_t>()));
}

std::vector<due_start> due_from(const json::array& list) {
  std::vector<due_start> made;
  for (const auto& one : list) {
    const auto& item = one.as_object();
    std::optional<schedule_overlap> overlap;
    if (const auto* policy = item.if_contains("overlap"))
      overlap = static_cast<schedule_overlap>(policy->to_number<std::int32_t>());
    made.emplace_back(from_microseconds(item.at("at")), item.at("manual").as_bool(), overlap);
  }
  return made;
}

void define(schedule_state& schedule, const json::object& definition) {
  if (auto problem = protocol::decode(to_text(definition), schedule.definition))
    throw std::runtime_error("the definition of schedule '" + schedule.id + "' at " + problem->path + ": " +
                             problem->reason);
  try {
    schedule.times = std::make_shared<schedule_times>(schedule.definition, schedule.id);
  } catch (const schedule_problem&) {
    // It was checked when it came. Since then the system has
    // lost the time zone; the schedule waits until it is back.
    schedule.times = nullptr;
  }
}

void note_start(schedule_state& schedule, const json::object& start, const std::string& execution_id,
                clock::time_point at) {
  if (!start.at("manual").as_bool()) ++schedule.starts;
  schedule.executions.emplace_back(execution_id, start.at("beside").as_bool());
  schedule_recent_execution recent;
  recent.scheduled_at = from_microseconds(start.at("at"));
  recent.started_at = std::chrono::floor<timestamp::duration>(at);
  recent.execution_id = execution_id;
  schedule.recent.push_back(std::move(recent));
  if (schedule.recent.size() > schedule_state::recent_limit) schedule.recent.erase(schedule.recent.begin());
}

}  // namespace

std::optional<std::int64_t> schedule_state::remaining() const {
  if (!definition.max_executions) return std::nullopt;
  return std::max<std::int64_t>(*definition.max_executions - starts, 0);
}

bool schedule_state::running() const {
  return std::any_of(executions.begin(), executions.end(), [](const auto& one) { return !one.beside; });
}

void schedule_book::apply(const json::object& change, const std::string* started_id, clock::time_point at) {
  const auto id = text_of(change, "id");
  if (change.contains("removed")) {
    all_.erase(id);
    return;
  }
  if (const auto* workflow = change.if_contains("workflow")) {
    auto& made = all_[id];
    made.id = id;
    made.order = ++made_;
    made.workflow_name = workflow->as_string();
  }
  auto& schedule = all_.at(id);
  if (const auto* definition = change.if_contains("definition")) define(schedule, definition->as_object());
  if (change.contains("deployment")) schedule.deployment_name = optional_text(change, "deployment");
  if (const auto* paused = change.if_contains("paused")) schedule.paused = paused->as_bool();
  if (change.contains("note")) schedule.note = optional_text(change, "note");
  if (const auto* handled = change.if_contains("handled")) schedule.handled = from_microseconds(*handled);
  if (const auto* due = change.if_contains("due")) schedule.due = due_from(due->as_array());
  if (const auto* ended = change.if_contains("ended"))
    std::erase_if(schedule.executions,
                  [&](const auto& one) { return one.execution_id == ended->as_string(); });
  const auto* started = change.if_contains("started");
  if (started && started_id) note_start(schedule, started->as_object(), *started_id, at);
}

const schedule_state* schedule_book::find(const std::string& id) const {
  const auto entry = all_.find(id);
  return entry == all_.end() ? nullptr : &entry->second;
}

json::array to_json(const std::vector<due_start>& due) {
  json::array list;
  for (const auto& one : due) {
    json::object item;
    item["at"] = to_microseconds(one.scheduled_at);
    item["manual"] = one.manual;
    if (one.overlap) item["overlap"] = static_cast<std::int32_t>(*one.overlap);
    list.push_back(std::move(item));
  }
  return list;
}

std::int64_t to_microseconds(timestamp time) { return time.time_since_epoch().count(); }

}  // namespace mistral::workflows::testing
