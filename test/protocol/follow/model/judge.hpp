// Watches a sequence of the model as it goes, and says what in it was wrong, by its own reading of the rules.
// Uses nothing of the library but the types of facts and wishes.
#pragma once

#include "protocol/follow/model/tally.hpp"
#include "protocol/follow/model/world.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace follow_model {

/// The time of a fact: by the clock, and as somebody waited.
struct instants {
  instant now = 0;
  instant waited = 0;
};

/// What a judge knows of the stream that is followed, and forgets when the next begins, but for its pace
/// where the one goes on as the other.
struct judged_stream {
 protected:
  struct bucket {
    double left = 20;
    instant at = 0;
    bool moved = false;

    bool take(instant now) {
      left = std::min(20.0, left + static_cast<double>(now - at) / 1e6 * (moved ? 10 : 1)) - 1;
      at = now;
      moved = false;
      return left > -0.01;
    }
  };
  struct ended_look {
    instant of = 0;
    instant asked = 0;
    instant answered = 0;
    int run = -1;
    terminal_kind kind = terminal_kind::none;
  };
  struct run_search {
    std::optional<instant> missing;     // since when that is proven
    std::optional<instant> unanswered;  // since when nobody has said anything
    bool given_up = false;
    int found = -1;
    bool found_here = false;
    bool begun_here = false;  // an event of it has come
  };

  int execution_ = 0;
  std::optional<instant> none_owed_;  // within what time waited it is to end behind a marked cursor
  instants begun_;
  bucket connections_;
  bucket gets_;
  instant not_before_ = 0;
  std::optional<instant> settled_waited_;

  // the link
  bool open_ = false;
  instants link_begun_;
  instants link_open_;
  instant link_quiet_since_ = 0;
  bool link_moved_ = false;
  instant drained_by_ = -never;  // when the connection was begun that has drained

  // life
  instant life_ = 0;
  int failures_ = 0;
  instant longest_retry_after_ = 0;
  protocol::loss last_loss_ = protocol::loss::cut;
  instant may_live_ = 0;  // in time waited: the last thing that some may take for life
  int may_fail_ = 0;      // failures since
  int braked_ = 0;        // failures since the cursor moved
  int same_errors_ = 0;
  int wrong_types_ = 0;

  // the status clock
  instant clock_from_ = 0;
  bool may_ask_early_ = false;
  std::optional<instant> clean_end_;  // without progress, and no GET since; in time waited
  bool asking_ = false;
  instants asked_;

  // what is known of the end
  instant first_ended_waited_ = 0;
  std::optional<ended_look> first_ended_;  // in a row, of one run
  ended_look last_ended_;
  int ended_in_a_row_ = 0;
  bool ended_known_ = false;  // the last answer
  bool own_since_ = false;    // an event of the execution, which may have taken that back
  bool status_refused_ = false;
  int terminal_ = -1;
  bool said_ = false;  // by that event alone that it has ended, and nothing else since
  bool was_running_ = false;
  int last_run_handed_ = -1;
  bool continued_ = false;  // an own event said so
  bool last_missing_ = false;
  bool missing_refuses_ = false;  // a result of what was not known to be there
  bool followed_ = false;         // found by a run
  bool no_content_ = false;
  bool no_stream_ = false;
  bool without_stream_ = false;        // GETs alone are to do
  std::optional<instant> unanswered_;  // GETs, since when
  std::optional<instant> in_vain_;     // ... and nothing else can decide; in time waited
  instant missing_counted_ = 0;
  instant missing_when_asked_ = 0;  // the last GET
  instant counted_to_ = 0;
  bool missing_counts_ = false;

  run_search run_;

  /// Of a stream that goes on as another execution's: the server is the same.
  void keep_pace(const judged_stream& before) {
    connections_ = before.connections_;
    gets_ = before.gets_;
    not_before_ = before.not_before_;
    braked_ = before.braked_;
  }
};

class judge : judged_stream {
 public:
  judge(const world& server, tally& counts) : server_(server), counts_(counts) {}

  void begin(const protocol::watch_rules& rules);
  /// A stream of `execution` begins. `mark`: of its cursor.
  void watch(int execution, terminal_kind mark, const instants& at);

  void wished(const protocol::wishes& out, bool open, bool connecting, bool asking, bool asking_run,
              const instants& at);
  void connecting(const instants& at);
  void connected(const instants& at);
  void asking(const instants& at);
  void answered(const look& what, const instants& at);
  /// What comes when the watcher has made up its mind.
  void unheard() { asking_ = false; }
  void asking_run(const instants& at);
  void run_answered(const protocol::run_facts& what, const instants& at);
  void record(const instants& at);
  void handed_over(int event, bool moves, const instants& at);
  /// `random01`: what the watcher was given with it.
  void lost(protocol::loss why, instant retry_after, bool same_text, double random01, const instants& at);
  void left(const instants& at);
  void no_content() {
    no_content_ = true;
    if (rules_.for_result) no_stream();
  }
  void no_stream() {
    no_stream_ = without_stream_ = may_ask_early_ = true;
    in_vain_.reset();
  }
  void told(const instants& at);
  void returned(instant limit, const instants& at);
  /// The stream has come to a verdict.
  void ended(terminal_kind known, const instants& at);
  void follows(int execution, const instants& at);
  void failed(protocol::wishes::verdict why, const instants& at);
  void must(bool right, const char* otherwise) {
    if (!right && !wrong_) wrong_ = otherwise;
  }

  const char* wrong() const { return wrong_; }

 private:
  const world& server_;
  tally& counts_;
  const char* wrong_ = nullptr;
  protocol::watch_rules rules_;
  std::array<std::vector<std::uint8_t>, 6> delivered_;
  int latest_terminal_ = -1;
  bool follows_ = false;

  static constexpr instant tick = 2 * ms;  // what rounding may cost

  static bool leaves_no_event(terminal_kind kind) {
    return kind == terminal_kind::terminated || kind == terminal_kind::timed_out;
  }
  static instant of(std::chrono::milliseconds time) { return time.count() * ms; }
  void count(const instants& at);
  void see_drain(const instants& at, bool clean);
  bool drained() const { return first_ended_ && drained_by_ >= first_ended_->answered; }
  bool all_delivered() const;
  bool budget_spent(const instants& at) const;
  const model_event* terminal() const;
  bool own_event_of(int run) const;
  instant patience() const;
  std::optional<instant> quick_patience() const;
  std::optional<instant> patience_behind_the_end() const;
  bool names_run_elsewhere() const;
  void check_continued(const instants& at);
  bool gets_alone() const;
  bool gets_decide() const;
  bool unanswered_for_long(const instants& at) const;
  void may_live(const instants& at);
  void count_undelivered(bool by_drain);
  void see_named_run(int run);
};

}  // namespace follow_model
