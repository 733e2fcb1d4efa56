#include "protocol/calls/retry.hpp"

#include "protocol/calls/table.hpp"

namespace mistral::workflows::protocol {
namespace {

next_step step_of(safety repeat_class, fate says) {
  const send_fact what = says == fate::lasting    ? send_fact::lasting
                         : says == fate::not_done ? send_fact::refused
                                                  : send_fact::unsure;
  const call_state next = after(first_state(repeat_class), what);
  if (is_end(next)) return next_step::stop;
  return is_looking(next) ? next_step::look : next_step::repeat;
}

// In the order in which they are told when several hold.
retry_end obstacle(const attempt_outcome& outcome, const retry_means& left) {
  if (outcome.retry_after && *outcome.retry_after > left.max_retry_after) return retry_end::retry_after;
  if (!left.attempts) return retry_end::attempts;
  if (outcome.retry_after && *outcome.retry_after > left.time) return retry_end::beyond_deadline;
  return left.budget ? retry_end::none : retry_end::budget;
}

}  // namespace

retry_decision decide(safety repeat_class, const attempt_outcome& outcome, const retry_means& left) {
  retry_decision out;
  out.step = step_of(repeat_class, fate_of(outcome));
  if (out.step == next_step::stop) return out;
  out.not_before = outcome.retry_after;
  out.ended = obstacle(outcome, left);
  if (out.step == next_step::repeat && out.ended != retry_end::none) out.step = next_step::stop;
  out.at_once = out.step == next_step::repeat && outcome.stale;
  return out;
}

}  // namespace mistral::workflows::protocol
