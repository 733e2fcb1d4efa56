// Whether a failed attempt is repeated: one pure function over two tables, readable as the specification.
// Not the repeating itself (session/call/call.cpp), and not how long to wait at random (backoff.hpp).
#pragma once

#include "protocol/http/operation.hpp"

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
  bool stale = false;  ///< before a byte of answer, on a connection from an earlier exchange: its server had let it go
  int status = 0;      ///< of an answer
  std::string code;    ///< "WF_1103" and its like
  std::optional<std::chrono::milliseconds> retry_after;
};

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

/// Whether the server can have acted on a request that ended like this.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT server_action may_have_acted(const attempt_outcome& outcome);

}  // namespace mistral::workflows::protocol
