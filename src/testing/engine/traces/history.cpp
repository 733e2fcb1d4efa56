#include "testing/engine/traces/history.hpp"

#include "testing/engine/common/json_text.hpp"
#include "testing/engine/store/event_text.hpp"

#include <array>
#include <utility>

namespace mistral::workflows::testing {
namespace {

/// Names for steps that no stream event shows.
std::string type_of(const step& one) {
  constexpr std::array<std::pair<record_kind, const char*>, 10> names{{
      {record_kind::sleep, "TIMER_STARTED"},
      {record_kind::fired, "TIMER_FIRED"},
      {record_kind::signal, "WORKFLOW_EXECUTION_SIGNALED"},
      {record_kind::update, "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"},
      {record_kind::cancel, "WORKFLOW_EXECUTION_CANCEL_REQUESTED"},
      {record_kind::child, "CHILD_WORKFLOW_EXECUTION_STARTED"},
      {record_kind::child_done, "CHILD_WORKFLOW_EXECUTION_ENDED"},
      {record_kind::search_key, "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"},
      {record_kind::start, "WORKFLOW_EXECUTION_STARTED"},
      {record_kind::attempt, "WORKFLOW_EXECUTION_STARTED"},
  }};
  for (const auto& [kind, name] : names)
    if (kind == one.kind) return name;
  return "WORKFLOW_EXECUTION_" + text_of(from_text(one.data).as_object(), "status");
}

}  // namespace

void each_entry(const std::vector<step>& steps,
                const std::function<void(std::int64_t number, std::size_t step, bool is_task)>& each) {
  std::int64_t number = 0;
  for (std::size_t index = 0; index < steps.size(); ++index) {
    auto kind = steps[index].kind;
    if (kind == record_kind::log) continue;
    each(++number, index, false);
    if (comes_from_outside(kind) && kind != record_kind::activity_retry) each(++number, index, true);
  }
}

boost::json::object entry_of(const store& from, const step& one) {
  boost::json::object entry;
  entry["event_time"] = format_instant(one.at);
  if (one.event != no_event) {
    auto payload = from_text(payload_of(from.event(one.event)));
    entry["event_type"] = payload.at("data").at("event_type");
    entry["attributes"] = payload.at("data").at("attributes");
  } else {
    entry["event_type"] = type_of(one);
    entry["attributes"] = one.data.empty() ? boost::json::value(boost::json::object()) : from_text(one.data);
  }
  return entry;
}

boost::json::value make_history(const store& from, const run_state& run) {
  boost::json::array events;
  const auto work = run.look();
  const auto& steps = work->steps;
  each_entry(steps, [&](std::int64_t number, std::size_t index, bool is_task) {
    boost::json::object entry;
    entry["event_id"] = number;
    if (is_task) {
      entry["event_time"] = format_instant(steps[index].at);
      entry["event_type"] = "WORKFLOW_TASK_COMPLETED";
      entry["attributes"] = boost::json::object();
    } else {
      for (auto& member : entry_of(from, steps[index])) entry[member.key()] = std::move(member.value());
    }
    events.push_back(std::move(entry));
  });
  boost::json::object history;
  history["events"] = std::move(events);
  return history;
}

std::optional<std::size_t> steps_before(const run_state& run, std::int64_t event_id) {
  std::optional<std::size_t> found;
  each_entry(run.look()->steps, [&](std::int64_t number, std::size_t index, bool is_task) {
    if (is_task && number == event_id) found = index + 1;
  });
  return found;
}

boost::json::array valid_reset_events(const run_state& run) {
  boost::json::array numbers;
  each_entry(run.look()->steps, [&](std::int64_t number, std::size_t, bool is_task) {
    if (is_task) numbers.push_back(number);
  });
  return numbers;
}

}  // namespace mistral::workflows::testing
