#include "protocol/retry.hpp"

namespace mistral::workflows::protocol {
namespace {

// 429 is refused at the door. A 503 that names a time but no WF code comes from a load balancer, not from the service.
bool refused_unread(const attempt_outcome& o) {
  return o.status == 429 || (o.status == 503 && o.retry_after.has_value() && o.code.empty());
}

// Statuses that say nothing lasting about the request. Of the WF codes on a 500, only an unknown failure (1000), a failed
// request to the platform (1103) and the event store (1600) pass by themselves.
bool transient(const attempt_outcome& o) {
  switch (o.status) {
    case 408:
    case 429:
    case 502:
    case 503:
      return true;
    case 500:
    case 504:
      return o.code.empty() || o.code == "WF_1000" || o.code == "WF_1103" || o.code == "WF_1600";
    default:
      return false;
  }
}

next_step after_possible_action(safety repeat) {
  switch (repeat) {
    case safety::read:
    case safety::repeatable:
      return next_step::repeat;
    case safety::ending:
    case safety::keyed:
      return next_step::look;
    case safety::once:
      break;
  }
  return next_step::stop;
}

next_step step_for(safety repeat, const attempt_outcome& o) {
  if (o.permanent) return next_step::stop;
  switch (o.reached) {
    case reach::not_sent:
      return next_step::repeat;
    case reach::sent:
      return after_possible_action(repeat);
    case reach::answered:
      break;
  }
  if (refused_unread(o)) return next_step::repeat;
  return transient(o) ? after_possible_action(repeat) : next_step::stop;
}

}  // namespace

retry_decision decide(safety repeat, const attempt_outcome& outcome, std::chrono::milliseconds max_retry_after) {
  if (outcome.retry_after && *outcome.retry_after > max_retry_after) return retry_decision(next_step::stop);
  return retry_decision(step_for(repeat, outcome), outcome.retry_after);
}

server_action may_have_acted(const attempt_outcome& outcome) {
  switch (outcome.reached) {
    case reach::not_sent:
      return server_action::no;
    case reach::sent:
      return server_action::unknown;
    case reach::answered:
      break;
  }
  if (outcome.status >= 200 && outcome.status < 300) return server_action::yes;
  if (refused_unread(outcome)) return server_action::no;
  return outcome.status >= 500 || outcome.status == 408 ? server_action::unknown : server_action::no;
}

}  // namespace mistral::workflows::protocol
