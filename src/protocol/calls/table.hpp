// The table of a call: where it stands, what happens, where it stands then.
// Not the waits, counts and clocks beside it (machine.hpp).
#pragma once

#include "protocol/http/operation.hpp"

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>

namespace mistral::workflows::protocol {

/// Where a call stands. In doubt: a request of it may have acted.
enum class call_state : std::uint8_t {
  // The operation's own request is next, without a look. The call begins in the one of its class.
  read,
  repeatable,
  once,
  start,   ///< keyed, not in doubt
  ending,  ///< not in doubt
  // In doubt, and a fresh look has seen nothing of what the call is to do: its request may go again.
  start_again,
  ending_again,
  // In doubt: a look is next.
  start_doubted,   ///< two looks are due
  unseen_once,     ///< one has seen nothing; another is due, and not at once
  start_unseen,    ///< two have: one fresh look before the request goes again
  ending_doubted,  ///< one fresh look before the request goes again
  acted_look,      ///< an answer has said that it was done: two looks are due, and no request goes any more
  last_look,       ///< no request goes any more
  misnamed_look,   ///< the same: the server has answered for another id
  // The end.
  answered,  ///< by the server: the answer is the call's
  found,     ///< what a look found is the call's answer; ending: it is done
  failed,    ///< what the operation's own requests ended with is the call's error
  unknown,   ///< what was found, or answered, is not provably the call's
};

inline constexpr std::size_t sending_states = 7;
inline constexpr std::size_t looking_states = 7;

constexpr bool is_end(call_state s) noexcept { return s >= call_state::answered; }
constexpr bool is_looking(call_state s) noexcept { return s >= call_state::start_doubted && !is_end(s); }
constexpr bool is_sending(call_state s) noexcept { return s < call_state::start_doubted; }
constexpr bool is_permitted(call_state s) noexcept {
  return s == call_state::start_again || s == call_state::ending_again;
}

/// What the operation's own request ended with.
enum class send_fact : std::uint8_t {
  done,          ///< 2xx
  unread,        ///< a 2xx whose rest did not come
  unreadable,    ///< a 2xx whose rest will never be read: too large, no HTTP
  misnamed,      ///< a 2xx that names another id
  unsent,        ///< no byte left; it may pass
  refused,       ///< answered: not done; it may pass
  unsure,        ///< it may pass, and the server may have acted
  lasting,       ///< another attempt would end so too, and the server has not acted
  broken,        ///< another attempt would end so too, and the server may have acted
  taken,         ///< 409 WF_1101, where a look is worth it: the id is proof, or a running execution will do
  gone,          ///< ending: there is nothing that runs
  unauthorized,  ///< 401, and another key can be had
  stale,         ///< not sent: the look that permits it is too old
};
inline constexpr std::size_t send_facts = 13;

/// What a look ended with.
enum class look_fact : std::uint8_t {
  nothing,       ///< nothing of what the call is to do: proven absent; ending: the run that is meant goes on
  own,           ///< the call's own; ending: the run that is meant has ended
  foreign,       ///< something that is not provably one or the other
  passing,       ///< no answer that proves anything; another may come
  lasting,       ///< no answer that proves anything, and another would be no better
  unauthorized,  ///< 401, and another key can be had
};
inline constexpr std::size_t look_facts = 6;

/// A cell that cannot be reached holds the state that it is asked of.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_state after(call_state from, send_fact what) noexcept;
MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_state after(call_state from, look_fact what) noexcept;

/// Whether a call can come to this cell.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool reachable(call_state from, send_fact what) noexcept;
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool reachable(call_state from, look_fact what) noexcept;

/// Where a call goes that may not go on to `next`: attempts,
/// budget or time are spent. A doubtful one looks first.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_state instead_of(call_state next) noexcept;

/// Where a call of this class begins.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_state first_state(safety repeat) noexcept;

}  // namespace mistral::workflows::protocol
