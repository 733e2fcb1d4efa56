// Whether a failed attempt is repeated: one pure function, readable as the specification.
// Not the repeating itself (session/call.cpp), and not how long to wait at random (backoff.hpp).
#pragma once

#include "protocol/operation.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::protocol {

/// How far an attempt got.
enum class reach {
  not_sent,  ///< no byte of the request can have reached the server
  sent,      ///< some or all of it may have; no complete answer came
  answered,  ///< a complete answer came
};

/// How an attempt ended, as far as repeating it is concerned.
struct attempt_outcome {
  attempt_outcome() = default;

  reach reached = reach::not_sent;
  bool permanent = false;  ///< a failure that another attempt meets again: a certificate that does not verify
  int status = 0;          ///< of an answer
  std::string code;        ///< "WF_1103" and its like
  std::optional<std::chrono::milliseconds> retry_after;
};

enum class next_step {
  stop,    ///< the outcome is the call's outcome
  repeat,  ///< send again after the back-off
  look,    ///< the server may have acted: find out with a GET, then decide
};

struct retry_decision {
  retry_decision() = default;
  explicit retry_decision(next_step s, std::optional<std::chrono::milliseconds> wait = std::nullopt)
      : step(s), not_before(wait) {}

  next_step step = next_step::stop;
  std::optional<std::chrono::milliseconds> not_before;  ///< what the server asked for; replaces the back-off
};

/// What may follow such an attempt. Whether there are attempts left is for the caller to know. A Retry-After longer than
/// `max_retry_after` ends the call.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT retry_decision decide(safety repeat, const attempt_outcome& outcome,
                                                        std::chrono::milliseconds max_retry_after);

/// Whether the server can have acted on a request that ended like this.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT server_action may_have_acted(const attempt_outcome& outcome);

}  // namespace mistral::workflows::protocol
