#include "protocol/follow/model/story.hpp"

#include <cstddef>

namespace follow_model {

const char* text(terminal_kind kind) {
  static constexpr const char* texts[] = {"no end",           "COMPLETED",  "CANCELED", "FAILED",
                                          "CONTINUED_AS_NEW", "TERMINATED", "TIMED_OUT"};
  return texts[static_cast<std::size_t>(kind)];
}

const char* text(protocol::wishes::verdict said) {
  static constexpr const char* texts[] = {
      "none", "end", "follow", "gave up", "incomplete", "repeated error", "wrong type", "status refused"};
  return texts[static_cast<std::size_t>(said)];
}

const char* text(protocol::loss why) {
  static constexpr const char* texts[] = {"cut",     "clean end",  "idle",       "not connected",
                                          "refused", "wrong type", "error event"};
  return texts[static_cast<std::size_t>(why)];
}

void tell_world(std::ostream& out, const protocol::watch_rules& rules, const world& server) {
  const auto s = [](instant time) { return time == never ? -1.0 : static_cast<double>(time) / 1e6; };
  out << "rules: " << (rules.for_result ? "for a result, " : "")
      << (rules.watches_execution ? "" : "no execution, ") << (rules.owes_event ? "" : "owes no event, ")
      << (rules.follow_continue_as_new ? "" : "does not follow, ")
      << (rules.missing_event_ends ? "a missing event ends, " : "") << "idle " << rules.idle_limit.count()
      << ", check " << rules.status_check.count() << ", drain " << rules.drain_time.count() << ", missing "
      << rules.missing_after.count() << ", back-off " << rules.initial_backoff.count() << " to "
      << rules.max_backoff.count() << ", budget " << rules.budget.count() << ", attempts "
      << rules.max_attempts << '\n';
  const auto& w = server.ways;
  out << "server: calm from " << s(w.calm_from) << " faults " << w.faults << ", settled from "
      << s(server.settled_from()) << (w.event_names_run ? "" : ", events name no run")
      << (w.status_names_run ? "" : ", GETs name no run") << (w.ends_when_over ? ", ends when over" : "")
      << (w.says_done ? ", [DONE]" : "") << (w.repeats ? ", repeats" : "") << ", comments "
      << s(w.comment_every) << ", heartbeats " << s(w.heartbeat_every) << ", cuts " << s(w.cut_every)
      << (w.cut_cleanly ? " cleanly" : "") << ", no stream from " << s(w.no_stream_from)
      << (w.no_status_from != never ? ", no GET" : "") << ", GET lags " << s(w.status_lag) << ", slow "
      << s(w.slow_status) << ", connect slow " << s(w.slow_connect) << ", event pause " << s(w.event_pause)
      << ", retry " << s(w.retry_field) << '\n';
  for (std::size_t i = 0; i < server.runs.size(); ++i) {
    const auto& run = server.runs[i];
    out << "run " << i << " of x" << run.execution << ": " << s(run.begins) << " to " << s(run.ends) << ' '
        << text(run.end) << ", found from " << s(run.found_from) << ", next " << run.next << ", end event "
        << run.last_event << '\n';
  }
  for (int x = 0; x < server.execution_count; ++x) {
    const auto& execution = server.execution_no(x);
    out << "x" << x << ", expires " << s(execution.expires) << ":";
    for (std::size_t i = 0; i < execution.events.size(); ++i) {
      const auto& event = execution.events[i];
      out << ' ' << i << '@' << s(event.at) << 'r' << event.run << (event.own ? "" : "child")
          << (event.identified ? "" : "?")
          << (event.terminal == terminal_kind::none ? "" : text(event.terminal));
      if (event.names >= 0) out << "->r" << event.names;
    }
    out << '\n';
  }
}

}  // namespace follow_model
