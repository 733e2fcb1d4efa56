#include "testing/engine/views/listing.hpp"

#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/subscription_state.hpp"
#include "testing/engine/store/event_text.hpp"
#include "testing/engine/views/views.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <utility>

namespace mistral::workflows::testing {
namespace {

bool contains(std::string_view text, std::string_view part) {
  auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

bool is_among(const std::vector<std::string>& wanted, std::string_view has) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), has) != wanted.end();
}

bool has_all(const std::vector<std::string>& wanted, const std::vector<std::string>& has) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& tag) { return std::find(has.begin(), has.end(), tag) != has.end(); });
}

/// Where an item stands in its order; the second part tells items of one instant apart.
using place = std::pair<std::int64_t, std::int64_t>;

place place_in(std::string_view token) {
  auto middle = token.find('-', 1);
  if (middle == std::string_view::npos) refuse_invalid("Unknown page token");
  return place(number_in_token(token.substr(0, middle)), number_in_token(token.substr(middle + 1)));
}

place place_of(const run_state& run, bool by_end) {
  auto still_running = std::numeric_limits<std::int64_t>::max();
  auto time = !by_end ? to_nanoseconds(run.start) : run.end ? to_nanoseconds(*run.end) : still_running;
  return place(time, static_cast<std::int64_t>(run.order));
}

bool is_found_by(std::string_view text, const run_state& run, const workflow_definition* definition) {
  const auto& identity = run.identity;
  return contains(identity.execution_id, text) || contains(identity.run_id, text) ||
         contains(identity.workflow_name, text) ||
         (text.size() == 36 && workflow_uuid(identity.workflow_name) == text) ||
         (definition && contains(definition->display_name, text));
}

bool has_search_keys(const std::vector<std::pair<std::string, std::string>>& wanted, const run_state& run) {
  if (wanted.empty()) return true;
  const auto work = run.look();
  const auto& has = work->search_keys;
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
    auto entry = has.find(one.first);
    return entry != has.end() && contains(entry->second, one.second);
  });
}

bool fits(const engine_core& core, const run_filter& filter, const run_state& run) {
  const auto& identity = run.identity;
  if (filter.workflow_identifier && *filter.workflow_identifier != identity.workflow_name &&
      *filter.workflow_identifier != workflow_uuid(identity.workflow_name))
    return false;
  if (filter.root_execution_id && *filter.root_execution_id != identity.root_execution_id) return false;
  // Looked up only where it is asked for: lists go over all runs.
  auto needed = filter.search || !filter.include_internal || !filter.workflow_tags.empty();
  auto definition = needed ? core.find_definition(identity.workflow_name) : nullptr;
  if (filter.search && !is_found_by(*filter.search, run, definition.get())) return false;
  if (!is_among(filter.statuses, to_text(run.status))) return false;
  if (filter.deployment_name && !identity.deployment_name.is(*filter.deployment_name)) return false;
  if (filter.user_id && *filter.user_id != local_user_id && *filter.user_id != "current") return false;
  if (!filter.include_internal && definition && definition->technical) return false;
  if (!has_search_keys(filter.search_keys, run)) return false;
  if (filter.start_time_after && run.start < *filter.start_time_after) return false;
  if (filter.start_time_before && run.start > *filter.start_time_before) return false;
  if (filter.end_time_after && (!run.end || *run.end < *filter.end_time_after)) return false;
  if (filter.end_time_before && (!run.end || *run.end > *filter.end_time_before)) return false;
  if (filter.workflow_tags.empty()) return true;
  return definition && has_all(filter.workflow_tags, definition->tags);
}

/// What lists of workflows and of registrations have in common.
template <class Filter>
bool fits_shared_members(const Filter& filter, const workflow_definition& workflow) {
  if (filter.archived && *filter.archived != workflow.archived) return false;
  if (filter.available_in_chat_assistant &&
      *filter.available_in_chat_assistant != workflow.available_in_chat_assistant)
    return false;
  return filter.include_shared || !workflow.shared_namespace;
}

bool fits(const engine_core& core, const workflow_filter& filter, const workflow_definition& workflow) {
  if (filter.search && !contains(workflow.name, *filter.search) &&
      !contains(workflow.display_name, *filter.search) &&
      !contains(workflow.description.value_or(""), *filter.search) &&
      !contains(workflow_uuid(workflow.name), *filter.search))
    return false;
  if (!fits_shared_members(filter, workflow)) return false;
  if (filter.active && *filter.active != core.active(workflow)) return false;
  if (!filter.deployment_names.empty() &&
      !(workflow.deployment_name && is_among(filter.deployment_names, *workflow.deployment_name)))
    return false;
  if (!has_all(filter.tags, workflow.tags)) return false;
  if (filter.statuses.empty()) return true;
  const auto& runs = core.store.runs();
  return std::any_of(runs.begin(), runs.end(), [&](const auto& run) {
    return run->identity.workflow_name == workflow.name && is_among(filter.statuses, to_text(run->status));
  });
}

bool fits(const engine_core& core, const registration_filter& filter, const workflow_definition& workflow) {
  if (filter.workflow_id && *filter.workflow_id != workflow_uuid(workflow.name)) return false;
  if (filter.task_queue && *filter.task_queue != task_queue_of(workflow)) return false;
  if (filter.active_only && !core.active(workflow)) return false;
  if (filter.workflow_search && !contains(workflow.name, *filter.workflow_search) &&
      !contains(workflow.display_name, *filter.workflow_search))
    return false;
  return fits_shared_members(filter, workflow);
}

}  // namespace

bool begins_with(std::string_view text, std::string_view beginning) {
  auto same = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
  return text.size() >= beginning.size() &&
         std::equal(beginning.begin(), beginning.end(), text.begin(), same);
}

std::int64_t number_in_token(std::string_view token) {
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc() || end != token.data() + token.size()) refuse_invalid("Unknown page token");
  return number;
}

boost::json::object list_workflows(const engine_core& core, const workflow_filter& filter) {
  std::vector<std::pair<std::string, const workflow_definition*>> found;
  for (const auto& [name, workflow] : core.definitions)
    if (fits(core, filter, *workflow))
      found.emplace_back((filter.sort_by_display_name ? workflow->display_name + '\n' : std::string()) + name,
                         workflow.get());
  std::sort(found.begin(), found.end());
  if (filter.descending) std::reverse(found.begin(), found.end());
  if (filter.cursor)
    std::erase_if(found, [&](const auto& one) {
      return filter.descending ? one.first >= *filter.cursor : one.first <= *filter.cursor;
    });

  boost::json::array workflows;
  auto count = std::min(found.size(), static_cast<std::size_t>(filter.limit));
  for (std::size_t index = 0; index < count; ++index)
    workflows.push_back(show_workflow(*found[index].second));
  boost::json::object page;
  page["workflows"] = std::move(workflows);
  page["next_cursor"] = nullptr;
  if (count < found.size() && count > 0) page["next_cursor"] = found[count - 1].first;
  return page;
}

boost::json::object list_registrations(const engine_core& core, const registration_filter& filter) {
  boost::json::array registrations;
  boost::json::object page;
  page["next_cursor"] = nullptr;
  std::string last;
  auto from = filter.cursor ? core.definitions.upper_bound(*filter.cursor) : core.definitions.begin();
  for (; from != core.definitions.end(); ++from) {
    const auto& workflow = *from->second;
    if (!fits(core, filter, workflow)) continue;
    if (registrations.size() == static_cast<std::size_t>(filter.limit)) {
      page["next_cursor"] = last;
      break;
    }
    registrations.push_back(show_registration(workflow, filter.with_workflow));
    last = workflow.name;
  }
  page["workflow_versions"] = registrations;
  page["workflow_registrations"] = std::move(registrations);
  return page;
}

boost::json::object list_runs(const engine_core& core, const run_filter& filter) {
  std::vector<std::pair<place, const run_state*>> found;
  std::optional<place> after;
  if (filter.next_page_token) after = place_in(*filter.next_page_token);
  for (const auto& run : core.store.runs()) {
    auto at = place_of(*run, filter.sort_by_end_time);
    if (after && (filter.descending ? at >= *after : at <= *after)) continue;
    if (fits(core, filter, *run)) found.emplace_back(at, run.get());
  }
  auto count = std::min(found.size(), static_cast<std::size_t>(filter.page_size));
  std::partial_sort(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count), found.end(),
                    [&](const auto& a, const auto& b) {
                      return filter.descending ? a.first > b.first : a.first < b.first;
                    });

  boost::json::array executions;
  for (std::size_t index = 0; index < count; ++index) executions.push_back(show_run(*found[index].second));
  boost::json::object page;
  page["executions"] = std::move(executions);
  page["next_page_token"] = nullptr;
  if (count < found.size() && count > 0) {
    const auto& last = found[count - 1].first;
    page["next_page_token"] = std::to_string(last.first) + "-" + std::to_string(last.second);
  }
  return page;
}

boost::json::object list_events(const engine_core& core, const event_filter& filter, int limit,
                                const std::optional<std::string>& cursor) {
  boost::json::array events;
  boost::json::object page;
  page["next_cursor"] = nullptr;
  auto sequence = cursor ? number_in_token(*cursor) : 0;
  std::int64_t last_shown = sequence;
  while (sequence >= 0 && ++sequence <= core.store.last_sequence()) {
    const auto& event = core.store.event(sequence);
    if (!fits(filter, event)) continue;
    if (events.size() == static_cast<std::size_t>(limit)) {
      page["next_cursor"] = std::to_string(last_shown);
      break;
    }
    events.push_back(from_text(payload_of(event)).at("data"));
    last_shown = sequence;
  }
  page["events"] = std::move(events);
  return page;
}

}  // namespace mistral::workflows::testing
