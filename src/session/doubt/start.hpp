// Starting exactly once: after an attempt whose fate is unknown, is there an execution that is provably this call's?
// Not the request itself (src/api/execute.cpp).
#pragma once

#include "session/doubt/keyed.hpp"

#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/start_outcome.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows::session {

/// What is known of the execution that a call starts.
struct start_identity {
  start_identity() = default;

  std::string execution_id;
  bool made_by_library = false;  ///< the id is then proof by itself
  std::optional<std::string>
      workflow_name;  ///< what the execution must be of; neither where it was called by registration
  std::optional<std::string> workflow_id;
  bool attach_to_running = false;
};

class start_resolver final : public keyed_resolver {
 public:
  explicit start_resolver(start_identity identity);

  bool wants(const attempt_result& last, bool doubtful) const override;

  /// How the call's answer came to be.
  start_outcome outcome() const noexcept { return outcome_; }

 private:
  task<found> see(attempts& calls) override;
  std::optional<call_answer> adopt(found seen, attempts& calls, bool doubtful) override;

  start_identity identity_;
  start_outcome outcome_ = start_outcome::started;
};

/// Whether `found` is provably what a call with this identity started. `date` is the server's clock now, `elapsed` the time since
/// the call's first attempt began.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_own(const start_identity& identity, const execution& found,
                                              std::optional<timestamp> date, std::chrono::microseconds elapsed);

}  // namespace mistral::workflows::session
