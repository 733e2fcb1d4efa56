// What a call that may act is told: who it is, and what became of its requests, as values.
// Not what follows from them: reading.hpp names it, machine.hpp decides.
#pragma once

#include "protocol/calls/answers.hpp"
#include "protocol/http/operation.hpp"

#include <mistral/workflows/model/timestamp.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

using call_clock = std::chrono::steady_clock;

/// A time, and how far the wall clock was ahead of `now`'s: `now` does not count
/// while the machine sleeps, or a virtual one is held, and the wall clock does.
struct call_time {
  call_time() = default;
  call_time(call_clock::time_point when, call_clock::duration wall_ahead = call_clock::duration(0))
      : now(when), ahead(wall_ahead) {}

  call_clock::time_point now{};
  call_clock::duration ahead{0};
};

/// By the clock that counted more: what is said of a server's time is then said too carefully where the wall
/// clock has been set, and never of a time that was slept through.
inline call_clock::duration elapsed(const call_time& from, const call_time& to) {
  return to.now - from.now + std::max(call_clock::duration(0), to.ahead - from.ahead);
}

/// When something happened, and a random number for what is
/// drawn then: uniform in [0, 1), needed only after a failure.
struct moment : call_time {
  moment() = default;
  explicit moment(call_time when, double drawn = 0) : call_time(when), random01(drawn) {}

  call_time time() const { return call_time(now, ahead); }

  double random01 = 0;
};

/// The id that an answer's body names: of an execution, or of a schedule.
enum class named_id : std::uint8_t { none, same, other };

/// How a request of a call ended: the operation's own, or a look (a GET of what the call is about).
struct request_end : attempt_outcome {
  request_end() = default;

  bool json = false;  ///< the body is JSON, and said to be; its WF code alone is not enough
  named_id id = named_id::none;
  bool renewable_key = false;        ///< of a 401: another key can be had
  std::optional<call_time> left_at;  ///< when its first byte left
  std::optional<timestamp> date;     ///< the server's clock when it answered, in whole seconds
  std::chrono::seconds age{0};       ///< that a cache says that the answer had when it came
};

/// What a look found under the call's id.
struct found_thing {
  found_thing() = default;

  std::optional<std::string> run_id;
  timestamp start_time{};
  bool terminal = false;
  /// An execution of the workflow that was called (true where it
  /// was called by registration); a schedule defined as was sent.
  bool as_sent = false;
};

/// What makes a found thing the call's own, where the call is in doubt.
enum class proof : std::uint8_t {
  id,    ///< nobody else uses it: the library made it, or the caller says so (`if_exists = adopt`)
  time,  ///< an execution under the caller's id: the workflow, and that it did not begin before the request
         ///< left
  definition,  ///< a schedule
};

/// What a call is, as far as doubt is concerned.
struct call_identity {
  call_identity() = default;
  explicit call_identity(safety what) : repeat(what) {}

  /// `absent`: the code of a 404 that proves that there is nothing.
  static call_identity keyed(proof by, std::string_view absent = "WF_1100") {
    call_identity out(safety::keyed);
    out.own_by = by;
    out.absent_code = absent;
    return out;
  }
  static call_identity ending(std::optional<std::string> run) {
    call_identity out(safety::ending);
    out.run_id = std::move(run);
    return out;
  }

  safety repeat = safety::once;
  proof own_by = proof::id;           ///< keyed
  bool attach_running = false;        ///< keyed: somebody else's running execution will do
  std::optional<std::string> run_id;  ///< ending: the run that is meant, where it is known
  std::string_view absent_code = "WF_1100";
};

}  // namespace mistral::workflows::protocol
