// What the watcher makes of the events that were handed over. Not of what GETs say: watcher_status.cpp.
#include "protocol/follow/watcher.hpp"

namespace mistral::workflows::protocol {

void watcher::begin_behind(const event_facts& last, const watch_moment& at) {
  count_time(at);
  was_there_ = true;
  said(last, at);
}

void watcher::handed_over(const event_facts& event, const watch_moment& at) {
  count_time(at);
  was_there_ = was_there_ || rules_.watches_execution;  // whosever event it is: of its stream
  if (event.moves_cursor || !known_ended()) life();
  if (event.moves_cursor) {
    release_brake();
    unanswered_since_.reset();
    in_vain_ = target::none;
    moved_here_ = true;
    missing_ = duration(0);
    quiet_since_ = at.waited;
    if (!over() && outcome_ != wishes::verdict::status_refused)
      outcome_ = wishes::verdict::none;           // not told yet
    if (waited_out_) enter(stage(*waited_out_));  // that has not brought all
  }
  if (event.own && rules_.watches_execution) own_event(event, at);
  if (event.moves_cursor && stage_ == stage::running) ask_due_ = at.waited + interval(at);
}

void watcher::own_event(const event_facts& event, const watch_moment& at) {
  if (is_past(event.run_id)) return;  // a straggler
  const bool ends = event.terminal != terminal_kind::none;
  const bool is_later =
      event.moves_cursor || said_here_;  // each connection brings it again, where nothing tells
  // The run that goes on is here, so it is under the stream's
  // own execution. Where runs are not named, GETs tell.
  if ((is_later && differ(event.run_id, terminal_.run_id)) || is_successor(event.run_id))
    another_runs();
  else if (!ends && event.moves_cursor && stage_ == stage::running)
    terminal_ = event_facts();
  if (ends && !is_repeated(event)) said(event, at);
}

bool watcher::is_repeated(const event_facts& end) const {
  if (end.moves_cursor || said_here_ || stage_ == stage::running) return false;
  const bool is_awaited = end.terminal == known_kind_ && terminal_.terminal != known_kind_;
  return !is_awaited && terminal_.terminal != terminal_kind::none;
}

void watcher::said(const event_facts& end, const watch_moment& at) {
  const bool told_before = known_ended() && same_known(end.run_id, known_run_);
  terminal_ = end;
  // No run continues itself: that names none, and following it would lead back here.
  if (same_known(end.run_id, end.continued_as)) terminal_.continued_as.clear();
  enter(stage::said);
  said_here_ = link_ == link::open;
  undecided_ = 0;
  successor_.clear();
  next_execution_.clear();
  ask_due_ = at.waited;
  if (end.terminal == terminal_kind::continued_as_new && rules_.follow_continue_as_new) {
    successor_ = terminal_.continued_as;
    run_after_ = at.now;
    run_asks_ = 0;
    run_missing_since_.reset();
    run_unanswered_since_.reset();
  } else if (end.terminal == terminal_kind::continued_as_new && !rules_.for_result) {
    finish();
    return;
  }
  if (told_before) agreed();
}

}  // namespace mistral::workflows::protocol
