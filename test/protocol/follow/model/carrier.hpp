// Carries facts and wishes between the watcher and the model server on a virtual
// clock, as the session does between it and a real one, with a caller who waits as
// callers do. Decides nothing: what it sees goes to the watcher and to the judge.
#pragma once

#include "protocol/follow/model/judge.hpp"
#include "protocol/follow/model/world.hpp"
#include "protocol/follow/watcher.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace follow_model {

class carrier {
 public:
  explicit carrier(tally& counts) : counts_(counts), judge_(server_, counts) {}

  /// One sequence; nothing, or what was wrong. `trace`: where to tell it.
  const char* run_one(random_source random, std::ostream* trace);

 private:
  static constexpr int most_steps = 4000;

  enum class outcome { event, time_up, cancelled, verdict };

  tally& counts_;
  world server_;
  judge judge_;
  random_source random_{0};
  std::ostream* trace_ = nullptr;

  protocol::watch_rules rules_;
  std::optional<protocol::watcher> watcher_;
  instant now_ = 0;
  instant waited_ = 0;
  int steps_ = 0;
  int spins_ = 0;

  // the stream: which execution, after which event, and whether that was its end
  int execution_ = 0;
  int next_ = 0;
  std::string error_text_;

  // at most one of each under way
  struct {
    bool under_way = false;
    attempt result;
    int after = 0;
    instant given_up = never;
  } connect_;
  struct {
    bool under_way = false;
    look result;
  } get_;
  struct {
    bool under_way = false;
    instant done = 0;
    protocol::run_facts result;
  } get_run_;

  bool open_ = false;
  bool gone_ = false;
  model_link link_;
  instant read_up_to_ = 0;

  protocol::wishes::verdict verdict_ = protocol::wishes::verdict::none;

  void watch(const protocol::event_facts& behind);
  void begin_to_watch(terminal_kind mark);
  bool go_on_after_verdict(int& failures, int& restarts);
  void restart();
  outcome advance(instant limit, instant cancelled_at);
  void take_results();
  void connection_came();
  bool hand_over_read();
  bool take_event(int index);
  void lose(protocol::loss why, instant retry_after = -1, const std::string& text = std::string());
  bool begin_what_is_due(const protocol::wishes& out);
  instant next_time(const protocol::wishes& out) const;

  instants at() const { return {now_, waited_}; }
  protocol::watch_moment watch_moment();
  static instant when(const std::optional<protocol::watch_moment::time_point>& time);
  template <class... Parts>
  void tell(const Parts&... parts) {
    if (trace_) ((*trace_ << "  " << static_cast<double>(now_) / 1e6 << " s: ") << ... << parts) << '\n';
  }
};

}  // namespace follow_model
