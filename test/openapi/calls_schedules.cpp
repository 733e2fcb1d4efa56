#include "openapi/coverage.hpp"

// What the API deprecates is covered, too.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace openapi {
namespace {

using sample::text;
using std::chrono::hours;

std::string id() { return text("schedule_id"); }

wf::schedule_list_request all_schedules(int variant) {
  wf::schedule_list_request request;
  request.workflow_name = text("workflow_name");
  request.user_id = text("user_id");
  request.status = variant == 0 ? wf::schedule_status::active : wf::schedule_status::paused;
  request.search = text("search");
  request.page_size = sample::number("page_size");
  request.next_page_token = text("next_page_token");
  return request;
}

std::vector<wf::schedule_range> ranges() {
  return {wf::schedule_range(sample::number("start"), sample::number("end"), sample::number("step"))};
}

wf::schedule_calendar calendar() {
  wf::schedule_calendar out;
  out.second = out.minute = out.hour = out.day_of_month = out.month = out.year = out.day_of_week = ranges();
  out.comment = text("comment");
  return out;
}

std::vector<wf::schedule_interval> intervals() {
  wf::schedule_interval out;
  out.every = hours(4);
  out.offset = hours(1);
  return {out};
}

wf::schedule_policy policy(int variant) {
  wf::schedule_policy out;
  out.catchup_window_seconds = sample::number("catchup_window_seconds");
  out.overlap = static_cast<wf::schedule_overlap>(variant + 1);
  out.pause_on_failure = true;
  return out;
}

// A definition and a patch have the same members.
template <class Definition>
void set_all(Definition& out, int variant) {
  out.input = sample::object("input");
  out.calendars = std::vector<wf::schedule_calendar>(1, calendar());
  out.intervals = intervals();
  out.cron_expressions = sample::texts("cron_expressions");
  out.skip = std::vector<wf::schedule_calendar>(1, calendar());
  out.start_at = sample::time("start_at");
  out.end_at = sample::time("end_at");
  out.jitter = hours(2);
  out.time_zone_name = text("time_zone_name");
  out.policy = policy(variant);
  out.max_executions = sample::number("max_executions");
}

// A workflow is given in one of three ways.
done create_with_all(wf::client c, int variant) {
  wf::schedule_definition definition;
  set_all(definition, variant);
  definition.schedule_id = text("schedule_id");
  wf::schedule_create_request request(definition);
  if (variant % 2 == 0) {
    request.workflow_identifier = text("workflow_identifier");
  } else {
    request.workflow_registration_id = sample::uuid("workflow_registration_id");
    request.workflow_version_id = sample::uuid("workflow_version_id");
  }
  request.workflow_task_queue = text("workflow_task_queue");
  request.schedule_id = text("schedule_id");
  request.deployment_name = text("deployment_name");
  (void)co_await c.schedules().create(request);
}

done update_with_all(wf::client c, int variant) {
  wf::schedule_patch changes;
  set_all(changes, variant);
  (void)co_await c.schedules().update(id(), changes);
}

}  // namespace

std::vector<operation_calls> schedule_calls() {
  return {
      {"GET /v1/workflows/schedules", [](wf::client c) -> done { (void)co_await c.schedules().list(); },
       [](wf::client c, int variant) -> done {
         auto request = all_schedules(variant);
         (void)co_await c.schedules().list(request);
       }},
      {"POST /v1/workflows/schedules",
       [](wf::client c) -> done {
         wf::schedule_create_request request{wf::schedule_definition()};
         (void)co_await c.schedules().create(request);
       },
       &create_with_all, 6},
      {"GET /v1/workflows/schedules/{schedule_id}",
       [](wf::client c) -> done { (void)co_await c.schedules().get(id()); },
       {}},
      {"DELETE /v1/workflows/schedules/{schedule_id}",
       [](wf::client c) -> done { co_await c.schedules().remove(id()); },
       {}},
      {"PATCH /v1/workflows/schedules/{schedule_id}",
       [](wf::client c) -> done {
         wf::schedule_patch changes;
         (void)co_await c.schedules().update(id(), changes);
       },
       &update_with_all, 6},
      {"POST /v1/workflows/schedules/{schedule_id}/pause",
       [](wf::client c) -> done { co_await c.schedules().pause(id()); },
       [](wf::client c, int) -> done { co_await c.schedules().pause(id(), text("note")); }},
      {"POST /v1/workflows/schedules/{schedule_id}/resume",
       [](wf::client c) -> done { co_await c.schedules().resume(id()); },
       [](wf::client c, int) -> done { co_await c.schedules().resume(id(), text("note")); }},
      {"POST /v1/workflows/schedules/{schedule_id}/trigger",
       [](wf::client c) -> done { co_await c.schedules().trigger(id()); },
       [](wf::client c, int variant) -> done {
         co_await c.schedules().trigger(id(), static_cast<wf::schedule_overlap>(variant + 1));
       },
       6},
  };
}

}  // namespace openapi
