// What a schedule does with starts that are due while something it started still runs.
// Not the doing: it says what to start, what to keep for later and what to end.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <optional>
#include <vector>

namespace mistral::workflows::testing {

/// A start that is due and has not been made yet.
struct due_start {
  due_start() = default;
  due_start(timestamp when, bool asked_for, std::optional<schedule_overlap> policy)
      : scheduled_at(when), manual(asked_for), overlap(policy) {}

  timestamp scheduled_at;
  bool manual = false;                      ///< somebody triggered it: no pause and no limit keeps it back
  std::optional<schedule_overlap> overlap;  ///< unset: the schedule's own, whatever it is by then

  friend bool operator==(const due_start&, const due_start&) = default;
};

struct overlap_decision {
  overlap_decision() = default;

  std::vector<due_start> beside;   ///< to be started at once, whatever else runs
  std::optional<due_start> alone;  ///< to be started at once, as the one that the next will meet
  std::vector<due_start> later;    ///< to be looked at again when what runs has ended
  bool cancel = false;             ///< ask what runs to cancel
  bool terminate = false;          ///< end what runs

  friend bool operator==(const overlap_decision&, const overlap_decision&) = default;
};

/// Looks at the starts in the order in which they came due. `running`: something
/// that the schedule started, other than beside others, has not ended.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT overlap_decision decide_overlap(const std::vector<due_start>& due,
                                                                  bool running, schedule_overlap policy);

}  // namespace mistral::workflows::testing
