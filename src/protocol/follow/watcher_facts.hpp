// What happens to a stream that follows an execution, and what its watcher wishes to be done.
// Not the rules that lead from the one to the other: watcher.hpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::protocol {

/// How a run of an execution ends. No event tells of the last two.
enum class terminal_kind { none, completed, canceled, failed, continued_as_new, terminated, timed_out };

/// When a fact was met, and a number for what is to be random about it.
struct watch_moment {
  using time_point = std::chrono::steady_clock::time_point;

  watch_moment() = default;

  time_point now{};
  std::chrono::nanoseconds waited{0};  ///< how long somebody has waited on the stream, all in all
  double random01 = 0.5;               ///< uniform in [0, 1)
};

/// What is true of a stream from its beginning.
struct watch_rules {
  watch_rules() = default;

  bool watches_execution = true;  ///< false: it ends with a 204 or an error only
  bool owes_event =
      true;  ///< but for TERMINATED and TIMED_OUT, an end leaves an event (not on logs and LIVE)
  bool for_result = false;  ///< whoever waits wants the end and no events
  bool is_there = false;    ///< it was found by one of its runs, so a 404 lags or says that it has expired
  /// Whoever waits for its result has begun it just now: before this, a GET that does not find it lags.
  watch_moment::time_point lags_until{};
  bool follow_continue_as_new = true;
  bool missing_event_ends = false;  ///< an owed event that does not come is the end, and no failure

  std::chrono::milliseconds idle_limit{60'000};
  std::chrono::milliseconds status_check{30'000};
  std::chrono::milliseconds drain_time{5'000};
  std::chrono::milliseconds missing_after{60'000};
  std::chrono::milliseconds initial_backoff{250};
  std::chrono::milliseconds max_backoff{20'000};
  std::chrono::milliseconds budget{10 * 60 * 1'000};
  std::chrono::milliseconds steady_after{10'000};  ///< a connection that held for so long is life
  int max_attempts = 0;                            ///< failures in a row without life; 0: no limit
};

/// An event that was handed over.
struct event_facts {
  event_facts() = default;

  bool moves_cursor = true;
  bool own = false;  ///< of the execution that is followed; what a child's says never counts
  terminal_kind terminal = terminal_kind::none;
  std::string run_id;        ///< empty: it has none
  std::string continued_as;  ///< run id of the successor; empty where none is named or the name cannot be one
};

/// What a GET of the execution said.
struct status_facts {
  enum class answer {
    unknown,  ///< the GET failed, or was not understood
    missing,  ///< proven not to be there
    page,     ///< a 404 that proves nothing: not the API's
    running,
    ended,
    refused,  ///< for good: an error that no repeat mends
  };

  status_facts() = default;

  answer said = answer::unknown;
  terminal_kind kind = terminal_kind::none;              ///< where it has ended
  std::string run_id;                                    ///< empty where the answer has none
  std::optional<std::chrono::milliseconds> retry_after;  ///< the server wants no other GET before
};

/// What a GET of a run said.
struct run_facts {
  enum class answer {
    unknown,  ///< the GET failed, or was not understood
    missing,  ///< proven not to be there
    found,
    impossible,  ///< no run can have that id
  };

  run_facts() = default;

  answer said = answer::unknown;
  std::string execution_id;                              ///< where found
  std::optional<std::chrono::milliseconds> retry_after;  ///< the server wants no other GET before
};

/// Why a connection is gone, or was not to be had.
enum class loss {
  cut,            ///< it broke, or ended within an event
  clean_end,      ///< the answer came to its regular end, after a whole event
  idle,           ///< given up, as the watcher wished
  not_connected,  ///< no answer
  refused,        ///< a status that passes
  wrong_type,     ///< 200, and no event stream
  stream_error,   ///< an error event
};

/// What to do. Each may be wished beside the others; times that
/// have not come yet are when to look again at the latest.
struct wishes {
  using time_point = watch_moment::time_point;

  enum class verdict {
    none,
    end,         ///< the stream has ended; what is there already is handed over first
    follow,      ///< it goes on as that of `next_execution()`, from its beginning
    gave_up,     ///< the budget or the attempts are spent
    incomplete,  ///< the execution has ended and an event that it owes did not come, or nothing can be read
                 ///< any more
    repeated_error,  ///< the same error three times at one cursor
    wrong_type,      ///< three answers in a row that are no event stream
    status_refused,  ///< for a result: the GET is refused for good
  };
  enum class leaving { no, checking_end, idle };

  wishes() = default;

  verdict outcome = verdict::none;
  bool read = false;            ///< a connection is open and may bring more
  leaving leave = leaving::no;  ///< the open connection first
  std::optional<time_point>
      connect;  ///< not before this; never beside an open connection or an attempt under way
  std::optional<time_point> ask;         ///< GET the execution, not before this
  std::optional<time_point> ask_run;     ///< GET the run `successor()`, not before this
  std::optional<time_point> look_again;  ///< a time of waiting will be over, if somebody waits until then
};

}  // namespace mistral::workflows::protocol
