#include <mistral/workflows/schedules.hpp>

#include "api/decode_answer.hpp"
#include "api/list_parameters.hpp"
#include "api/pages.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"
#include "protocol/json/encode.hpp"
#include "session/doubt/schedule_creation.hpp"

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request on_schedule(operation op, const std::string& id) {
  protocol::request out(op);
  out.segment("schedule_id", id);
  return out;
}

protocol::request schedule_page_request(const schedule_list_request& r) {
  const protocol::checks check(operation::schedules_list);
  if (r.page_size) check.in_range("page_size", *r.page_size, 1, 1000);
  protocol::request out(operation::schedules_list);
  out.query("workflow_name", r.workflow_name).query("user_id", r.user_id);
  constexpr std::array<std::string_view, 2> statuses{"active", "paused"};
  out.query("status", api::enum_text(check, "status", r.status, statuses));
  out.query("search", r.search).query("page_size", r.page_size).query("next_page_token", r.next_page_token);
  return out;
}

std::string item(std::string_view field, std::size_t index) {
  return std::string(field) + "[" + std::to_string(index) + "]";
}

void check_intervals(const protocol::checks& check, const std::vector<schedule_interval>& intervals) {
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const std::string field = item("schedule.intervals", i);
    if (intervals[i].every <= duration(0)) check.refuse(field + ".every", "must be longer than 0");
    if (intervals[i].offset.value_or(duration(0)) < duration(0))
      check.refuse(field + ".offset", "must not be negative");
  }
}

void check_crons(const protocol::checks& check, const std::vector<std::string>& expressions) {
  for (std::size_t i = 0; i < expressions.size(); ++i)
    if (expressions[i].find_first_not_of(" \t") == std::string::npos)
      check.refuse(item("schedule.cron_expressions", i), "must not be empty");
}

void check_overlap(const protocol::checks& check, std::string_view field, schedule_overlap value) {
  if (static_cast<std::int32_t>(value) < 1)
    check.refuse(field, "must be a policy of the API, which begin at 1");
}

// A definition and a patch have the same members; `has_value`
// and `value` are what std::optional and patch_field share.
template <class Definition>
void check_times(const protocol::checks& check, const Definition& d) {
  if (d.jitter.has_value() && d.jitter.value() < duration(0))
    check.refuse("schedule.jitter", "must not be negative");
  if (d.time_zone_name.has_value()) check.not_empty("schedule.time_zone_name", d.time_zone_name.value());
  if (d.max_executions.has_value() && d.max_executions.value() < 0)
    check.refuse("schedule.max_executions", "must not be negative");
}

void check_policy(const protocol::checks& check, const schedule_policy& policy) {
  if (policy.catchup_window_seconds < 0)
    check.refuse("schedule.policy.catchup_window_seconds", "must not be negative");
  check_overlap(check, "schedule.policy.overlap", policy.overlap);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // deprecated for callers, not for passing it on
void check_target(const protocol::checks& check, const schedule_create_request& r) {
  if (r.workflow_identifier) check.identifier("workflow_identifier", *r.workflow_identifier);
  if (r.workflow_registration_id) check.uuid("workflow_registration_id", *r.workflow_registration_id);
  if (r.workflow_version_id) check.uuid("workflow_version_id", *r.workflow_version_id);
  if (r.workflow_identifier && (r.workflow_registration_id || r.workflow_version_id))
    check.refuse("workflow_identifier", "excludes workflow_registration_id and workflow_version_id");
  if (r.schedule_id) check.identifier("schedule_id", *r.schedule_id);
  if (r.schedule.schedule_id) check.identifier("schedule.schedule_id", *r.schedule.schedule_id);
  if (r.schedule_id && r.schedule.schedule_id && *r.schedule_id != *r.schedule.schedule_id)
    check.refuse("schedule_id", "differs from schedule.schedule_id");
}

schedule_create_body create_body(schedule_create_request r) {
  const protocol::checks check(operation::schedules_create);
  check_target(check, r);
  check_intervals(check, r.schedule.intervals);
  check_crons(check, r.schedule.cron_expressions);
  check_times(check, r.schedule);
  check_policy(check, r.schedule.policy);

  schedule_create_body body;
  body.schedule = std::move(r.schedule);
  body.workflow_registration_id = std::move(r.workflow_registration_id);
  body.workflow_version_id = std::move(r.workflow_version_id);
  body.workflow_identifier = std::move(r.workflow_identifier);
  body.workflow_task_queue = std::move(r.workflow_task_queue);
  body.schedule_id = std::move(r.schedule_id);
  body.deployment_name = std::move(r.deployment_name);
  return body;
}
#pragma GCC diagnostic pop

boost::asio::awaitable<schedule_answer> create_schedule(session::client_handle handle,
                                                        schedule_create_request r) {
  schedule_create_body body = create_body(std::move(r));
  protocol::request request(operation::schedules_create);
  request.json(protocol::encode(body));
  std::unique_ptr<session::call_subject> subject;
  if (body.schedule_id || body.schedule.schedule_id)
    subject = std::make_unique<session::schedule_subject>(std::move(body));
  else
    request.repeat_as(protocol::safety::once);  // a repeat would make a second schedule
  co_return co_await api::call_for<schedule_answer>(std::move(handle), std::move(request), std::nullopt,
                                                    std::move(subject));
}

template <class T>
void check_not_null(const protocol::checks& check, std::string_view field, const patch_field<T>& value) {
  if (value.null()) check.refuse(field, "cannot be null: leave it absent, or give an empty one");
}

protocol::request patch_request(const std::string& id, schedule_patch changes) {
  const protocol::checks check(operation::schedules_update);
  check_not_null(check, "schedule.calendars", changes.calendars);
  check_not_null(check, "schedule.intervals", changes.intervals);
  check_not_null(check, "schedule.cron_expressions", changes.cron_expressions);
  check_not_null(check, "schedule.skip", changes.skip);
  check_not_null(check, "schedule.policy", changes.policy);
  if (changes.intervals.has_value()) check_intervals(check, changes.intervals.value());
  if (changes.cron_expressions.has_value()) check_crons(check, changes.cron_expressions.value());
  check_times(check, changes);
  if (changes.policy.has_value()) check_policy(check, changes.policy.value());

  schedule_update_body body;
  body.schedule = std::move(changes);
  protocol::request out = on_schedule(operation::schedules_update, id);
  out.json(protocol::encode(body));
  return out;
}

// Pause and resume look alike on the wire; without a note they have no body.
protocol::request note_request(operation op, const std::string& id, std::optional<std::string> note) {
  protocol::request out = on_schedule(op, id);
  if (!note) return out;
  schedule_pause_body body;
  body.note = std::move(note);
  out.json(protocol::encode(body));
  return out;
}

protocol::request trigger_request(const std::string& id, std::optional<schedule_overlap> overlap) {
  protocol::request out = on_schedule(operation::schedules_trigger, id);
  if (!overlap) return out;
  check_overlap(protocol::checks(operation::schedules_trigger), "overlap", *overlap);
  schedule_trigger_body body;
  body.overlap = overlap;
  out.json(protocol::encode(body));
  return out;
}

template <class Make>
boost::asio::awaitable<void> command(session::client_handle handle, Make make) {
  protocol::request request = make();
  co_await api::call_without_content(std::move(handle), std::move(request));
}

}  // namespace

schedules_api::schedules_api(std::shared_ptr<const session::client_handle> handle)
    : handle_(std::move(handle)) {}
schedules_api::schedules_api(const schedules_api&) = default;
schedules_api& schedules_api::operator=(const schedules_api&) = default;
schedules_api::~schedules_api() = default;

boost::asio::awaitable<schedule_page> schedules_api::list(schedule_list_request request) const {
  auto make = [request = std::move(request)] { return schedule_page_request(request); };
  return api::deferred<schedule_page>(*handle_, std::move(make));
}

async_generator<schedule> schedules_api::list_all(schedule_list_request request) const {
  if (!request.page_size) request.page_size = 100;
  const api::page_scheme scheme(&schedule_list_request::next_page_token, &schedule_page::schedules,
                                &schedule_page::next_page_token, "next_page_token");
  return api::all_items(*handle_, std::move(request), scheme, &schedule_page_request);
}

boost::asio::awaitable<schedule_answer> schedules_api::create(schedule_create_request request) const {
  return create_schedule(*handle_, std::move(request));
}

boost::asio::awaitable<schedule> schedules_api::get(std::string id) const {
  auto make = [id = std::move(id)] { return on_schedule(operation::schedules_get, id); };
  return api::deferred<schedule>(*handle_, std::move(make));
}

boost::asio::awaitable<void> schedules_api::remove(std::string id) const {
  auto make = [id = std::move(id)] { return on_schedule(operation::schedules_delete, id); };
  return command(*handle_, std::move(make));
}

boost::asio::awaitable<schedule_answer> schedules_api::update(std::string id, schedule_patch changes) const {
  auto make = [id = std::move(id), changes = std::move(changes)]() mutable {
    return patch_request(id, std::move(changes));
  };
  return api::deferred<schedule_answer>(*handle_, std::move(make));
}

boost::asio::awaitable<void> schedules_api::pause(std::string id, std::optional<std::string> note) const {
  auto make = [id = std::move(id), note = std::move(note)]() mutable {
    return note_request(operation::schedules_pause, id, std::move(note));
  };
  return command(*handle_, std::move(make));
}

boost::asio::awaitable<void> schedules_api::resume(std::string id, std::optional<std::string> note) const {
  auto make = [id = std::move(id), note = std::move(note)]() mutable {
    return note_request(operation::schedules_resume, id, std::move(note));
  };
  return command(*handle_, std::move(make));
}

boost::asio::awaitable<void> schedules_api::trigger(std::string id,
                                                    std::optional<schedule_overlap> overlap) const {
  auto make = [id = std::move(id), overlap] { return trigger_request(id, overlap); };
  return command(*handle_, std::move(make));
}

}  // namespace mistral::workflows
