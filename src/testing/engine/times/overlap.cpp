#include "testing/engine/times/overlap.hpp"

namespace mistral::workflows::testing {
namespace {

/// One that meets another: either what runs, or the one that is about to be started in this same round.
void meet(overlap_decision& made, const due_start& one, bool running, schedule_overlap policy) {
  const bool ends_other =
      policy == schedule_overlap::cancel_other || policy == schedule_overlap::terminate_other;
  if (ends_other && !running) {
    made.alone = one;
    return;
  }
  switch (policy) {
    case schedule_overlap::buffer_one:
      if (made.later.empty()) made.later.push_back(one);
      return;
    case schedule_overlap::buffer_all:
      made.later.push_back(one);
      return;
    case schedule_overlap::cancel_other:
      made.cancel = true;
      made.later.push_back(one);
      return;
    case schedule_overlap::terminate_other:
      made.terminate = true;
      made.later.push_back(one);
      return;
    default:
      return;
  }
}

}  // namespace

overlap_decision decide_overlap(const std::vector<due_start>& due, bool running, schedule_overlap policy) {
  overlap_decision made;
  for (const auto& one : due) {
    const auto own_policy = one.overlap.value_or(policy);
    if (own_policy == schedule_overlap::allow_all)
      made.beside.push_back(one);
    else if (!running && !made.alone)
      made.alone = one;
    else
      meet(made, one, running, own_policy);
  }
  return made;
}

}  // namespace mistral::workflows::testing
