// A watcher, a clock that runs while somebody waits, and the facts that its tests tell it most.
#pragma once

#include "protocol/follow/watcher.hpp"

#include <boost/test/unit_test.hpp>

namespace followed_by_rows {

using namespace std::chrono_literals;
using namespace mistral::workflows::protocol;
using verdict = wishes::verdict;
using leaving = wishes::leaving;
using answer = status_facts::answer;

inline status_facts status_of(answer said, terminal_kind kind = terminal_kind::none,
                              const std::string& run = "run-1") {
  status_facts out;
  out.said = said;
  out.kind = kind;
  out.run_id = run;
  return out;
}
inline status_facts running(const std::string& run = "run-1") {
  return status_of(answer::running, terminal_kind::none, run);
}
inline status_facts ended(terminal_kind kind, const std::string& run = "run-1") {
  return status_of(answer::ended, kind, run);
}

inline event_facts event_of(terminal_kind kind = terminal_kind::none, const std::string& run = "run-1",
                            const std::string& successor = std::string()) {
  event_facts out;
  out.own = true;
  out.terminal = kind;
  out.run_id = run;
  out.continued_as = successor;
  return out;
}

/// A watcher, a clock that runs while somebody waits, and the facts that tests tell it most.
struct followed {
  explicit followed(const watch_rules& rules = watch_rules()) : watched(rules, at) {}

  watcher* operator->() { return &watched; }
  wishes wish() { return watched.wish(at); }
  void pass(std::chrono::nanoseconds time) {
    at.now += time;
    at.waited += time;
  }
  void connect() {
    watched.connecting(at);
    watched.connected(at);
  }
  void hand_over(const event_facts& event) { watched.handed_over(event, at); }
  void ask(const status_facts& says) {
    watched.asking(at);
    watched.answered(says, at);
  }
  /// A GET tells of an end, and a connection begins after it.
  void end_on_a_new_connection(terminal_kind kind) {
    pass(30s);
    ask(ended(kind));
    watched.left(at);
    connect();
  }
  void lose(loss why) { watched.lost(why, at); }
  bool asks_now() { return wish().ask && *wish().ask <= at.now; }
  bool connects_now() { return wish().connect && *wish().connect <= at.now; }
  verdict outcome() { return wish().outcome; }

  watch_moment at = [] {
    watch_moment made;
    made.now = watch_moment::time_point() + 1h;
    return made;
  }();
  watcher watched;
};

inline followed after_events(const watch_rules& rules = watch_rules()) {
  followed made(rules);
  made.connect();
  made.hand_over(event_of());
  return made;
}

}  // namespace followed_by_rows
