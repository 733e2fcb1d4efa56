#include "protocol/calls/retry.hpp"

#include <cstddef>

namespace mistral::workflows::protocol {
namespace {

struct step_rule {
  fate says;
  next_step by_class[5];
};

using enum fate;
using enum next_step;

constexpr step_rule steps[] = {
    //         read    repeatable ending keyed  once
    {lasting, {stop, stop, stop, stop, stop}},
    {not_done, {repeat, repeat, repeat, repeat, repeat}},
    {in_doubt, {repeat, repeat, look, look, stop}},
};

static_assert(static_cast<int>(safety::read) == 0 && static_cast<int>(safety::repeatable) == 1 &&
              static_cast<int>(safety::ending) == 2 && static_cast<int>(safety::keyed) == 3 &&
              static_cast<int>(safety::once) == 4);

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
  out.step = steps[static_cast<std::size_t>(fate_of(outcome))].by_class[static_cast<std::size_t>(repeat_class)];
  if (out.step == stop) return out;
  out.not_before = outcome.retry_after;
  out.ended = obstacle(outcome, left);
  if (out.step == repeat && out.ended != retry_end::none) out.step = stop;
  out.at_once = out.step == repeat && outcome.stale;
  return out;
}

}  // namespace mistral::workflows::protocol
