// What a call is about that can be in doubt: how it is looked at, and what is made of what is found.
// Not when it is looked at, and not whose it is: protocol/calls/machine.hpp decides.
#pragma once

#include "protocol/calls/machine.hpp"
#include "protocol/http/request.hpp"
#include "session/call/attempt.hpp"

#include <mistral/workflows/error.hpp>

#include <optional>
#include <string_view>

namespace mistral::workflows::session {

/// An execution that is to be started or ended, or a schedule that is to be made. One for each call.
class call_subject {
 public:
  virtual ~call_subject() = default;

  virtual protocol::call_identity identity() const = 0;

  /// The id under which it is looked for, and which an answer has to name where it names one.
  virtual std::string_view id() const = 0;

  /// Of a start: the error of the call tells the id.
  virtual bool starts_execution() const { return false; }

  /// The GET that looks at it.
  virtual protocol::request look() const = 0;

  /// What a 2xx answer to the look shows; none where it cannot be read, or
  /// is about another id. The last one is kept for the functions below.
  virtual std::optional<protocol::found_thing> see(const call_answer& answer) = 0;

  /// The 2xx answer to the call's own request names another id.
  virtual void misnamed(const call_answer&) {}

  /// The call's answer: what was seen is the call's own. `attached`: it was there before, and will do.
  virtual call_answer found(bool attached) = 0;

  /// Throws what the call ends with where what was seen, or was answered, is
  /// not provably its own. `window`: where the earliest request in doubt left.
  [[noreturn]] virtual void throw_unknown(error_context context,
                                          const std::optional<protocol::doubt_window>& window) = 0;
};

}  // namespace mistral::workflows::session
