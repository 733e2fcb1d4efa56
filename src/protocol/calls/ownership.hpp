// Whose is what a look found: the call's own, nobody's that matters, or not to be told.
// Not what the call does then: table.hpp.
#pragma once

#include "protocol/calls/facts.hpp"
#include "protocol/calls/table.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <chrono>
#include <optional>

namespace mistral::workflows::protocol {

/// The earliest request of a call that is still in doubt left within this time of the server's clock:
/// not before `begin`, and before `end`. As wide as a second of `Date` and the look's time together.
struct doubt_window {
  doubt_window() = default;

  timestamp begin{};
  timestamp end{};
};

/// `date`: of the look. The request left `to_look` before the
/// look was sent, and `to_answer` before it was answered.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT doubt_window window_of(timestamp date, call_clock::duration to_look,
                                                         call_clock::duration to_answer);

/// What the one who judges knows beside the thing itself.
struct doubt_evidence {
  doubt_evidence() = default;

  bool in_doubt = false;
  std::optional<doubt_window> window;  ///< none where the server told no date
};

/// Clocks within a server may differ by so much, and `Date` may be rounded up:
/// a start time says something only where it is further from the window.
inline constexpr std::chrono::seconds start_margin{1};

/// A thing under the id of a keyed call.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT look_fact judge_start(const call_identity& who, const found_thing& thing,
                                                        const doubt_evidence& known);

/// Whether a thing is the call's own, and not only one that will do.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_own(const call_identity& who, const found_thing& thing,
                                              const doubt_evidence& known);

/// The latest run of an execution that is to end. `own`: the run that is
/// meant has ended, `nothing`: it goes on; `who` then remembers its id.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT look_fact judge_ending(call_identity& who, const found_thing& run,
                                                         const doubt_evidence& known);

}  // namespace mistral::workflows::protocol
