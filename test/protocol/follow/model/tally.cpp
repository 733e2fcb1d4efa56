#include "protocol/follow/model/tally.hpp"

#include "protocol/follow/model/world.hpp"

#include <iterator>

namespace follow_model {

const char* name_of(hit what) {
  // clang-format off
  static constexpr const char* names[] = {
    "reset", "retried", "continued here", "continued elsewhere", "continued, unnamed", "continued, lagging", "continued nowhere",
    "terminated", "timed out", "withheld", "expired", "child", "without identity", "late event",
    "comment", "heartbeat", "[DONE]", "retry:", "error event", "mute", "duplicate", "paused event",
    "refused", "Retry-After", "hung", "not connected", "204", "404", "clean end", "cut", "slow GET", "no GET", "lagging GET",
    "limited wait", "cancelled wait", "pause", "restart", "restart behind the end", "failure told",
    "end", "end by event", "end by drain", "end of a result", "follow", "incomplete", "gave up", "repeated error", "wrong type",
    "status refused"};
  // clang-format on
  static_assert(std::size(names) == static_cast<std::size_t>(hit::count_));
  return names[static_cast<std::size_t>(what)];
}

void tally_world(const world& server, tally& counts) {
  const auto& runs = server.runs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& run = runs[i];
    const auto& events = server.execution_no(run.execution).events;
    const auto* const last = run.last_event >= 0 ? &events[place(run.last_event)] : nullptr;
    if (last && last->at == never) counts.met(hit::withheld);
    if (run.end == terminal_kind::terminated) counts.met(run.next >= 0 ? hit::reset : hit::terminated);
    if (run.end == terminal_kind::timed_out) counts.met(hit::timed_out);
    if (run.end == terminal_kind::failed && run.next >= 0) counts.met(hit::retried);
    if (run.end != terminal_kind::continued_as_new) continue;
    if (run.next < 0) {
      counts.met(hit::continued_nowhere);
      continue;
    }
    const auto& next = server.run_no(run.next);
    if (last && last->names < 0) counts.met(hit::continued_unnamed);
    if (next.found_from > next.begins) counts.met(hit::continued_lagging);
    counts.met(next.execution == run.execution ? hit::continued_here : hit::continued_elsewhere);
  }
  for (int i = 0; i < server.execution_count; ++i) {
    const auto& execution = server.execution_no(i);
    if (execution.expires != never) counts.met(hit::expired);
    for (const auto& event : execution.events) {
      if (!event.own) counts.met(hit::child);
      if (!event.identified) counts.met(hit::without_identity);
      const auto& run = server.run_no(event.run);
      if (event.at != never && event.at > run.ends) counts.met(hit::late_event);
    }
  }
  const auto& ways = server.ways;
  if (ways.faults > 0) counts.met(hit::mute);
  if (ways.event_pause > 0) counts.met(hit::paused_event);
  if (ways.slow_status > 0) counts.met(hit::slow_status);
  if (ways.no_status_from != never) counts.met(hit::no_status);
  if (ways.status_lag > 0) counts.met(hit::status_lag);
}

}  // namespace follow_model
