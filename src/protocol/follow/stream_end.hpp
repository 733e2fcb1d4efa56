// When the stream of an execution has ended: no event says so for certain, and for some ends there is no event at all.
// Not a coroutine: it is told what happened and answers what to do next.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <string>

namespace mistral::workflows::protocol {

/// What an event of the stream's own execution says about its end. A child's events say nothing.
enum class terminal_kind { none, completed, canceled, failed, continued_as_new };

/// What a GET of the execution said.
struct status_facts {
  status_facts() = default;

  bool known = false;  ///< false: the GET failed, or was not understood
  bool terminal = false;
  std::string run_id;  ///< empty where the answer has none
};

enum class stream_step {
  read,       ///< wait for events, on this connection or, where there is none, on another
  ask,        ///< GET the execution, then call `answered`
  ask_run,    ///< GET the run `continued_as()`, then call `run_found`
  reconnect,  ///< leave the connection, if there is one, and open another, after the cursor
  end,        ///< the stream has ended
  follow,     ///< the stream goes on as that of `next_execution()`, from its beginning
};

struct end_rules {
  end_rules() = default;

  bool watches_execution = true;  ///< false: the stream ends with a 204 or an error only
  bool follow_continue_as_new = true;
};

/// The rules, for a stream that watches an execution:
///  - A terminal event asks. It is the end once a GET is terminal too and names the same run. If the GET names another run or is not
///    terminal, the stream reads on. A retry may follow FAILED, a run CONTINUED_AS_NEW, so these need the next rule too, as
///    does an event or a GET without a run id.
///  - A terminal GET and one more connection, opened after that GET, that ends cleanly or stays silent for the drain time: the end.
///    Any event on it voids the GET.
///  - A clean end asks, and so does the lack of events (`check_due`).
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_end {
 public:
  explicit stream_end(end_rules rules = end_rules());

  /// An event was handed over. `own` is false for another execution's; `run_id` may be empty.
  void event(bool own, terminal_kind terminal, const std::string& run_id,
             const std::string& continued_as = std::string()) {
    known_ended_ = draining_ = false;
    if (own && rules_.watches_execution) own_event(terminal, run_id, continued_as);
  }

  /// A connection has been opened (200), after the cursor.
  void connected();
  /// The answer has come to its regular end, after a whole event.
  void clean_end();
  /// The connection broke, was given up, or ended within an event.
  void cut();
  /// No event has come for `check_interval`.
  void check_due();
  /// While `draining`: no event has come for the drain time.
  void silent();
  /// 204: the server has nothing more to say.
  void no_content();

  void answered(const status_facts& status);
  /// `execution_id` of the run `continued_as()`, and whether it is the stream's own. Empty if it could not be found out: then
  /// the stream reads on and asks again, at last before it ends; after `most_run_asks` it takes the run for its own.
  void run_found(const std::string& execution_id, bool same);

  /// What to do once all events that have been received are handed over.
  stream_step next() const;

  /// Nothing that may still come belongs to this stream.
  bool over() const noexcept { return ended_; }

  /// A connection is open that can prove the end by its silence.
  bool draining() const noexcept { return draining_; }

  /// A terminal event has come, and whose events follow it matters.
  bool in_sight() const noexcept { return last_terminal_ != terminal_kind::none || !continued_as_.empty(); }

  /// How long to wait for an event before `check_due`. Sooner than `status_check` while a terminal event waits to be confirmed.
  std::chrono::milliseconds check_interval(std::chrono::milliseconds status_check, double random01) const;

  const std::string& continued_as() const noexcept { return continued_as_; }
  const std::string& next_execution() const noexcept { return next_execution_; }

  static constexpr int most_run_asks = 6;

 private:
  enum class why_ask { no, terminal_event, clean_end, check };

  end_rules rules_;
  why_ask ask_ = why_ask::no;
  terminal_kind last_terminal_ =
      terminal_kind::none;  // of the stream's own execution, with no other run's event after it
  std::string terminal_run_;
  int unconfirmed_ = 0;       // GETs that did not confirm it
  bool known_ended_ = false;  // a GET was terminal, and no event has come since
  bool draining_ = false;     // ... and this connection was opened after it
  bool reconnect_ = false;
  bool ended_ = false;
  std::string continued_as_;
  bool run_due_ = false;  // time to ask for the run `continued_as_`
  int run_asks_ = 0;      // how often that was in vain
  std::string next_execution_;

  void own_event(terminal_kind terminal, const std::string& run_id, const std::string& continued_as);
  bool confirms(const status_facts& status) const;
  void end_unless_continued();
};

}  // namespace mistral::workflows::protocol
