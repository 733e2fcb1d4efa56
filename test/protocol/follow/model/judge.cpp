#include "protocol/follow/model/judge.hpp"

#include <algorithm>
#include <utility>

namespace follow_model {
namespace {

constexpr instant tick = 2 * ms;  // what rounding may cost

bool leaves_no_event(terminal_kind kind) {
  return kind == terminal_kind::terminated || kind == terminal_kind::timed_out;
}

}  // namespace

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

bool judge::bucket::take(instant now) {
  left = std::min(20.0, left + static_cast<double>(now - at) / 1e6 * (moved ? 10 : 1)) - 1;
  at = now;
  moved = false;
  return left > -0.01;
}

void judge::begin(const protocol::watch_rules& rules) {
  wrong_ = nullptr;
  rules_ = rules;
  latest_terminal_ = -1;
  follows_ = false;
  settled_waited_.reset();
  for (int i = 0; i < server_.execution_count; ++i)
    delivered_[static_cast<std::size_t>(i)].assign(server_.executions[static_cast<std::size_t>(i)].events.size(), 0);
}

void judge::watch(int execution, terminal_kind mark, const instants& at) {
  const bool behind_the_end = mark != terminal_kind::none;
  execution_ = execution;
  begun_ = at;
  followed_ = std::exchange(follows_, false);
  connections_ = gets_ = bucket();
  connections_.at = gets_.at = at.now;
  not_before_ = 0;
  open_ = link_moved_ = false;
  drained_by_ = -never;
  life_ = at.now;
  failures_ = same_errors_ = wrong_types_ = 0;
  longest_retry_after_ = 0;
  clock_from_ = counted_to_ = at.waited;
  may_ask_early_ = rules_.for_result || behind_the_end;
  asking_ = false;
  first_ended_.reset();
  ended_in_a_row_ = 0;
  ended_known_ = status_refused_ = no_content_ = without_stream_ = no_stream_ = missing_counts_ = false;
  missing_counted_ = 0;
  last_run_handed_ = -1;
  was_running_ = missing_refuses_ = last_missing_ = continued_ = false;
  terminal_ = latest_terminal_ = behind_the_end ? latest_terminal_ : -1;
  continued_ = mark == terminal_kind::continued_as_new;
  settled_waited_.reset();
  forget_run();
  clean_end_.reset();
  braked_ = 0;
  may_live_ = 0;
  may_live(at);
  none_owed_ = behind_the_end && at.now >= server_.settled_from() ? patience_behind_the_end() : std::nullopt;
}

void judge::may_live(const instants& at) {
  may_live_ = std::max(may_live_, at.waited);
  may_fail_ = 0;
}

void judge::forget_run() {
  run_asks_ = 0;
  run_asked_ = -1;
  run_given_up_ = run_found_here_ = false;
  run_found_ = -1;
}

const model_event* judge::terminal() const {
  if (terminal_ < 0) return nullptr;
  return &server_.executions[static_cast<std::size_t>(execution_)].events[static_cast<std::size_t>(terminal_)];
}

bool judge::own_event_of(int run) const {
  const auto* const end = terminal();
  return end && (run < 0 || !server_.ways.event_names_run || end->run == run);
}

void judge::count(const instants& at) {
  if (missing_counts_) missing_counted_ += at.waited - counted_to_;
  counted_to_ = at.waited;
}

// ---------------------------------------------------------------------------------------------------------- step by step

void judge::wished(const protocol::wishes& out, bool open, bool connecting, bool asking, bool asking_run,
                   const instants& at) {
  must(!(out.connect && (open || connecting)), "a connection is wished beside another");
  must(!(out.ask && asking), "a GET is wished beside another");
  must(!(out.ask_run && asking_run), "a GET of a run is wished beside another");
  must(out.leave == protocol::wishes::leaving::no || open, "a connection is to be left, and there is none");
  must(!out.ask || rules_.watches_execution, "a GET is wished, and there is no execution to watch");
  if (!rules_.watches_execution || ended_known_ || asking || out.outcome != protocol::wishes::verdict::none) return;
  must(at.waited - clock_from_ <= of(rules_.status_check) + 2200 * ms, "no GET although the status was due");
  must(!clean_end_ || at.waited - *clean_end_ <= 7200 * ms, "no GET for long after a clean end");
}

void judge::connecting(const instants& at) {
  count(at);
  if (may_fail_ == 0) may_live(at);  // a result's first GET, or a pause of the server, is no time without life
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
}

void judge::answered(const look& what, const instants& at) {
  using answer = protocol::status_facts::answer;
  count(at);
  asking_ = false;
  clock_from_ = at.waited;
  const bool decided = what.said.said == answer::running || what.said.said == answer::ended;
  may_ask_early_ = !decided || what.said.said == answer::ended || without_stream_ || terminal_ >= 0;
  last_missing_ = what.said.said == answer::missing;
  missing_refuses_ = last_missing_ && !was_running_ && !followed_;
  was_running_ = was_running_ || what.said.said == answer::running;
  if (what.said.said == answer::refused) status_refused_ = true;
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
  if (what.said.said != answer::ended && what.said.said != answer::missing) return;
  ended_known_ = true;
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
  if (end && run >= 0 && end->names == run) run_found_here_ = true;
}

void judge::asking_run(const instants& at) {
  must(gets_.take(at.now), "more GETs than the floor allows");
  if (run_asked_ < 0) run_asked_ = at.now;
}

void judge::run_answered(const protocol::run_facts& what, const instants& at) {
  using answer = protocol::run_facts::answer;
  ++run_asks_;
  may_ask_early_ = true;
  if (what.said == answer::found) {
    clock_from_ = at.waited;
    clean_end_.reset();
    run_found_ = world::execution_named(what.execution_id);
    run_found_here_ = run_found_ == execution_;
  }
  if (what.said == answer::impossible || run_asks_ >= 6 || at.now - run_asked_ >= 10 * second) run_given_up_ = true;
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
    missing_counted_ = 0;
    same_errors_ = 0;
    may_ask_early_ = may_ask_early_ && (ended_known_ || terminal_ >= 0);
  }
  if (index < 0) return;
  const auto& events = server_.executions[static_cast<std::size_t>(execution_)].events;
  const auto& event = events[static_cast<std::size_t>(index)];
  auto& seen = delivered_[static_cast<std::size_t>(execution_)];
  must(!event.identified || !seen[static_cast<std::size_t>(index)], "an event was handed over twice");
  for (int i = index - 1; i >= 0 && !seen[static_cast<std::size_t>(i)]; --i)
    must(events[static_cast<std::size_t>(i)].at == never, "an event was left out");
  seen[static_cast<std::size_t>(index)] = 1;
  if (!event.own) return;
  was_running_ = true;
  last_run_handed_ = event.run;
  if (event.terminal != terminal_kind::none) {
    if (index > latest_terminal_) forget_run();
    latest_terminal_ = std::max(latest_terminal_, index);
    terminal_ = index;
    continued_ = continued_ || event.terminal == terminal_kind::continued_as_new;
    may_ask_early_ = true;
  } else if (const auto* const end = terminal(); end && moves && server_.ways.event_names_run && event.run > end->run) {
    terminal_ = -1;
  }
}

// A connection that is gone, or a verdict: was it one that drained?
void judge::see_drain(const instants& at, bool clean) {
  if (open_ && (clean || at.waited - link_quiet_since_ >= of(rules_.drain_time) - tick))
    drained_by_ = std::max(drained_by_, link_begun_.now);
}

void judge::lost(protocol::loss why, instant retry_after, bool same_text, double random01, const instants& at) {
  using protocol::loss;
  count(at);
  see_drain(at, why == loss::clean_end);
  if (open_) may_live(at);
  ++may_fail_;
  const bool drains = why == loss::clean_end && first_ended_;
  if (!drains && ++braked_ > 1) {
    const instant ceiling = std::min(of(rules_.max_backoff), of(rules_.initial_backoff) << std::min(braked_ - 2, 20));
    not_before_ = std::max(not_before_, at.now + static_cast<instant>(random01 * static_cast<double>(ceiling)) - tick);
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
}

void judge::returned(instant limit, const instants& at) {
  must(at.now <= limit, "a wait went on beyond its limit");
  if (at.now < server_.settled_from()) return;
  if (at.now < not_before_) settled_waited_.reset();
  if (!settled_waited_) settled_waited_ = at.waited;
  const auto& ways = server_.ways;
  if (server_.goes_on() || ways.no_status || !rules_.watches_execution) return;
  must(at.waited - *settled_waited_ <= patience(), "no end although all has settled for long");
}

// Within what time a cursor that is marked with the end of all comes to it; nothing where it may take longer.
std::optional<instant> judge::patience_behind_the_end() const {
  const auto& ways = server_.ways;
  const auto* const end = terminal();
  if (!end || !end->identified || end->run != static_cast<int>(server_.runs.size()) - 1 || !all_delivered())
    return std::nullopt;
  const auto& followed = server_.executions[static_cast<std::size_t>(execution_)];
  const bool unkind = ways.no_stream_from != never || ways.no_status || ways.status_refused || ways.same_error ||
                      ways.slow_connect > 0 || ways.retry_field > 0 || ways.cut_every != never ||
                      followed.expires != never;
  const bool continued = end->terminal == terminal_kind::continued_as_new;
  if (unkind || (rules_.follow_continue_as_new && continued && (rules_.for_result || end->names >= 0)))
    return std::nullopt;
  // Where it ends cleanly before a slow GET is answered, the next connection waits for its turn.
  const instant paced = ways.slow_status > 0 ? of(rules_.max_backoff) : 0;
  return of(rules_.drain_time) + 3 * ways.slow_status + 2 * second + paced;
}

// How long it may take where nothing stands in the way.
std::optional<instant> judge::quick_patience() const {
  const auto& ways = server_.ways;
  const auto& followed = server_.executions[static_cast<std::size_t>(execution_)];
  const auto& last = server_.runs[static_cast<std::size_t>(followed.runs.back())];
  const bool unkind = ways.faults > 0 || ways.no_stream_from != never || ways.same_error || ways.event_pause > 0 ||
                      ways.retry_field > 0 || followed.expires != never || ways.slow_connect >= of(rules_.idle_limit);
  if (unkind || last.next >= 0 || last.end == terminal_kind::continued_as_new) return std::nullopt;
  for (const int run : followed.runs)
    if (server_.runs[static_cast<std::size_t>(run)].end == terminal_kind::continued_as_new) return std::nullopt;
  const instant gets = of(rules_.status_check) + 2 * second + 4 * ways.slow_status + 3 * second;
  if (rules_.for_result) return gets + 2 * second;
  if (!leaves_no_event(last.end) && rules_.owes_event) return std::nullopt;
  if (ways.cut_every <= of(rules_.drain_time) + second || ways.slow_connect > 0) return std::nullopt;
  const bool braked =
      ways.ends_when_over || ways.says_done || ways.cut_every != never || ways.comment_every > of(rules_.idle_limit);
  return gets + of(rules_.drain_time) + (braked ? of(rules_.max_backoff) + of(rules_.drain_time) : 0);
}

// How long it may take to an end once everything has settled.
instant judge::patience() const {
  if (const auto quick = quick_patience()) return *quick;
  const auto& ways = server_.ways;
  instant hop = of(rules_.status_check) + 2 * of(rules_.drain_time) + 2 * second;
  hop += 5 * ways.slow_status + 4 * ways.slow_connect + 5 * second;
  hop += of(rules_.max_backoff) + 2 * ways.event_pause;
  if (ways.faults > 0) hop += of(rules_.idle_limit) + 125 * second;
  const bool cut_early = ways.cut_every != never && ways.cut_every <= of(rules_.drain_time) + second;
  const auto& followed = server_.executions[static_cast<std::size_t>(execution_)];
  if (cut_early || followed.expires != never || ways.no_stream_from != never || ways.same_error)
    hop += of(rules_.budget);
  hop += 12 * second;  // a successor's
  hop += of(rules_.missing_after);
  // What is missing is waited for while a connection is open.
  const instant quiet = ways.comment_every > of(rules_.idle_limit) ? of(rules_.idle_limit) : never;
  if (const instant open = std::min(ways.cut_every, quiet); open != never)
    hop += of(rules_.missing_after) / open *
           (of(rules_.max_backoff) + open + 2 * std::min(ways.slow_connect, of(rules_.idle_limit)));
  return hop * static_cast<instant>(server_.runs.size());
}

// ------------------------------------------------------------------------------------------------------------- the verdicts

bool judge::all_delivered() const {
  const auto& events = server_.executions[static_cast<std::size_t>(execution_)].events;
  const auto& seen = delivered_[static_cast<std::size_t>(execution_)];
  for (std::size_t i = 0; i < events.size(); ++i)
    if (!seen[i] && events[i].at != never) return false;
  return true;
}

bool judge::budget_spent(const instants& at) const {
  if (rules_.max_attempts > 0 && failures_ >= rules_.max_attempts) return true;
  const instant wait = std::max(of(rules_.max_backoff), longest_retry_after_);
  return failures_ > 0 && at.now - life_ + wait >= of(rules_.budget) - tick;
}

void judge::count_undelivered(bool by_drain) {
  if (all_delivered()) return;
  if (!by_drain)
    ++counts_.harm.event_after_its_end;
  else if (last_loss_ == protocol::loss::clean_end && !open_)
    ++counts_.harm.event_behind_a_clean_end;
  else
    ++counts_.harm.event_after_the_drain;
}

void judge::ended(terminal_kind known, const instants& at) {
  count(at);
  see_drain(at, false);
  counts_.met(hit::end);
  must(!none_owed_ || at.waited - begun_.waited <= *none_owed_, "a long wait behind a marked cursor");
  must(rules_.watches_execution || no_content_, "a stream without an execution has ended");
  if (no_content_ && !rules_.for_result) return;
  const auto* const end = terminal();
  if (!rules_.follow_continue_as_new && continued_ && !rules_.for_result) return;
  must(ended_known_, "an end that no GET has told");
  if (wrong_ || !ended_known_) return;
  const int later = server_.executions[static_cast<std::size_t>(execution_)].runs.back();
  const auto& last_run = server_.runs[static_cast<std::size_t>(later)];
  const bool unseen_run = last_run.begins > last_ended_.of;
  if (unseen_run) ++counts_.harm.run_after_the_last_get;
  must(unseen_run || last_run.ends <= last_ended_.of ||
           last_ended_.of >= server_.executions[static_cast<std::size_t>(execution_)].expires,
       "an end of what goes on");
  const bool without_event = leaves_no_event(last_ended_.kind);
  if (without_event) must(ended_in_a_row_ >= 2, "an end without a second GET");
  if (rules_.for_result) {
    counts_.met(hit::end_of_result);
    must(known != terminal_kind::none, "a result without an end");
    must(known == last_ended_.kind, "a result with another end than the GET told");
    must(!rules_.follow_continue_as_new || known != terminal_kind::continued_as_new,
         "a result of a run that was continued");
    const bool waits_for_text = known == terminal_kind::failed && !own_event_of(last_ended_.run);
    must(!waits_for_text || at.waited - first_ended_waited_ >= 2 * second - tick, "no wait for the text of a failure");
    if (without_event) must(last_ended_.asked - first_ended_->answered >= second - tick, "a second GET too soon");
    return;
  }
  const bool named = server_.ways.event_names_run && last_ended_.run >= 0;
  const bool same_kind = end && (last_ended_.kind == end->terminal || last_ended_.kind == terminal_kind::none);
  const bool own_end = end && (last_missing_ || (named ? end->run == last_ended_.run : same_kind));
  const bool final_kind =
      own_end && (end->terminal == terminal_kind::completed || end->terminal == terminal_kind::canceled);
  // Without an identity a repeated event and a new one are alike, so a later successor may be taken for the former.
  const bool named_next = own_end && end->terminal == terminal_kind::continued_as_new && end->names >= 0;
  if (named_next && end->identified && !run_found_here_) {
    must(run_found_ < 0, "an end where a run goes on elsewhere");
    must(run_given_up_, "an end before the successor was looked for");
    const bool there = end->names < static_cast<int>(server_.runs.size()) &&
                       server_.runs[static_cast<std::size_t>(end->names)].possible;
    if (there) ++counts_.harm.successor_found_late;
  }
  if (final_kind && named && (!last_missing_ || last_ended_.run == end->run)) {
    counts_.met(hit::end_by_event);
    count_undelivered(false);
    return;
  }
  const bool missing_over = rules_.missing_event_ends && missing_counted_ >= of(rules_.missing_after) - tick;
  must(drained() || missing_over, "an end without a drain");
  if (drained()) counts_.met(hit::end_by_drain);
  const bool owed = rules_.owes_event && !own_end && !without_event;
  // A status that lags for longer than the drain lasts, so that it tells of a run before those whose events came.
  const bool lags = server_.ways.status_lag > of(rules_.drain_time) && last_run_handed_ > last_ended_.run;
  if (owed && lags) ++counts_.harm.run_after_the_last_get;
  must(!owed || missing_over || lags, "an end although an event is owed");
  if (!missing_over) count_undelivered(true);
}

void judge::follows(int execution, const instants& at) {
  count(at);
  see_drain(at, false);
  counts_.met(hit::follow);
  follows_ = true;
  const auto* const end = terminal();
  must(end && end->terminal == terminal_kind::continued_as_new, "a run goes on that nothing has named");
  must(rules_.follow_continue_as_new, "a run is followed that was not to be");
  must(execution == run_found_, "another execution is followed than was found");
  if (wrong_ || rules_.for_result) return;
  must(drained() || no_content_, "an execution was left before it had drained");
  count_undelivered(true);
}

void judge::failed(protocol::wishes::verdict why, const instants& at) {
  using verdict = protocol::wishes::verdict;
  count(at);
  see_drain(at, false);
  must(!none_owed_, "a failure behind a marked cursor");
  switch (why) {
    case verdict::gave_up:
      counts_.met(hit::gave_up);
      must(budget_spent(at), "given up within the budget");
      break;
    case verdict::incomplete: {
      counts_.met(hit::incomplete);
      must(ended_known_ || first_ended_, "incomplete, and no GET says that it has ended");
      if (wrong_ || budget_spent(at)) break;
      const instant since = rules_.for_result ? at.now - first_ended_->answered : missing_counted_;
      must(since >= of(rules_.missing_after) - tick, "incomplete before an event was missing for long");
      if (rules_.for_result || wrong_) break;
      must(rules_.owes_event || !first_ended_, "incomplete where nothing is owed");
      const auto& followed = server_.executions[static_cast<std::size_t>(execution_)];
      const int run = last_ended_.run >= 0 ? last_ended_.run : server_.run_at(execution_, last_ended_.of);
      const int owed = run >= 0 ? server_.runs[static_cast<std::size_t>(run)].last_event : -1;
      const bool gone = followed.expires <= at.now;
      const bool withheld = owed >= 0 && followed.events[static_cast<std::size_t>(owed)].at == never;
      must(gone || owed >= 0, "incomplete where no event comes");
      if (!gone && !withheld) ++counts_.harm.event_after_missing;
      if (owed >= 0 && !gone && !withheld)
        must(server_.ways.event_pause > 0 || server_.ways.faults > 0 || server_.ways.cut_every != never ||
                 followed.events[static_cast<std::size_t>(owed)].at > first_ended_->answered,
             "incomplete although the event was there");
      break;
    }
    case verdict::repeated_error:
      counts_.met(hit::repeated_error);
      must(same_errors_ >= 3, "given up over an error that was not the same three times");
      break;
    case verdict::wrong_type:
      counts_.met(hit::wrong_type);
      must(wrong_types_ >= 3, "given up over a type that did not come three times");
      break;
    case verdict::status_refused:
      counts_.met(hit::status_refused);
      must(rules_.for_result && (status_refused_ || missing_refuses_), "a refused GET that was not");
      break;
    case verdict::none:
    case verdict::end:
    case verdict::follow:
      must(false, "no failure");
  }
}

}  // namespace follow_model
