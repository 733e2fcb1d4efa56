// Follows one execution: what to read, connect and ask, and when its stream has ended or cannot go on.
// Not a coroutine and not a clock: facts go in with their times, wishes come out, several at once.
#pragma once

#include "protocol/calls/backoff.hpp"

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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
  bool owes_event = true;         ///< but for TERMINATED and TIMED_OUT, an end leaves an event (not on logs and LIVE)
  bool for_result = false;        ///< whoever waits wants the end and no events
  bool is_there = false;          ///< it was found by one of its runs, so a 404 lags or says that it has expired
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
    running,
    ended,
    refused,  ///< for good: an error that no repeat mends
  };

  status_facts() = default;

  answer said = answer::unknown;
  terminal_kind kind = terminal_kind::none;  ///< where it has ended
  std::string run_id;                        ///< empty where the answer has none
};

/// What a GET of a run said.
struct run_facts {
  enum class answer { unknown, missing, found, impossible };  ///< the last: no run can have that id

  run_facts() = default;

  answer said = answer::unknown;
  std::string execution_id;  ///< where found
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

/// What to do. Each may be wished beside the others; times that have not come yet are when to look again at the latest.
struct wishes {
  using time_point = watch_moment::time_point;

  enum class verdict {
    none,
    end,         ///< the stream has ended; what is there already is handed over first
    follow,      ///< it goes on as that of `next_execution()`, from its beginning
    gave_up,     ///< the budget or the attempts are spent
    incomplete,  ///< the execution has ended and an event that it owes did not come, or nothing can be read any more
    repeated_error,  ///< the same error three times at one cursor
    wrong_type,      ///< three answers in a row that are no event stream
    status_refused,  ///< for a result: the GET is refused for good
  };
  enum class leaving { no, checking_end, idle };

  wishes() = default;

  verdict outcome = verdict::none;
  bool read = false;                     ///< a connection is open and may bring more
  leaving leave = leaving::no;           ///< the open connection first
  std::optional<time_point> connect;     ///< not before this; never beside an open connection or an attempt under way
  std::optional<time_point> ask;         ///< GET the execution, not before this
  std::optional<time_point> ask_run;     ///< GET the run `successor()`, not before this
  std::optional<time_point> look_again;  ///< a time of waiting will be over, if somebody waits until then
};

/// A number of permits that come back with time.
class permits {
 public:
  using time_point = watch_moment::time_point;

  /// When the next may be taken.
  time_point next(time_point now) const;
  void take(time_point now);
  /// The cursor has moved since the last `take`: they come back ten times as fast from there to the next.
  void moved() noexcept { a_second_ = 10; }

  static constexpr double most = 20;

 private:
  double left_ = most;  // after the last `take`
  double a_second_ = 1;
  time_point taken_at_{};

  double held(time_point now) const;
};

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT watcher {
 public:
  using time_point = watch_moment::time_point;

  watcher(const watch_rules& rules, const watch_moment& at);

  /// The stream begins behind an event that was its execution's end.
  void begin_behind(const event_facts& last, const watch_moment& at);

  // What happened. `connected` or a loss follows each `connecting`, an answer each `asking`.
  void connecting(const watch_moment& at);
  void connected(const watch_moment& at);
  /// Bytes came, a comment at least.
  void received(const watch_moment& at);
  /// A record came: an event, new or not. An error event is a loss.
  void record(const watch_moment& at);
  /// `retry:`
  void server_asks(std::chrono::milliseconds retry) noexcept { server_retry_ = retry; }
  void handed_over(const event_facts& event, const watch_moment& at);
  /// `retry_after`: of a refusal. `text`: of an error event or a wrong type, to tell whether it is the same again.
  void lost(loss why, const watch_moment& at, std::optional<std::chrono::milliseconds> retry_after = std::nullopt,
            const std::string& text = std::string());
  /// The connection was left as wished, to check the end.
  void left(const watch_moment& at);
  void no_content(const watch_moment& at);
  /// For a result: there is no stream to be had, so GETs alone must do.
  void no_stream(const watch_moment& at);
  void asking(const watch_moment& at);
  void answered(const status_facts& status, const watch_moment& at);
  void asking_run(const watch_moment& at);
  void run_answered(const run_facts& run, bool same_execution, const watch_moment& at);
  /// The caller was told of the failure. Whoever goes on reading does so at the pace that has been reached.
  void failure_told(const watch_moment& at);

  wishes wish(const watch_moment& at);

  /// The wait until the next attempt to connect, for those who are told of a loss.
  std::chrono::milliseconds next_attempt_in(const watch_moment& at) const;
  const std::string& successor() const noexcept { return successor_; }
  const std::string& next_execution() const noexcept { return next_execution_; }
  /// How the execution has ended, as far as a GET said; none: it has not.
  terminal_kind known_end() const noexcept { return known_kind_; }
  /// The terminal event that may still be the end; a cursor that is stored now has to carry it.
  const event_facts& last_terminal() const noexcept { return terminal_; }
  bool over() const noexcept { return stage_ == stage::over; }
  /// An end is near, so whose event it is matters with each.
  bool end_in_sight() const noexcept { return stage_ != stage::running; }

 private:
  using duration = std::chrono::nanoseconds;

  enum class stage {
    running,  // nothing says that it has ended
    said,     // a terminal event was handed over, and a GET is to confirm it
    owed,     // a GET says that it has ended, and its event has not come
    silent,   // a GET says so, and no event will: a connection opened since must bring nothing more
    settled,  // event and GET say so, and a retry or a run may follow: likewise
    confirm,  // nothing more came: a second GET must name the same run
    over,
  };
  enum class link { none, connecting, open };

  watch_rules rules_;
  stage stage_ = stage::running;
  wishes::verdict outcome_ = wishes::verdict::none;

  // The connection, and the pace of connecting: the brake is released by an event that moves the cursor alone.
  link link_ = link::none;
  bool no_stream_ = false;
  time_point opened_at_{};
  duration heard_at_{0};     // in time waited, as are those of this type below
  bool moved_here_ = false;  // this connection has moved the cursor
  bool said_here_ = false;   // ... has brought the terminal event
  backoff backoff_;
  int failures_ = 0;  // since the cursor moved
  time_point connect_at_{};
  std::chrono::milliseconds server_retry_{0};
  permits connections_;

  // The budget: time and failures without life.
  std::optional<time_point> dead_since_;
  int dead_failures_ = 0;
  loss last_loss_ = loss::cut;
  bool gives_up_ = false;  // unless a GET says otherwise
  int same_error_ = 0;
  std::string error_text_;
  int wrong_types_ = 0;

  // GETs. Their clock is the execution's: only an event that moves the cursor sets it anew.
  bool asking_ = false;
  bool looked_ = false;  // one has been answered, whatever it said
  stage asked_in_ = stage::running;
  duration ask_due_{0};
  time_point ask_after_{};
  int polls_ = 0;      // without a stream
  int undecided_ = 0;  // GETs in a row that did not decide what they were to
  std::optional<time_point> answered_at_;
  permits gets_;

  // What is known of the end.
  event_facts terminal_;
  terminal_kind known_kind_ = terminal_kind::none;
  std::string known_run_;
  std::vector<std::string> past_runs_;  // have ended, and another goes on
  bool was_running_ = false;
  std::optional<time_point> missing_since_;
  bool fresh_ = false;       // the connection was begun after the GET that says that it has ended
  duration quiet_since_{0};  // ... and has brought nothing new since
  stage drained_from_ = stage::silent;
  bool missing_counts_ = false;
  duration missing_{0};
  duration counted_to_{0};

  // The run that goes on.
  std::string successor_;
  std::string next_execution_;
  bool drained_ = false;  // nothing but the successor keeps it from its end
  bool run_asking_ = false;
  std::string asked_run_;
  bool run_asked_last_ = false;
  int run_asks_ = 0;
  std::optional<time_point> run_asked_at_;
  time_point run_after_{};

  void count_time(const watch_moment& at);
  void meet_times(const watch_moment& at);
  void look_at_times(wishes& out, const watch_moment& at) const;
  bool wants_connection() const;
  bool has_read_all() const { return drained_ || stage_ == stage::confirm || stage_ == stage::over; }
  bool draining() const { return !drained_ && (stage_ == stage::silent || stage_ == stage::settled); }

  void life() noexcept;
  void failed(const watch_moment& at, std::optional<std::chrono::milliseconds> retry_after);
  void give_up(const watch_moment& at);
  void release_brake();

  void own_event(const event_facts& event, const watch_moment& at);
  void said(const event_facts& event, const watch_moment& at);
  bool is_past(const std::string& run_id) const;
  void remember_past(std::string run_id);
  bool is_known_end(const event_facts& event) const;
  void another_runs(const event_facts& event, const watch_moment& at);
  void goes_on(std::string past_run, const watch_moment& at);
  void still_running(const status_facts& status, const watch_moment& at);
  void see_successor(const status_facts& status, const watch_moment& at);
  void has_ended(const status_facts& status, const watch_moment& at);
  void is_missing(const watch_moment& at);
  void same_run_ended(const status_facts& status);
  void settle();
  void evidence(terminal_kind kind, const std::string& run_id, const watch_moment& at);
  void enter(stage to);
  void drained(const watch_moment& at);
  void confirm(const watch_moment& at);
  void finish();
  void missing_is_over();
  bool known_is_result() const noexcept;
  bool misses_event() const;
  bool known_ended() const { return stage_ != stage::running && stage_ != stage::said; }
  duration missing_limit() const;
  bool asks_for_end() const noexcept { return rules_.watches_execution && stage_ != stage::over; }
  void ask_again(const watch_moment& at);
  duration interval(const watch_moment& at) const;
  std::chrono::milliseconds ask_backoff(int times, double random01) const;
};

}  // namespace mistral::workflows::protocol
