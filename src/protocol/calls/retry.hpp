// Whether a failed attempt is repeated: one pure function over the tables of answers and calls (calls/answers.hpp, table.hpp).
// Not the repeating itself (session/call/call.cpp), and not how long to wait at random (backoff.hpp).
#pragma once

#include "protocol/calls/answers.hpp"
#include "protocol/http/operation.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::protocol {

/// What the call has left for another attempt.
struct retry_means {
  retry_means() = default;

  bool attempts = true;  ///< fewer than retry_options::max_attempts have been made
  bool budget = true;    ///< the client's retry budget allows one more
  std::chrono::milliseconds max_retry_after = std::chrono::milliseconds::max();
  std::chrono::milliseconds time = std::chrono::milliseconds::max();  ///< until the deadline
};

enum class next_step {
  stop,    ///< the outcome is the call's outcome
  repeat,  ///< send again after the back-off
  look,    ///< the server may have acted: find out with a GET, then decide
};

struct retry_decision {
  retry_decision() = default;

  next_step step = next_step::stop;
  /// What forbids another attempt that the outcome alone would allow. A look is made all the same: what the server did is worth
  /// knowing also when nothing is sent again.
  retry_end ended = retry_end::none;
  std::optional<std::chrono::milliseconds> not_before;  ///< what the server asked for; replaces the back-off
  /// A repeat without back-off and budget: it says nothing about the server's health. Each uses up a connection that
  /// had served an exchange, so they cannot become many.
  bool at_once = false;
};

/// What may follow such an attempt.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT retry_decision decide(safety repeat, const attempt_outcome& outcome,
                                                        const retry_means& left);

}  // namespace mistral::workflows::protocol
