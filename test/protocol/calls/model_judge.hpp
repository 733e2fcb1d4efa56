// Says of a sequence that is over whether anything in it was wrong, by its own reading of the rules.
// Uses nothing of the library.
#pragma once

#include "protocol/calls/model_history.hpp"

namespace call_model {

struct judgement {
  const char* wrong = nullptr;  ///< the first thing that was
  /// The harm that no client can prevent, and that the documentation states.
  int acted_and_finished_unseen = 0;  ///< between the last look and the arrival of the next request
  int late_after_a_later_send = 0;
  int hit_a_newer_run = 0;         ///< that began after the last look
  int adopted_somebody_elses = 0;  ///< begun since the request left, or within what `Date` leaves open before

  bool harmed() const {
    return acted_and_finished_unseen + late_after_a_later_send + hit_a_newer_run + adopted_somebody_elses > 0;
  }
};

judgement judge(const history& past);

/// What a replayed sequence was, to standard output.
void tell(const history& past);

}  // namespace call_model
