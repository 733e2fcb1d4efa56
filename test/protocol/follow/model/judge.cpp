#include "protocol/follow/model/judge.hpp"

#include <algorithm>
#include <utility>

namespace follow_model {

void judge::begin(const protocol::watch_rules& rules) {
  wrong_ = nullptr;
  rules_ = rules;
  latest_terminal_ = -1;
  follows_ = false;
  for (int i = 0; i < server_.execution_count; ++i)
    delivered_[place(i)].assign(server_.execution_no(i).events.size(), 0);
}

void judge::watch(int execution, terminal_kind mark, const instants& at) {
  const bool behind_the_end = mark != terminal_kind::none;
  const judged_stream before = std::exchange(static_cast<judged_stream&>(*this), judged_stream());
  execution_ = execution;
  begun_ = at;
  connections_.at = gets_.at = life_ = at.now;
  followed_ = std::exchange(follows_, false);
  if (followed_) keep_pace(before);
  clock_from_ = counted_to_ = may_live_ = at.waited;
  may_ask_early_ = rules_.for_result || behind_the_end;
  terminal_ = latest_terminal_ = behind_the_end ? latest_terminal_ : -1;
  said_ = behind_the_end;
  continued_ = mark == terminal_kind::continued_as_new;
  if (behind_the_end && at.now >= server_.settled_from()) none_owed_ = patience_behind_the_end();
}

void judge::may_live(const instants& at) {
  may_live_ = std::max(may_live_, at.waited);
  may_fail_ = 0;
}

const model_event* judge::terminal() const {
  if (terminal_ < 0) return nullptr;
  return &server_.execution_no(execution_).events[place(terminal_)];
}

bool judge::own_event_of(int run) const {
  const auto* const end = terminal();
  return end && (run < 0 || !server_.ways.event_names_run || end->run == run);
}

void judge::count(const instants& at) {
  if (missing_counts_) missing_counted_ += at.waited - counted_to_;
  counted_to_ = at.waited;
}

// --------------------------------------------------------------------------------------------- step by step

void judge::wished(const protocol::wishes& out, bool open, bool connecting, bool asking, bool asking_run,
                   const instants& at) {
  must(!(out.connect && (open || connecting)), "a connection is wished beside another");
  must(!(out.ask && asking), "a GET is wished beside another");
  must(!(out.ask_run && asking_run), "a GET of a run is wished beside another");
  must(out.leave == protocol::wishes::leaving::no || open, "a connection is to be left, and there is none");
  must(!out.ask || rules_.watches_execution, "a GET is wished, and there is no execution to watch");
  if (!rules_.watches_execution || ended_known_ || asking || out.outcome != protocol::wishes::verdict::none)
    return;
  must(at.waited - clock_from_ <= of(rules_.status_check) + 2200 * ms, "no GET although the status was due");
  must(!clean_end_ || at.waited - *clean_end_ <= 7200 * ms, "no GET for long after a clean end");
}

void judge::connecting(const instants& at) {
  count(at);
  if (may_fail_ == 0)
    may_live(at);  // a result's first GET, or a pause of the server, is no time without life
  must(connections_.take(at.now), "more connections than the floor allows");
  must(at.now >= not_before_, "a connection before Retry-After");
  must(!rules_.for_result || !no_stream_, "a connection although there is no stream");
  must(same_errors_ < 3, "a connection after the same error three times");
  must(wrong_types_ < 3, "a connection after three answers of another type");
  must(rules_.max_attempts == 0 || first_ended_ || may_fail_ <= rules_.max_attempts,
       "a connection beyond the attempts");
  const instant successor = 13 * second;  // as long as it is looked for, nothing is connected
  const instant late = of(rules_.max_backoff) + 2 * of(rules_.idle_limit) + second + successor;
  must(may_fail_ < 3 || at.waited - may_live_ <= of(rules_.budget) + late, "a connection beyond the budget");
  link_begun_ = at;
}

void judge::connected(const instants& at) {
  count(at);
  open_ = true;
  link_open_ = at;
  link_quiet_since_ = at.waited;
  link_moved_ = false;
  wrong_types_ = 0;
  missing_counts_ = first_ended_ && link_begun_.now >= first_ended_->answered;
}

void judge::asking(const instants& at) {
  count(at);
  must(gets_.take(at.now), "more GETs than the floor allows");
  const bool due = at.waited - clock_from_ >= of(rules_.status_check) / 2 - tick;
  must(due || may_ask_early_, "a GET before it was due");
  clean_end_.reset();
  asking_ = true;
  asked_ = at;
  missing_when_asked_ = missing_counted_;
}

void judge::answered(const look& what, const instants& at) {
  using answer = protocol::status_facts::answer;
  count(at);
  asking_ = false;
  clock_from_ = at.waited;
  const bool decided = what.said.said == answer::running || what.said.said == answer::ended;
  may_ask_early_ = !decided || what.said.said == answer::ended || without_stream_ || terminal_ >= 0;
  last_missing_ = what.said.said == answer::missing;
  const bool is_page = what.said.said == answer::page;
  missing_refuses_ = (last_missing_ || is_page) && !was_running_ && !followed_;
  was_running_ = was_running_ || what.said.said == answer::running;
  if (what.said.said == answer::refused) status_refused_ = true;
  see_drain(at, false);
  if (what.said.said == answer::unknown || what.said.said == answer::refused || is_page) {
    if (!unanswered_) unanswered_ = at.now;
    if (!in_vain_ && gets_decide()) in_vain_ = at.waited;
    return;
  }
  unanswered_.reset();
  in_vain_.reset();
  if (drained()) may_live(at);
  if (what.said.said == answer::running) {
    ended_known_ = false;
    may_live(at);
    if (!what.said.run_id.empty()) see_named_run(world::run_named(what.said.run_id));
    first_ended_.reset();
    ended_in_a_row_ = 0;
    missing_counted_ = 0;
    missing_counts_ = false;
    if (open_ || last_loss_ == protocol::loss::clean_end || last_loss_ == protocol::loss::idle) {
      life_ = at.now;
      failures_ = 0;
    }
    return;
  }
  ended_known_ = true;
  own_since_ = said_ = false;
  ended_look seen;
  seen.of = what.of;
  seen.asked = asked_.now;
  seen.answered = at.now;
  seen.run = what.said.run_id.empty() ? -1 : world::run_named(what.said.run_id);
  seen.kind = what.said.kind;
  if (what.said.said == answer::missing && first_ended_) {  // expired, and it had ended as it was told before
    seen.run = last_ended_.run;
    seen.kind = last_ended_.kind;
  }
  if (!first_ended_ || (first_ended_->run != seen.run && seen.run >= 0)) {
    first_ended_ = seen;
    first_ended_waited_ = at.waited;
    may_live(at);
    ended_in_a_row_ = 0;
    missing_counted_ = 0;
    missing_counts_ = false;
  }
  ++ended_in_a_row_;
  last_ended_ = seen;
  see_named_run(seen.run);
}

// The execution itself names the run that goes on, so that is its own.
void judge::see_named_run(int run) {
  const auto* const end = terminal();
  if (end && run >= 0 && end->names == run) run_.found_here = true;
}

void judge::asking_run(const instants& at) { must(gets_.take(at.now), "more GETs than the floor allows"); }

void judge::run_answered(const protocol::run_facts& what, const instants& at) {
  using answer = protocol::run_facts::answer;
  may_ask_early_ = true;
  if (what.said == answer::unknown) {
    if (!run_.unanswered) run_.unanswered = at.now;
    return;
  }
  run_.unanswered.reset();
  in_vain_.reset();
  if (what.said == answer::found || drained()) may_live(at);
  if (what.said == answer::found) {
    clock_from_ = at.waited;
    clean_end_.reset();
    run_.found = world::execution_named(what.execution_id);
    run_.found_here = run_.found == execution_;
  }
  if (what.said == answer::missing && !run_.missing) run_.missing = at.now;
  const instant patience = rules_.for_result ? of(rules_.missing_after) : 10 * second;
  const bool missing = what.said == answer::missing && at.now - *run_.missing >= patience - tick;
  if (what.said == answer::impossible || missing) run_.given_up = true;
}

void judge::record(const instants& at) {
  may_live(at);
  if (first_ended_) return;
  life_ = at.now;
  failures_ = 0;
}

void judge::handed_over(int index, bool moves, const instants& at) {
  count(at);
  if (moves) {
    connections_.moved = gets_.moved = true;
    braked_ = 0;
    clean_end_.reset();
    life_ = at.now;
    failures_ = 0;
    clock_from_ = at.waited;
    link_quiet_since_ = at.waited;
    link_moved_ = true;
    drained_by_ = -never;
    in_vain_.reset();
    missing_counted_ = 0;
    same_errors_ = 0;
    may_ask_early_ = may_ask_early_ && (ended_known_ || terminal_ >= 0);
  }
  if (index < 0) return;
  const auto& events = server_.execution_no(execution_).events;
  const auto& event = events[place(index)];
  auto& seen = delivered_[place(execution_)];
  must(!event.identified || !seen[place(index)], "an event was handed over twice");
  for (int i = index - 1; i >= 0 && !seen[place(i)]; --i)
    must(events[place(i)].at == never, "an event was left out");
  seen[place(index)] = 1;
  if (!event.own) return;
  was_running_ = own_since_ = true;
  last_run_handed_ = event.run;
  if (event.terminal != terminal_kind::none) {
    if (index > latest_terminal_) run_ = run_search();
    latest_terminal_ = std::max(latest_terminal_, index);
    terminal_ = index;
    said_ = event.identified && !first_ended_;
    continued_ = continued_ || event.terminal == terminal_kind::continued_as_new;
    may_ask_early_ = true;
  } else if (const auto* const end = terminal(); end && event.run > end->run) {
    said_ = false;
    if (!server_.ways.event_names_run) return;
    run_.begun_here = run_.begun_here || event.run == end->names;
    if (moves) terminal_ = -1;
  }
}

// A connection that is gone, or a verdict: was it one that drained?
void judge::see_drain(const instants& at, bool clean) {
  if (open_ && (clean || at.waited - link_quiet_since_ >= of(rules_.drain_time) - tick))
    drained_by_ = std::max(drained_by_, link_begun_.now);
}

void judge::lost(protocol::loss why, instant retry_after, bool same_text, double random01,
                 const instants& at) {
  using protocol::loss;
  count(at);
  see_drain(at, why == loss::clean_end);
  if (open_) may_live(at);
  const bool drains = why == loss::clean_end && first_ended_;
  if (!drains)
    ++may_fail_;  // behind a drain it waits for the last GET, however long, and connects to nothing
  if (!drains && ++braked_ > 1) {
    const instant ceiling =
        std::min(of(rules_.max_backoff), of(rules_.initial_backoff) << std::min(braked_ - 2, 20));
    const instant drawn = static_cast<instant>(random01 * static_cast<double>(ceiling));
    const instant left = std::max<instant>(0, of(rules_.budget) - (at.now - life_));
    not_before_ = std::max(not_before_, at.now + std::min(drawn, left) - tick);
  }
  if (open_ && !first_ended_ && at.waited - link_open_.waited >= of(rules_.steady_after)) {
    life_ = at.now;
    failures_ = 0;
  }
  if (why != loss::clean_end) missing_counts_ = false;
  if (why == loss::clean_end && !link_moved_) {
    may_ask_early_ = true;
    if (rules_.watches_execution && !ended_known_ && !asking_) clean_end_ = at.waited;
  }
  ++failures_;
  last_loss_ = why;
  open_ = false;
  if (retry_after >= 0) {
    not_before_ = std::max(not_before_, at.now + retry_after);
    longest_retry_after_ = retry_after;
    may_live_ = std::max(may_live_, at.waited + retry_after);
  } else {
    longest_retry_after_ = 0;
  }
  if (why == loss::stream_error) same_errors_ = same_text ? same_errors_ + 1 : 1;
  if (why == loss::wrong_type) ++wrong_types_;
  if (rules_.for_result && budget_spent(at)) may_ask_early_ = without_stream_ = true;
}

void judge::left(const instants& at) {
  count(at);
  see_drain(at, false);
  open_ = false;
}

void judge::told(const instants& at) {
  count(at);
  may_live(at);
  life_ = at.now;
  failures_ = same_errors_ = wrong_types_ = 0;
  missing_counted_ = 0;
  settled_waited_.reset();
  unanswered_.reset();
  in_vain_.reset();
  run_.unanswered.reset();
}

}  // namespace follow_model
