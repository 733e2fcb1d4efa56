#include "protocol/calls/pause.hpp"

#include <algorithm>

namespace mistral::workflows::protocol {

using std::chrono::milliseconds;

milliseconds patience(milliseconds whole) noexcept { return std::max(milliseconds(5'000), whole / 4); }

pauses::pauses(const call_rules& rules)
    : deadline_(rules.deadline),
      max_retry_after_(rules.max_retry_after),
      gate_limit_(rules.gate_limit),
      waits_(rules.initial_backoff, rules.max_backoff) {}

pause pauses::after(const request_end& end, call_clock::duration lasted, moment at) {
  pause out;
  const milliseconds left = std::chrono::floor<milliseconds>(deadline_ - at.now);
  if (end.retry_after) {
    out.why = wait_reason::retry_after;
    if (*end.retry_after > max_retry_after_)
      out.obstacle = retry_end::retry_after;
    else if (*end.retry_after > left)
      out.obstacle = retry_end::beyond_deadline;
    else
      out.until = at.now + *end.retry_after;
    return out;
  }
  const milliseconds room = left - std::chrono::ceil<milliseconds>(lasted);
  if (room <= milliseconds(0)) out.obstacle = retry_end::beyond_deadline;
  if (out.obstacle == retry_end::none) out.until = at.now + waits_.next(at.random01, room);
  return out;
}

bool pauses::left_to_gate(const request_end& end) const noexcept {
  return end.status == 429 && end.retry_after && *end.retry_after <= gate_limit_;
}

}  // namespace mistral::workflows::protocol
