// The settings of a call, and how long it waits before a request that replaces one that failed.
// Not the waiting, and no clock and no randomness of its own.
#pragma once

#include "protocol/calls/backoff.hpp"
#include "protocol/calls/facts.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstdint>

namespace mistral::workflows::protocol {

struct call_rules {
  call_rules() = default;

  call_clock::time_point deadline = call_clock::time_point::max();
  int max_attempts = 4;  ///< of the operation's own request; a look may fail as often in a row
  std::chrono::milliseconds initial_backoff{250};
  std::chrono::milliseconds max_backoff{8'000};
  std::chrono::milliseconds max_retry_after{60'000};
  std::chrono::milliseconds gate_limit{
      60'000};  ///< after a 429 with a time up to this the gate holds everybody up
  std::chrono::milliseconds look_distance{
      500};  ///< between two looks that together say that nothing was started
  std::chrono::milliseconds look_fresh{
      250};  ///< since a look was answered, when the request leaves that it permits
  std::chrono::milliseconds look_oldest{1'000};  ///< the same since it was sent
};

enum class wait_reason : std::uint8_t {
  back_off,     ///< random
  retry_after,  ///< the server asked for it
  distance,     ///< between two looks
};

/// What is waited for, or why nothing is.
struct pause {
  pause() = default;

  retry_end obstacle = retry_end::none;
  wait_reason why = wait_reason::back_off;
  call_clock::time_point until{};
};

/// How long a read waits for the first byte of its answer on a connection that was used
/// before: what lies between may have forgotten that one without a word. `whole`: of the call.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::chrono::milliseconds patience(
    std::chrono::milliseconds whole) noexcept;

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT pauses {
 public:
  explicit pauses(const call_rules& rules);

  /// After a request that ended so, and took `lasted`. A wait that the server asks
  /// for is never shortened: if it ends after the deadline, it is an obstacle. A
  /// random one is drawn within the time left less what the last request took.
  pause after(const request_end& end, call_clock::duration lasted, moment at);

  /// The gate has closed, and holds this call up with all
  /// others: it waits there and takes nothing from the budget.
  bool left_to_gate(const request_end& end) const noexcept;

 private:
  call_clock::time_point deadline_;
  std::chrono::milliseconds max_retry_after_;
  std::chrono::milliseconds gate_limit_;
  backoff waits_;
};

}  // namespace mistral::workflows::protocol
