// Follows one execution: what to read, connect and ask, and when its stream has ended or cannot go on.
// Not a coroutine and not a clock: facts go in with their
// times, wishes come out, several at once (watcher_facts.hpp).
#pragma once

#include "protocol/calls/backoff.hpp"
#include "protocol/follow/watcher_facts.hpp"
#include "protocol/http/uuid.hpp"

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::protocol {

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

/// Its stages follow what is known of the end, and one rule leads through them: an end that
/// is not told by an event and a GET that name the same run is waited out (a connection
/// begun since that brings nothing new, or the time in which an event is missing), and then
/// a last GET, asked behind all that, has to say the same. An event that moves the cursor
/// takes back whatever was waited out, and one of another run whatever was known of the end.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT watcher {
 public:
  using time_point = watch_moment::time_point;

  watcher(const watch_rules& rules, const watch_moment& at);

  /// The stream begins behind an event that was its execution's end.
  void begin_behind(const event_facts& last, const watch_moment& at);
  /// The stream goes on as that of `next_execution()`, from its beginning. The server is the same, so the
  /// pace that was reached stays, and permits that were taken stay taken.
  void begin_elsewhere(const watch_rules& rules, const watch_moment& at);

  // What happened. `connected` or a loss follows each `connecting`, an answer each `asking`.
  void connecting(const watch_moment& at);
  void connected(const watch_moment& at);
  /// Bytes came, a comment at least.
  void received(const watch_moment& at);
  /// A record came: an event, new or not. Need not be told of one that is handed over. An error event is a
  /// loss.
  void record(const watch_moment& at);
  /// `retry:`
  void server_asks(std::chrono::milliseconds retry) noexcept { server_retry_ = retry; }
  void handed_over(const event_facts& event, const watch_moment& at);
  /// `retry_after`: of a refusal. `text`: of an error event
  /// or a wrong type, to tell whether it is the same again.
  void lost(loss why, const watch_moment& at,
            std::optional<std::chrono::milliseconds> retry_after = std::nullopt,
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
  /// No connection can bring what is still to be known.
  bool gets_alone() const noexcept { return has_read_all() || no_stream_; }
  enum class target { none, execution, run };
  /// What it gave up for: GETs of it were not answered, whatever became of connections.
  target asked_in_vain() const noexcept { return in_vain_; }
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
    seeking,  // nothing but a successor that is to be found keeps it from its end
    confirm,  // all that was to be waited for is over: a last GET must say the same
    over,
  };
  enum class link { none, connecting, open };

  watch_rules rules_;
  stage stage_ = stage::running;
  wishes::verdict outcome_ = wishes::verdict::none;

  // The connection, and the pace of connecting: the brake
  // is released by an event that moves the cursor alone.
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

  std::optional<time_point> unanswered_since_;  // GETs, where nothing but they can decide
  target in_vain_ = target::none;               // for the budget

  // GETs. Their clock is the execution's: only an event that moves the cursor sets it anew.
  bool asking_ = false;
  bool looked_ = false;      // one has been answered, whatever it said, but that it may lag
  bool asked_last_ = false;  // when all was waited out
  duration ask_due_{0};
  time_point ask_after_{};
  time_point no_get_before_{};  // a server's Retry-After, for GETs of whatever
  int polls_ = 0;               // without a stream
  int undecided_ = 0;           // GETs in a row that did not decide what they were to
  time_point answered_at_{};
  permits gets_;

  // What is known of the end.
  event_facts terminal_;
  terminal_kind known_kind_ = terminal_kind::none;
  std::string known_run_;
  std::vector<std::string> past_runs_;  // have ended, and another goes on
  bool was_there_ = false;
  std::optional<time_point> missing_since_;
  std::optional<stage> waited_out_;  // in which stage, where all is waited out
  bool fresh_ = false;               // the connection was begun after the GET that says that it has ended
  duration quiet_since_{0};          // ... and has brought nothing new since
  bool missing_counts_ = false;
  duration missing_{0};
  duration counted_to_{0};

  // The run that goes on.
  std::string successor_;
  std::string next_execution_;
  bool run_asking_ = false;
  std::string asked_run_;
  bool run_asked_last_ = false;
  int run_asks_ = 0;
  std::optional<time_point> run_missing_since_;
  std::optional<time_point> run_unanswered_since_;
  time_point run_after_{};

  static bool leaves_no_event(terminal_kind kind) {
    return kind == terminal_kind::terminated || kind == terminal_kind::timed_out;
  }
  // Of run ids, of which some are not known.
  static bool same_known(const std::string& one, const std::string& other) {
    return !one.empty() && same_run_id(one, other);
  }
  static bool differ(const std::string& one, const std::string& other) {
    return !one.empty() && !other.empty() && !same_run_id(one, other);
  }

  // What the stage says.
  bool known_ended() const noexcept { return stage_ > stage::said; }
  bool draining() const noexcept { return stage_ == stage::silent || stage_ == stage::settled; }
  bool has_read_all() const noexcept { return stage_ >= stage::seeking && waited_out_ != stage::owed; }
  bool asks_for_end() const noexcept { return rules_.watches_execution && stage_ != stage::over; }
  // The end that is known is none for whoever waits for a result: another run is to go on.
  bool awaits_next_run() const noexcept {
    return rules_.for_result && rules_.follow_continue_as_new &&
           known_kind_ == terminal_kind::continued_as_new;
  }

  // Times and pace: watcher.cpp.
  void count_time(const watch_moment& at) {
    if (missing_counts_ && stage_ == stage::owed) missing_ += at.waited - counted_to_;
    counted_to_ = at.waited;
  }
  void meet_times(const watch_moment& at);
  void look_at_times(wishes& out, const watch_moment& at) const;
  bool wants_connection() const;
  duration missing_limit() const;
  void life() noexcept;
  void release_brake();
  void failed(const watch_moment& at, std::optional<std::chrono::milliseconds> retry_after);
  void give_up(const watch_moment& at);

  // Events: watcher_events.cpp.
  void own_event(const event_facts& event, const watch_moment& at);
  bool is_repeated(const event_facts& end) const;
  void said(const event_facts& end, const watch_moment& at);

  // GETs: watcher_status.cpp.
  bool lags(const status_facts& status, const watch_moment& at) const;
  void not_found(const status_facts& status, const watch_moment& at);
  void not_understood(const status_facts& status, const watch_moment& at);
  static bool is_another(const status_facts& status, const std::string& run_id, terminal_kind end);
  void still_running(const status_facts& status);
  void has_ended(const status_facts& status, const watch_moment& at);
  void evidence(const watch_moment& at);
  void unanswered(const watch_moment& at);
  void give_up_asking(target what);
  void ask_again(const watch_moment& at);
  void wait_for_server(std::optional<std::chrono::milliseconds> retry_after, const watch_moment& at);
  duration interval(const watch_moment& at) const;
  std::chrono::milliseconds ask_backoff(int times, double random01) const;

  // From stage to stage, and from run to run: watcher_end.cpp.
  void enter(stage to);
  void agreed();
  void owe();
  void waited_out(const watch_moment& at);
  void confirm(const watch_moment& at);
  void confirmed();
  void finish();
  void goes_on();
  void another_runs();
  bool looks_on(const run_facts& run, const watch_moment& at);
  // Also where it was not found under its id.
  bool is_successor(const std::string& run_id) const {
    return rules_.follow_continue_as_new && same_known(run_id, terminal_.continued_as);
  }
  bool is_past(const std::string& run_id) const;
  void remember_past(const std::string& run_id);
};

}  // namespace mistral::workflows::protocol
