// What is asked of schedules: each operation checks, writes one record, and lets the schedule go on.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/common/schema_check.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/scheduler.hpp"
#include "testing/engine/schedules/schedule_views.hpp"
#include "testing/engine/views/listing.hpp"
#include "testing/engine/views/views.hpp"

#include "protocol/json/encode.hpp"

#include <algorithm>
#include <charconv>

namespace mistral::workflows::testing {

namespace json = boost::json;

namespace {

json::object answer_id(const std::string& id) {
  json::object answer;
  answer["schedule_id"] = id;
  return answer;
}

json::object to_json(const schedule_definition& definition) {
  return from_text(protocol::encode(definition)).as_object();
}

template <class T>
void take_change(const patch_field<T>& change, T& member) {
  if (change.has_value()) member = change.value();
}

template <class T>
void take_change(const patch_field<T>& change, std::optional<T>& member) {
  if (change.has_value()) member = change.value();
  if (change.null()) member.reset();
}

void take_change(const patch_field<json::value>& change, json::value& member) {
  if (change.has_value()) member = change.value();
  if (change.null()) member = nullptr;
}

schedule_definition changed(schedule_definition definition, const schedule_patch& patch) {
  take_change(patch.input, definition.input);
  take_change(patch.calendars, definition.calendars);
  take_change(patch.intervals, definition.intervals);
  take_change(patch.cron_expressions, definition.cron_expressions);
  take_change(patch.skip, definition.skip);
  take_change(patch.start_at, definition.start_at);
  take_change(patch.end_at, definition.end_at);
  take_change(patch.jitter, definition.jitter);
  take_change(patch.time_zone_name, definition.time_zone_name);
  take_change(patch.policy, definition.policy);
  take_change(patch.max_executions, definition.max_executions);
  return definition;
}

bool fits(const schedule_filter& filter, const schedule_state& schedule) {
  if (filter.workflow_name && *filter.workflow_name != schedule.workflow_name) return false;
  if (filter.user_id && *filter.user_id != "current" && *filter.user_id != local_user_id) return false;
  if (filter.paused && *filter.paused != schedule.paused) return false;
  return !filter.search || begins_with(schedule.workflow_name, *filter.search);
}

}  // namespace

const schedule_state& scheduler::known(const std::string& id) const {
  const auto* found = core_.store.schedules().find(id);
  if (!found) refuse_schedule_not_found(id);
  return *found;
}

void scheduler::check(const std::string& workflow_name, const schedule_definition& definition) const {
  try {
    const schedule_times times(definition, std::string());
  } catch (const schedule_problem& problem) {
    refuse_schedule(problem.what());
  }
  if (definition.policy.catchup_window_seconds < 0)
    refuse_schedule("policy.catchup_window_seconds: it is not negative");
  if (definition.max_executions && *definition.max_executions < 0)
    refuse_schedule("max_executions: it is not negative");
  const auto workflow = core_.find_definition(workflow_name);
  if (auto problem = workflow ? check_schema(workflow->input_schema, definition.input) : std::nullopt)
    refuse_invalid("Invalid input: " + *problem);
}

json::object scheduler::create(schedule_create_body body) {
  const auto& registration =
      body.workflow_registration_id ? body.workflow_registration_id : body.workflow_version_id;
  if (registration.has_value() == body.workflow_identifier.has_value())
    refuse_schedule("one of workflow_identifier and workflow_registration_id is needed");
  const auto workflow = registration ? core_.find_registration(*registration)
                                     : core_.find_definition(*body.workflow_identifier);
  if (!workflow) refuse_workflow_not_found(registration ? *registration : *body.workflow_identifier);

  auto& definition = body.schedule;
  if (body.schedule_id && definition.schedule_id && *body.schedule_id != *definition.schedule_id)
    refuse_schedule("schedule_id and schedule.schedule_id differ");
  const auto id = body.schedule_id         ? *body.schedule_id
                  : definition.schedule_id ? *definition.schedule_id
                                           : random_uuid();
  if (id.empty()) refuse_schedule("schedule_id: it is not empty");
  definition.schedule_id.reset();
  check(workflow->name, definition);
  if (core_.store.schedules().find(id)) refuse_schedule_exists(id);

  json::object change;
  change["workflow"] = workflow->name;
  put_text(change, "deployment", body.deployment_name);
  change["definition"] = to_json(definition);
  change["handled"] = to_microseconds(now());
  write(id, std::move(change), "schedules.create");
  go_on(id);
  return answer_id(id);
}

json::object scheduler::update(const std::string& id, schedule_patch patch) {
  const auto& schedule = known(id);
  const auto definition = changed(schedule.definition, patch);
  check(schedule.workflow_name, definition);
  json::object change;
  change["definition"] = to_json(definition);
  // The new times count from now on.
  change["handled"] = to_microseconds(std::max(schedule.handled, now()));
  write(id, std::move(change), "schedules.update");
  go_on(id);
  return answer_id(id);
}

void scheduler::remove(const std::string& id) {
  known(id);
  json::object change;
  change["removed"] = true;
  write(id, std::move(change), "schedules.remove");
  forget_timer(id);
}

void scheduler::pause(const std::string& id, const std::optional<std::string>& note) {
  known(id);
  json::object change;
  change["paused"] = true;
  change["note"] = text_or_null(note);
  write(id, std::move(change), "schedules.pause");
  go_on(id);
}

void scheduler::resume(const std::string& id, const std::optional<std::string>& note) {
  const auto& schedule = known(id);
  json::object change;
  // What fell due in the meantime is not made up for; to one that was at work this changes nothing.
  if (schedule.paused) change["handled"] = to_microseconds(std::max(schedule.handled, now()));
  change["paused"] = false;
  change["note"] = text_or_null(note);
  write(id, std::move(change), "schedules.resume");
  go_on(id);
}

void scheduler::trigger(const std::string& id, std::optional<schedule_overlap> overlap) {
  const auto& schedule = known(id);
  if (!core_.find_definition(schedule.workflow_name)) refuse_workflow_not_found(schedule.workflow_name);
  auto due = schedule.due;
  due.emplace_back(now(), true, overlap);
  json::object change;
  change["due"] = testing::to_json(due);
  write(id, std::move(change), "schedules.trigger");
  go_on(id);
}

json::object scheduler::get(const std::string& id) const {
  const auto& schedule = known(id);
  return show_schedule(schedule, next_start(schedule));
}

json::object scheduler::list(const schedule_filter& filter) const {
  std::vector<const schedule_state*> found;
  const auto after = filter.next_page_token ? number_in_token(*filter.next_page_token) : 0;
  for (const auto& [id, schedule] : core_.store.schedules().all())
    if (schedule.order > after && fits(filter, schedule)) found.push_back(&schedule);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->order < b->order; });

  const auto count =
      filter.page_size ? std::min(found.size(), static_cast<std::size_t>(*filter.page_size)) : found.size();
  json::array schedules;
  for (std::size_t index = 0; index < count; ++index)
    schedules.push_back(show_schedule(*found[index], next_start(*found[index])));
  json::object page;
  page["schedules"] = std::move(schedules);
  page["next_page_token"] = nullptr;
  if (count < found.size() && count > 0) page["next_page_token"] = std::to_string(found[count - 1]->order);
  return page;
}

}  // namespace mistral::workflows::testing
