#include "testing/engine/traces/trace.hpp"

#include "testing/engine/common/json_text.hpp"
#include "testing/engine/traces/history.hpp"
#include "testing/engine/traces/trace_ids.hpp"

#include <algorithm>
#include <map>

namespace mistral::workflows::testing {
namespace {

bool is_internal(std::string_view type) {
  return type.starts_with("WORKFLOW_TASK_") || type.starts_with("TIMER_") || type.starts_with("UPSERT_");
}

/// Attributes of traces hold no objects.
boost::json::object flat(const boost::json::object& attributes) {
  boost::json::object made;
  for (const auto& member : attributes) {
    if (member.value().is_object())
      made[member.key()] = to_text(member.value());
    else
      made[member.key()] = member.value();
  }
  return made;
}

std::optional<std::string> error_in(const boost::json::object& attributes) {
  const auto* failure = attributes.if_contains("failure");
  if (failure && failure->is_object()) return optional_text(failure->as_object(), "message");
  auto reason = optional_text(attributes, "reason");
  return reason ? reason : optional_text(attributes, "timeout_type");
}

/// Events of tasks and activities, which come several to an id.
/// Events that a workflow emits by itself may lack any member.
struct staged {
  staged(const std::string& type, const boost::json::object& attributes) {
    auto of_task = type.starts_with("CUSTOM_TASK_");
    if (!of_task && !type.starts_with("ACTIVITY_TASK_")) return;
    id = optional_text(attributes, of_task ? "custom_task_id" : "task_id");
    name = optional_text(attributes, of_task ? "custom_task_type" : "activity_name").value_or(type);
    stage = std::string_view(type).substr(type.rfind('_') + 1);
  }

  std::optional<std::string> id;
  std::string name;
  std::string stage;  ///< "STARTED", "PROGRESS", "RETRYING", "COMPLETED", "FAILED", "OUT", "CANCELED"
};

void add_progress(trace_event& event, const staged& what, const boost::json::object& attributes,
                  std::map<std::string, clock::time_point>& starts) {
  trace_progress progress;
  progress.start = starts.emplace(*what.id, event.at).first->second;
  if (what.stage == "COMPLETED") progress.status = "COMPLETED";
  if (what.stage == "FAILED" || what.stage == "OUT" || what.stage == "CANCELED") {
    progress.status = "FAILED";
    progress.error = error_in(attributes);
  }
  if (progress.status != "RUNNING") progress.end = event.at;
  event.id = *what.id;
  event.name = what.name;
  event.progress = std::move(progress);
}

void merge_into(trace_event& first, trace_event&& later) {
  for (auto& member : later.attributes) first.attributes[member.key()] = std::move(member.value());
  first.progress = std::move(later.progress);
}

trace_span span_of(const run_state& run, const std::string& parent, trace_event event) {
  trace_span span;
  span.id = span_id_of(run, event.id);
  span.parent_id = parent;
  span.name = std::move(event.name);
  span.start = event.progress->start;
  span.end = event.progress->end;
  // What was not over when the run ended will never be.
  if (!span.end) span.end = run.end;
  span.attributes = std::move(event.attributes);
  span.attributes["status"] = event.progress->status;
  return span;
}

boost::json::object attributes_of(const run_state& run) {
  boost::json::object attributes;
  if (!run.tracing.empty()) attributes = from_text(run.tracing).as_object();
  attributes["workflow_name"] = run.identity.workflow_name;
  attributes["execution_id"] = run.identity.execution_id;
  attributes["run_id"] = run.identity.run_id;
  attributes["status"] = to_text(run.status);
  attributes["attempt"] = run.attempt;
  return attributes;
}

/// By start; after those that began at the same time.
void add_in_order(std::vector<trace_span>& spans, trace_span added) {
  auto before = [](const trace_span& a, const trace_span& b) { return a.start < b.start; };
  auto place = std::upper_bound(spans.begin(), spans.end(), added, before);
  spans.insert(place, std::move(added));
}

}  // namespace

std::vector<trace_event> make_trace_events(const store& from, const run_state& run, bool merge_same_id,
                                           bool include_internal) {
  std::vector<trace_event> events;
  std::map<std::string, clock::time_point> starts;
  std::map<std::string, std::size_t> places;
  const auto work = run.look();
  const auto& steps = work->steps;
  each_entry(steps, [&](std::int64_t number, std::size_t index, bool is_task) {
    trace_event event;
    event.at = steps[index].at;
    event.id = std::to_string(number);
    event.name = "WORKFLOW_TASK_COMPLETED";
    boost::json::object attributes;
    if (!is_task) {
      auto entry = entry_of(from, steps[index]);
      event.name = text_of(entry, "event_type");
      attributes = entry.at("attributes").as_object();
    }
    event.internal = is_internal(event.name);
    if (event.internal && !include_internal) return;
    event.attributes = flat(attributes);
    event.attributes["event_type"] = event.name;
    const staged what(event.name, attributes);
    if (what.id) add_progress(event, what, attributes, starts);
    if (what.id && merge_same_id) {
      auto [place, is_first] = places.emplace(event.id, events.size());
      if (!is_first) return merge_into(events[place->second], std::move(event));
    }
    events.push_back(std::move(event));
  });
  return events;
}

trace_span make_trace_span(const store& from, const run_state& run) {
  trace_span span;
  span.id = span_id_of(run);
  span.name = run.identity.workflow_name;
  span.of_run = true;
  span.start = run.start;
  span.end = run.end;
  span.attributes = attributes_of(run);
  for (auto& event : make_trace_events(from, run, true, false)) {
    if (event.progress)
      span.children.push_back(span_of(run, span.id, std::move(event)));
    else
      span.events.push_back(std::move(event));
  }
  const auto work = run.look();
  for (const auto& one : work->steps) {
    if (one.kind != record_kind::child) continue;
    auto run_id = optional_text(from_text(one.data).as_object(), "run_id");
    const auto* child = run_id ? from.find_run(*run_id) : nullptr;
    if (!child) continue;
    auto of_child = make_trace_span(from, *child);
    of_child.parent_id = span.id;
    add_in_order(span.children, std::move(of_child));
  }
  return span;
}

}  // namespace mistral::workflows::testing
