// What happened in one sequence of the model: written by the
// model server and by whoever drives the call, read by the judge.
// Uses nothing of the library.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace call_model {

/// Microseconds from the beginning of a sequence.
using instant = std::int64_t;
inline constexpr instant never = std::numeric_limits<instant>::max();
inline constexpr instant ms = 1000;
inline constexpr instant second = 1'000'000;

enum class call_kind : std::uint8_t {
  start_by_library,  ///< the library made the id
  start_by_caller,   ///< if_exists = fail
  start_or_attach,   ///< if_exists = attach_running
  start_or_adopt,    ///< if_exists = adopt
  schedule,
  ending,         ///< cancel or terminate
  ending_of_run,  ///< the run id is known
  read,
  repeatable,
  once,
};

inline bool is_start(call_kind k) { return k <= call_kind::start_or_adopt; }
inline bool is_keyed(call_kind k) { return k <= call_kind::schedule; }
inline bool is_ending(call_kind k) { return k == call_kind::ending || k == call_kind::ending_of_run; }
inline bool id_is_proof(call_kind k) {
  return k == call_kind::start_by_library || k == call_kind::start_or_adopt;
}

/// A run of the one execution of a sequence, or the schedule.
struct run {
  instant start = 0;
  instant end = never;
  int by_send = -1;       ///< which request of the call began it; -1: somebody else
  bool as_called = true;  ///< the workflow, or the definition, is the call's

  bool running_at(instant now) const { return start <= now && now < end; }
};

/// A request of the call that acted.
struct act {
  int send = 0;
  instant at = 0;
  int on_run = -1;  ///< begun, or ended
};

/// What a request was answered with; status 0: it was not.
struct reply {
  bool left = true;  ///< false: no connection
  int status = 0;
  int code = 0;  ///< 1100 stands for WF_1100; 0: none; -1: AMBIGUOUS_WORKFLOW
  bool json = true;
  bool complete = true;  ///< false: cut behind the head
  bool permanent = false;
  bool stale = false;
  bool renewable_key = false;
  bool other_id = false;
  instant retry_after = -1;
  instant date = -1;  ///< of the server's clock, whole seconds
  bool shows = false;
  int shown_run = -1;
  bool shown_terminal = false;
  bool with_run_id = true;
};

struct send_record {
  int number = 0;    ///< among all requests of the call
  instant left = 0;  ///< its first byte
  instant ended = 0;
  reply said;
  bool interrupted = false;
};

struct look_record {
  int number = 0;
  instant sent = 0;
  instant evaluated = never;  ///< by the server; it may have been asked, and not be heard
  instant ended = 0;
  reply said;
  bool interrupted = false;
};

enum class verdict : std::uint8_t {
  none,
  answered,
  found,
  failed,
  unknown,
  refused_by_gate,
  timed_out,
  cancelled
};
enum class acted : std::uint8_t { no, yes, unknown, unsaid };

struct history {
  call_kind kind = call_kind::once;
  int given_run = -1;  ///< ending_of_run
  int max_attempts = 4;
  instant deadline = never;

  std::vector<run> runs;
  std::vector<act> acts;
  std::vector<send_record> sends;
  std::vector<look_record> looks;

  verdict ended = verdict::none;
  acted said_acted = acted::no;
  bool attached = false;
  bool stopped = false;       ///< by the deadline, the caller, the client's own gate or its budget
  bool slept_beyond = false;  ///< a wait was begun that ends after the deadline
  instant ended_at = 0;

  int requests() const { return static_cast<int>(sends.size() + looks.size()); }

  void clear() {
    runs.clear();
    acts.clear();
    sends.clear();
    looks.clear();
    ended = verdict::none;
    said_acted = acted::no;
    attached = stopped = slept_beyond = false;
    given_run = -1;
  }
};

}  // namespace call_model
