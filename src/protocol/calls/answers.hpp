// What the end of a request says, whatever the operation: one table of statuses and codes.
// Not what is done about it (table.hpp), and not where it came from (session/call/attempt.cpp).
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace mistral::workflows::protocol {

/// How far an attempt got.
enum class reach : std::uint8_t {
  not_sent,  ///< no byte of the request can have reached the server
  sent,      ///< some or all of it may have; no complete answer came
  answered,  ///< a complete answer came
};

/// How an attempt ended, as far as repeating it is concerned.
struct attempt_outcome {
  attempt_outcome() = default;

  reach reached = reach::not_sent;
  bool permanent = false;  ///< a failure that another attempt meets again: a certificate that does not verify
  bool stale =
      false;  ///< before a byte of answer, on a connection from an earlier exchange: its server had let it go
  int status = 0;    ///< of an answer
  std::string code;  ///< "WF_1103" and its like
  /// Of an error: its body broke off, is coded, or is no JSON though said to be. It may have held a code.
  bool unread = false;
  std::optional<std::chrono::milliseconds> retry_after;
};

enum class fate : std::uint8_t {
  lasting,   ///< another attempt would end like this one
  not_done,  ///< it may pass, and the server has not acted
  in_doubt,  ///< it may pass, and the server may have acted
};

/// Of an attempt that was not answered with 2xx.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT fate fate_of(const attempt_outcome& outcome);

/// Whether the server can have acted on a request that ended like this.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT server_action may_have_acted(const attempt_outcome& outcome);

}  // namespace mistral::workflows::protocol
