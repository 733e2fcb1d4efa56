#include "session/doubt/schedule_creation.hpp"

#include "protocol/http/redact.hpp"
#include "protocol/http/uuid.hpp"
#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <mistral/workflows/unknown_outcome.hpp>

#include <utility>
#include <vector>

namespace mistral::workflows::session {
namespace {

// Leaves of what the server knows and we do not only what was sent: a newer server may say more.
void keep_sent(boost::json::object& theirs, const boost::json::object& ours) {
  boost::json::object kept;
  for (const auto& pair : ours)
    if (const auto* value = theirs.if_contains(pair.key())) kept.insert_or_assign(pair.key(), *value);
  theirs = std::move(kept);
}

void keep_sent(schedule_calendar& theirs, const schedule_calendar& ours);

template <class T>
void keep_sent(T& theirs, const T& ours) {
  keep_sent(theirs.others, ours.others);
}

template <class T>
void keep_sent(std::vector<T>& theirs, const std::vector<T>& ours) {
  if (theirs.size() != ours.size()) return;
  for (std::size_t i = 0; i < ours.size(); ++i) keep_sent(theirs[i], ours[i]);
}

void keep_sent(schedule_calendar& theirs, const schedule_calendar& ours) {
  keep_sent(theirs.others, ours.others);
  for (const auto part : {&schedule_calendar::second, &schedule_calendar::minute, &schedule_calendar::hour,
                          &schedule_calendar::day_of_month, &schedule_calendar::month,
                          &schedule_calendar::year, &schedule_calendar::day_of_week})
    keep_sent(theirs.*part, ours.*part);
}

const std::optional<std::string>& id_of(const schedule_create_body& sent) {
  return sent.schedule_id ? sent.schedule_id : sent.schedule.schedule_id;
}

}  // namespace

bool is_as_sent(const schedule_create_body& sent, const schedule& found) {
  if (sent.workflow_identifier && !protocol::is_uuid(*sent.workflow_identifier) &&
      found.workflow_name != *sent.workflow_identifier)
    return false;
  if (sent.deployment_name && found.deployment_name != sent.deployment_name) return false;
  schedule_definition ours = sent.schedule;
  ours.schedule_id = id_of(sent);
  auto theirs = static_cast<const schedule_definition&>(found);
  keep_sent(theirs.others, ours.others);
  keep_sent(theirs.calendars, ours.calendars);
  keep_sent(theirs.intervals, ours.intervals);
  keep_sent(theirs.skip, ours.skip);
  keep_sent(theirs.policy, ours.policy);
  // The service may show how many starts are left in place of how many there were to be.
  if (!theirs.max_executions && found.remaining_executions) {
    if (!ours.max_executions || *found.remaining_executions > *ours.max_executions) return false;
    theirs.max_executions = ours.max_executions;
  }
  return theirs == ours;
}

schedule_subject::schedule_subject(schedule_create_body sent)
    : sent_(std::move(sent)), id_(id_of(sent_).value_or(std::string())) {}

protocol::call_identity schedule_subject::identity() const {
  return protocol::call_identity::keyed(protocol::proof::definition, "WF_1201");
}

protocol::request schedule_subject::look() const {
  protocol::request get(protocol::operation::schedules_get);
  get.segment("schedule_id", id_);
  return get;
}

std::optional<protocol::found_thing> schedule_subject::see(const call_answer& answer) {
  schedule there;
  if (protocol::decode(std::string_view(answer.body), there)) return std::nullopt;
  if (there.schedule_id && *there.schedule_id != id_) return std::nullopt;
  seen_ = std::move(there);
  protocol::found_thing thing;
  thing.as_sent = is_as_sent(sent_, seen_);
  protocol::redact(seen_.workflow_name, answer.key());
  return thing;
}

void schedule_subject::misnamed(const call_answer& answer) {
  schedule_answer said;
  if (protocol::decode(std::string_view(answer.body), said)) return;
  seen_ = schedule();
  protocol::redact(said.schedule_id, answer.key());
  seen_.schedule_id = std::move(said.schedule_id);
}

call_answer schedule_subject::found(bool) {
  schedule_answer made;
  made.schedule_id = id_;
  call_answer out;
  out.status = 201;
  out.body = protocol::encode(made);
  return out;
}

void schedule_subject::throw_unknown(error_context context, const std::optional<protocol::doubt_window>&) {
  throw schedule_unknown_error(std::move(seen_), std::move(context));
}

}  // namespace mistral::workflows::session
