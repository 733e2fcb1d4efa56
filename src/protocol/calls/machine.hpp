// One call that may have acted: facts in, wishes out, time as values.
// Not the requests themselves, the gate, the budget or the
// timers: a coroutine of the session does as it is told.
#pragma once

#include "protocol/calls/facts.hpp"
#include "protocol/calls/ownership.hpp"
#include "protocol/calls/pause.hpp"
#include "protocol/calls/reading.hpp"
#include "protocol/calls/table.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <optional>

namespace mistral::workflows::protocol {

/// How a call ends.
enum class call_end : std::uint8_t {
  answered,      ///< the answer to the request is the call's
  found,         ///< what the last look found is; of an ending call: it is done
  failed,        ///< the error is what the outcome that is_told() stands for
  unknown,       ///< start_unknown or ending_unknown, with what the last look found, if anything
  rate_limited,  ///< nothing was sent: the gate opens after the deadline
  timed_out,     ///< the deadline passed, and nothing better is known
  cancelled,
  closed,  ///< by the client's close
};

enum class stop_reason : std::uint8_t { deadline, cancelled, closed };

/// What the session is to do.
struct wish {
  wish() = default;

  enum class kind : std::uint8_t {
    prepare,  ///< pass the gate, get the key and a connection, whatever of them is not held already; then
              ///< ready() at once
    send,     ///< write the operation's request to that connection; then sent()
    look,     ///< write a GET to it; then looked()
    wait,     ///< give back gate and connection, wait until `until`; then woke()
    end,      ///< the call is over
  };

  kind what = kind::prepare;
  bool token = false;      ///< prepare, wait: take from the retry budget first; no_token() where it has none
  bool renew_key = false;  ///< prepare: the key that was used last is no good
  wait_reason why = wait_reason::back_off;
  call_clock::time_point until{};
  call_end how = call_end::failed;
};

/// The cell of the table that a call came through last.
struct table_cell {
  table_cell() = default;
  table_cell(call_state state, send_fact fact)
      : from(state), looked(false), what(static_cast<std::uint8_t>(fact)) {}
  table_cell(call_state state, look_fact fact)
      : from(state), looked(true), what(static_cast<std::uint8_t>(fact)) {}

  call_state from = call_state::once;
  bool looked = false;
  std::uint8_t what = 0;  ///< a look_fact or a send_fact
};

/// Not thread-safe, and allocates nothing while all goes well.
/// After the end every function says the same end again.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_machine {
 public:
  call_machine(call_identity who, call_rules rules);

  wish begin() { return prepare(); }

  /// Gate, key and connection are there: the next byte would be a request's. Says send, look or end.
  wish ready(moment at);
  /// They cannot be had. `end`: not sent.
  wish unprepared(const request_end& end, moment at);
  /// The gate opens after the deadline.
  wish shut();
  /// The request has ended. What leaves doubt has had its connection closed.
  wish sent(const request_end& end, moment at);
  /// The look has ended. `shown`: what it shows, if its body could be read.
  wish looked(const request_end& end, const std::optional<found_thing>& shown, moment at);
  wish woke() { return is_end(state_) ? last_ : prepare(); }
  /// The retry budget has no token.
  wish no_token();
  /// The caller, the client or the clock ends the call. `under_way`: how far the request under way has got.
  wish stop(stop_reason why, const request_end& under_way);

  /// Right after sent() or unprepared(): whether an error is to
  /// tell of this outcome, rather than of the one kept so far.
  bool is_told() const noexcept { return told_now_; }

  /// Over all requests of the call.
  server_action acted() const noexcept { return acted_; }
  retry_end retries_ended() const noexcept { return retries_ended_; }
  int sends() const noexcept { return sends_; }
  /// Of an end `found` of a keyed call: a running execution of somebody else's.
  bool attached() const noexcept { return attached_; }
  /// Where, by the last look that found something, the earliest request in doubt left.
  const std::optional<doubt_window>& window() const noexcept { return window_; }

  /// For tests.
  call_state state() const noexcept { return state_; }
  const table_cell& latest() const noexcept { return latest_; }

 private:
  enum class telling : std::uint8_t { nothing, failure, answer, doubtful_answer };

  call_identity who_;
  call_rules rules_;
  pauses pauses_;
  call_state state_;
  table_cell latest_;
  wish last_;  // not yet carried out, or the end

  int sends_ = 0;
  int wasted_looks_ = 0;  // since the last send: failed, or too old when the request was to leave
  bool key_renewed_ = false;
  bool told_now_ = false;
  bool attached_ = false;
  telling told_ = telling::nothing;
  server_action acted_ = server_action::no;
  retry_end retries_ended_ = retry_end::none;

  call_time left_at_;                         // of the request under way, or the last one
  call_time looked_at_;                       // the last look that saw nothing
  call_clock::time_point send_not_before_{};  // the back-off that runs beside the looks
  call_clock::duration lasted_{0};            // the last request
  std::optional<call_time> doubted_since_;    // the earliest request in doubt left
  std::optional<doubt_window> window_;

  wish prepare(bool token = false);
  wish wait(wait_reason why, call_clock::time_point until, bool token);
  wish renew_key();
  wish over(call_end how);
  wish go_to(call_state next);
  wish give_up(retry_end why, call_state instead);

  wish repeat(call_state next, const request_end& end, moment at);
  wish look_again(const request_end& end, moment at);
  wish saw_nothing(moment at);
  bool attempts_spent() const noexcept { return sends_ >= rules_.max_attempts; }

  void account(send_fact what, const request_end& end, moment at);
  void may_have_been(server_action acted, const request_end& end);
  void choose_what_to_tell(const request_end& end, bool in_doubt);
  call_end end_at_deadline(const request_end& under_way) const;
  look_fact judge(look_answer said, const request_end& end, const std::optional<found_thing>& shown,
                  moment at);
};

}  // namespace mistral::workflows::protocol
