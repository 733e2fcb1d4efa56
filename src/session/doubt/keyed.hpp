// Creating exactly once under a known id: after an attempt whose fate is unknown, is what is there this call's?
// Not what makes it so: start.hpp knows executions, schedule_creation.hpp schedules.
#pragma once

#include "session/call/call.hpp"
#include "session/doubt/look.hpp"

#include <optional>

namespace mistral::workflows::session {

/// Looks until something is found, or two looks, a back-off apart, have found nothing: a slow first attempt may still act after
/// the first, so that one alone proves nothing.
class keyed_resolver : public doubt_resolver {
 public:
  task<verdict> look(attempts& calls, const attempt_result& last) final;

 private:
  virtual task<found> see(attempts& calls) = 0;

  /// What the call answers where the thing found is its own; none where it cannot be read. Throws what the call ends with
  /// where it is not its own. `doubtful`: an earlier attempt can have reached the server.
  virtual std::optional<call_answer> adopt(found seen, attempts& calls, bool doubtful) = 0;
};

}  // namespace mistral::workflows::session
