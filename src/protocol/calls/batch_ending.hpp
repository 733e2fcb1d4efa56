// Cancelling or terminating many executions with one request: which
// ids are looked at, which are sent again, what became of each.
// Not a batch of more than one request's ids (batch.hpp), and not the looks themselves: facts in, wishes out.
#pragma once

#include "protocol/calls/facts.hpp"
#include "protocol/calls/ownership.hpp"
#include "protocol/calls/pause.hpp"
#include "protocol/calls/reading.hpp"
#include "protocol/calls/table.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace mistral::workflows::protocol {

/// What an answer to a batch says of one id.
enum class batch_answer : std::uint8_t { success, failure, nothing };

/// What became of one id.
enum class batch_fate : std::uint8_t {
  open,     ///< not yet known
  success,  ///< the server says so, or a look: the run that was meant has ended
  refused,  ///< the server's last answer says that it is not done, or no request with it left; nothing is in
            ///< doubt
  unknown,  ///< a request with it may have acted, and nothing tells
};

struct batch_wish {
  batch_wish() = default;

  enum class kind : std::uint8_t {
    prepare,  ///< pass the gate, get key and connection; then ready() at once
    send,     ///< write a request with `ids`; then sent()
    look,     ///< begin a GET for `id`, in the gate's line and on a connection of its own, then ask next()
              ///< again; looked() at its end
    wait,     ///< until `until`, then next()
    report,   ///< nothing to begin: looks are under way
    end,
  };

  kind what = kind::report;
  bool token = false;      ///< prepare, wait: from the retry budget; no_token() where it has none
  bool renew_key = false;  ///< any: the key that was used last is no good
  std::size_t id = 0;
  std::vector<std::size_t> ids;
  wait_reason why = wait_reason::back_off;
  call_clock::time_point until{};
};

/// Ids are places in the batch. Each stands in the table of calls where a single
/// ending would; a look that decides nothing ends its id as `unknown`. Those
/// that may go again go in portions, so that no look is too old when they leave.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT batch_ending {
 public:
  /// Looks of one batch under way at once. A client's batches together: up to the session.
  static constexpr std::size_t most_looks = 8;

  /// `runs`: the run that is meant, where it is known, for each id.
  batch_ending(const std::vector<std::optional<std::string>>& runs, const call_rules& rules);

  /// What is to be done now; asked again after each fact, and after each look that was begun.
  batch_wish next(moment at);
  /// Gate, key and connection are there. Says send, or whatever
  /// else is to be done if every look has become too old.
  batch_wish ready(moment at);
  /// The batch's request has ended. `said`: for each of the ids
  /// that were sent, if it was answered with 2xx and could be read.
  void sent(const request_end& end, std::span<const batch_answer> said, moment at);
  void unprepared(const request_end& end, moment at) { sent(end, {}, at); }
  /// The look at `id` has ended. `left`: when its first byte left.
  void looked(std::size_t id, const request_end& end, const std::optional<found_thing>& shown, call_time left,
              moment at);
  /// The retry budget has no token, or the gate opens after the deadline: nothing is sent any more. Looks
  /// under way may end, and without a token what is in doubt has a last one, at once.
  void give_up(retry_end why);
  /// The deadline, the caller or the client. `under_way`: how far the batch's request has got.
  void stop(const request_end& under_way);

  batch_fate fate(std::size_t id) const;
  /// `unknown`, as a look has shown a run that is not provably the one that was meant.
  bool found_another(std::size_t id) const { return items_[id].state == call_state::unknown; }
  /// When the earliest request with it that is in doubt left, as the last look tells.
  const std::optional<doubt_window>& window(std::size_t id) const { return items_[id].window; }
  /// A request with one of them may have acted, and nothing has told.
  bool in_doubt() const noexcept;
  bool in_doubt(std::size_t id) const { return items_[id].doubted_since.has_value(); }
  std::size_t looks_under_way() const noexcept { return looks_under_way_; }
  retry_end retries_ended() const noexcept { return retries_ended_; }

 private:
  struct item {
    item() = default;

    call_identity who;
    call_state state = call_state::ending;
    bool under_way = false;  // in the batch's request, or its look
    bool key_renewed = false;
    int sends = 0;
    int wasted_looks =
        0;  // since the last send: too old when the request was to leave, or refused at the gate
    call_time looked_at;                     // when the look left that permits
    std::optional<call_time> doubted_since;  // the earliest request in doubt left
    std::optional<doubt_window> window;
  };

  call_rules rules_;
  pauses pauses_;
  std::vector<item> items_;
  std::size_t looks_under_way_ = 0;
  bool sending_ = false;
  bool key_renewed_ = false;
  bool renew_key_ = false;
  bool token_due_ = false;  // for the wait
  retry_end retries_ended_ = retry_end::none;
  call_time left_at_;  // the batch's request
  call_clock::duration lasted_{0};
  call_clock::time_point not_before_{};  // nothing is begun
  wait_reason waits_for_ = wait_reason::back_off;

  static bool may_go(const item& one) noexcept { return is_sending(one.state) && !one.under_way; }
  bool all_ended() const noexcept;
  std::optional<std::size_t> next_to_look() const;
  bool portion_is_due(moment at) const;
  void drop_old_looks(moment at);
  void went(item& one, send_fact what, const request_end& end);
  look_fact judge(item& one, const request_end& end, const std::optional<found_thing>& shown, call_time left,
                  moment at);
  void settle(item& one, retry_end why);
  void pause_after(const request_end& end, moment at);
  batch_wish wait();
  batch_wish look(std::size_t id);
  batch_wish report();
  batch_wish make(batch_wish::kind what);
};

}  // namespace mistral::workflows::protocol
