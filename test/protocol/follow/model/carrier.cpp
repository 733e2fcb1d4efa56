#include "protocol/follow/model/carrier.hpp"

#include <algorithm>

namespace follow_model {

using protocol::loss;
using verdict = protocol::wishes::verdict;
using leaving = protocol::wishes::leaving;

namespace {

constexpr int most_steps = 4000;

std::chrono::milliseconds in_ms(instant time) { return std::chrono::milliseconds(time / ms); }

template <std::size_t N>
std::chrono::milliseconds one_of(random_source& random, const int (&choices)[N]) {
  return std::chrono::milliseconds(choices[random.below(static_cast<std::int64_t>(N))]);
}

const char* text(terminal_kind kind) {
  static constexpr const char* texts[] = {"no end",           "COMPLETED",  "CANCELED", "FAILED",
                                          "CONTINUED_AS_NEW", "TERMINATED", "TIMED_OUT"};
  return texts[static_cast<std::size_t>(kind)];
}

const char* text(verdict said) {
  static constexpr const char* texts[] = {"none",           "end",        "follow",        "gave up", "incomplete",
                                          "repeated error", "wrong type", "status refused"};
  return texts[static_cast<std::size_t>(said)];
}

const char* text(loss why) {
  static constexpr const char* texts[] = {"cut",     "clean end",  "idle",       "not connected",
                                          "refused", "wrong type", "error event"};
  return texts[static_cast<std::size_t>(why)];
}

}  // namespace

protocol::watch_moment carrier::watch_moment() {
  protocol::watch_moment out;
  out.now = protocol::watch_moment::time_point(std::chrono::hours(100) + std::chrono::microseconds(now_));
  out.waited = std::chrono::microseconds(waited_);
  out.random01 = random_.uniform();
  return out;
}

instant carrier::when(const std::optional<protocol::watch_moment::time_point>& time) {
  if (!time) return never;
  return std::chrono::ceil<std::chrono::microseconds>(*time -
                                                      protocol::watch_moment::time_point(std::chrono::hours(100)))
      .count();
}

void carrier::choose_rules() {
  rules_ = protocol::watch_rules();
  rules_.for_result = random_.chance(0.15);
  rules_.watches_execution = rules_.for_result || random_.chance(0.95);
  rules_.owes_event = random_.chance(0.85);
  rules_.follow_continue_as_new = random_.chance(0.88);
  rules_.missing_event_ends = random_.chance(0.15);
  rules_.idle_limit = one_of(random_, {60'000, 60'000, 10'000, 2'000});
  rules_.status_check = one_of(random_, {30'000, 30'000, 5'000, 1'000, 100'000, 200});
  rules_.drain_time = one_of(random_, {5'000, 5'000, 1'000});
  rules_.missing_after = one_of(random_, {60'000, 60'000, 10'000});
  rules_.initial_backoff = one_of(random_, {250, 50});
  rules_.max_backoff = one_of(random_, {20'000, 20'000, 1'000});
  rules_.budget = one_of(random_, {600'000, 600'000, 60'000, 3'000});
  rules_.steady_after = std::min(rules_.steady_after, rules_.idle_limit);
  rules_.max_attempts = random_.chance(0.9) ? 0 : 1 + static_cast<int>(random_.below(5));
}

// --------------------------------------------------------------------------------------------------------------- the caller

const char* carrier::run_one(random_source random, std::ostream* trace) {
  random_ = random;
  trace_ = trace;
  choose_rules();
  server_.begin(random_, rules_);
  judge_.begin(rules_);
  count_what_is_met();
  if (trace_) tell_world();
  now_ = waited_ = 0;
  steps_ = 0;
  execution_ = next_ = 0;
  watch(protocol::event_facts());
  int hasty = random_.chance(0.6) ? 0 : static_cast<int>(random_.below(20));
  int failures = 0;
  int restarts = 0;
  while (!judge_.wrong()) {
    instant limit = never;
    instant cancelled_at = never;
    if (hasty > 0) {
      --hasty;
      static constexpr instant limits[] = {0, ms, 50 * ms, second, 10 * second, 100 * second};
      if (random_.chance(0.6)) limit = now_ + limits[random_.below(6)];
      if (random_.chance(0.3)) cancelled_at = now_ + random_.below(random_.chance(0.5) ? 200 * ms : 20 * second);
    }
    const outcome came = advance(limit, cancelled_at);
    if (came == outcome::cancelled) tell("cancelled");
    counts_.hits[static_cast<std::size_t>(hit::limited_wait)] += came == outcome::time_up && limit != never;
    counts_.hits[static_cast<std::size_t>(hit::cancelled_wait)] += came == outcome::cancelled;
    judge_.returned(limit, at());
    if (judge_.wrong()) break;
    if (came == outcome::verdict && !go_on_after_verdict(failures, restarts)) break;
    if (gone_ && !rules_.for_result) break;
    if (steps_ > most_steps || (came == outcome::time_up && limit == never)) {
      const bool due = !server_.goes_on() && !server_.ways.no_status && rules_.watches_execution;
      counts_.harm.unfinished += due ? 1 : 0;
      break;
    }
    if (hasty > 0 && random_.chance(0.3)) {
      const instant pause = random_.chance(0.5) ? random_.below(2 * second) : random_.below(300 * second);
      counts_.met(hit::pause);
      tell("the caller pauses");
      now_ += pause;
    }
    if (hasty > 0 && restarts < 3 && random_.chance(0.06)) {
      ++restarts;
      restart();
    }
  }
  if (judge_.wrong()) tell("WRONG: ", judge_.wrong());
  return judge_.wrong();
}

bool carrier::go_on_after_verdict(int& failures, int& restarts) {
  tell("verdict: ", text(verdict_));
  switch (verdict_) {
    case verdict::end:
      judge_.ended(watcher_->known_end(), at());
      // Who stores the cursor of the end and begins there again finds nothing more.
      if (judge_.wrong() || rules_.for_result || restarts >= 4 || !random_.chance(0.2)) return false;
      restarts = 4;
      restart();
      return true;
    case verdict::follow:
      execution_ = world::execution_named(watcher_->next_execution());
      next_ = 0;
      judge_.follows(execution_, at());
      if (judge_.wrong()) return false;
      rules_.is_there = true;
      watch(protocol::event_facts());
      rules_.is_there = false;
      return true;
    default:
      judge_.failed(verdict_, at());
      if (judge_.wrong() || ++failures > 3 || random_.chance(0.3) || verdict_ == verdict::status_refused) return false;
      counts_.met(hit::failure_told);
      watcher_->failure_told(watch_moment());
      judge_.told(at());
      return true;
  }
}

// A new stream, maybe in another process: of the old one it has the cursor.
void carrier::restart() {
  const auto behind = watcher_->last_terminal();
  counts_.met(behind.terminal == terminal_kind::none ? hit::restart : hit::restart_behind_the_end);
  tell("the caller begins again behind event ", next_ - 1, " of ", world::execution_name(execution_), ", ",
       text(behind.terminal));
  watch(behind);
}

void carrier::watch(const protocol::event_facts& behind) {
  watcher_.emplace(rules_, watch_moment());
  const bool marked = behind.terminal != terminal_kind::none;
  if (marked) watcher_->begin_behind(behind, watch_moment());
  judge_.watch(execution_, behind.terminal, at());
  connect_.under_way = get_.under_way = get_run_.under_way = false;
  open_ = gone_ = false;
  error_text_.clear();
}

// ----------------------------------------------------------------------------------------------------------------- one wait

carrier::outcome carrier::advance(instant limit, instant cancelled_at) {
  spins_ = 0;
  for (;;) {
    judge_.must(++spins_ < 100 || ++steps_ > most_steps, "nothing happens, and it is not waited for anything");
    if (judge_.wrong() || ++steps_ > most_steps) return outcome::time_up;
    if (now_ >= cancelled_at) return outcome::cancelled;
    take_results();
    if (gone_ && !rules_.for_result) return outcome::time_up;  // the session throws it
    if (hand_over_read()) return outcome::event;
    const auto out = watcher_->wish(watch_moment());
    judge_.wished(out, open_, connect_.under_way, get_.under_way, get_run_.under_way, at());
    if (judge_.wrong()) return outcome::time_up;
    const bool at_hand = open_ && server_.upcoming(link_).at <= now_;
    if (out.outcome != verdict::none && !at_hand) {
      verdict_ = out.outcome;
      return outcome::verdict;
    }
    if (out.outcome == verdict::none && begin_what_is_due(out)) continue;
    if (now_ >= limit) return outcome::time_up;
    if (at_hand) {
      read_up_to_ = now_;
      watcher_->received(watch_moment());
      spins_ = 0;
      continue;
    }
    const instant next = std::min({next_time(out), limit, cancelled_at});
    if (next == never) {
      judge_.must(false, "a wait for nothing");
      return outcome::time_up;
    }
    if (next <= now_) continue;
    spins_ = 0;
    waited_ += next - now_;
    now_ = next;
    // An execution that goes on is not watched for ever.
    if (limit == never && waited_ > 100'000 * second) return outcome::time_up;
    judge_.returned(never, at());
  }
}

instant carrier::next_time(const protocol::wishes& out) const {
  instant next = std::min({when(out.connect), when(out.ask), when(out.ask_run), when(out.look_again)});
  if (connect_.under_way) next = std::min({next, connect_.result.done, connect_.given_up});
  if (get_.under_way) next = std::min(next, get_.result.done);
  if (get_run_.under_way) next = std::min(next, get_run_.done);
  if (open_) next = std::min(next, server_.upcoming(link_).at);
  return next;
}

bool carrier::begin_what_is_due(const protocol::wishes& out) {
  if (out.leave != leaving::no) {
    tell("leaves the connection");
    if (out.leave == leaving::checking_end) {
      open_ = false;
      judge_.left(at());
      watcher_->left(watch_moment());
    } else {
      lose(loss::idle);
    }
    return true;
  }
  bool begun = false;
  if (when(out.connect) <= now_) {
    tell("connects behind event ", next_ - 1);
    connect_.under_way = begun = true;
    connect_.result = server_.connect(random_, execution_, next_, now_);
    connect_.after = next_;
    connect_.given_up = now_ + rules_.idle_limit.count() * ms;
    judge_.connecting(at());
    watcher_->connecting(watch_moment());
  }
  if (when(out.ask) <= now_) {
    tell("asks");
    get_.under_way = begun = true;
    get_.result = server_.get(random_, execution_, now_);
    judge_.asking(at());
    watcher_->asking(watch_moment());
  }
  if (when(out.ask_run) <= now_) {
    tell("asks for run ", watcher_->successor());
    get_run_.under_way = begun = true;
    get_run_.result = server_.get_run(random_, world::run_named(watcher_->successor()), now_, get_run_.done);
    judge_.asking_run(at());
    watcher_->asking_run(watch_moment());
  }
  return begun;
}

void carrier::take_results() {
  if (get_.under_way && get_.result.done <= now_) {
    get_.under_way = false;
    const auto& said = get_.result.said;
    static constexpr const char* texts[] = {"unknown", "missing", "RUNNING", "", "refused"};
    tell("GET of ", static_cast<double>(get_.result.of) / 1e6, " s: ", texts[static_cast<int>(said.said)],
         said.said == protocol::status_facts::answer::ended ? text(said.kind) : "", " ", said.run_id);
    if (watcher_->over())
      judge_.unheard();
    else
      judge_.answered(get_.result, at());
    watcher_->answered(said, watch_moment());
  }
  if (get_run_.under_way && get_run_.done <= now_) {
    get_run_.under_way = false;
    const auto& said = get_run_.result;
    tell("the run: ", static_cast<int>(said.said), " ", said.execution_id);
    judge_.run_answered(said, at());
    watcher_->run_answered(said, said.execution_id == world::execution_name(execution_), watch_moment());
  }
  if (connect_.under_way && std::min(connect_.result.done, connect_.given_up) <= now_) connection_came();
}

void carrier::connection_came() {
  using came = attempt::outcome;
  connect_.under_way = false;
  const auto& result = connect_.result;
  if (result.done > connect_.given_up) {
    counts_.met(hit::hung);
    lose(loss::not_connected);
    return;
  }
  switch (result.ended) {
    case came::connected: {
      tell("is connected");
      // By the server's clock a moment ago, which may have been a pause of the caller's.
      open_ = true;
      link_ = server_.accept(random_, execution_, connect_.after, result.done);
      read_up_to_ = -never;
      judge_.connected(at());
      watcher_->connected(watch_moment());
      break;
    }
    case came::not_connected:
      counts_.met(hit::not_connected);
      lose(loss::not_connected);
      break;
    case came::refused:
      counts_.met(result.retry_after >= 0 ? hit::retry_after : hit::refused);
      lose(loss::refused, result.retry_after);
      break;
    case came::wrong_type:
      lose(loss::wrong_type, -1, "text/html");
      break;
    case came::gone:
      counts_.met(hit::gone);
      tell("404");
      gone_ = true;
      if (!rules_.for_result) break;
      judge_.no_stream();
      watcher_->no_stream(watch_moment());
      break;
    case came::no_content:
      counts_.met(hit::no_content);
      tell("204");
      judge_.no_content();
      watcher_->no_content(watch_moment());
      break;
  }
}

void carrier::lose(loss why, instant retry_after, const std::string& said) {
  tell("loses the connection: ", text(why), retry_after >= 0 ? ", Retry-After" : "");
  open_ = false;
  const bool same = why == loss::stream_error && said == error_text_;
  const auto when = watch_moment();
  judge_.lost(why, retry_after, same, when.random01, at());
  if (why == loss::stream_error) error_text_ = said;
  std::optional<std::chrono::milliseconds> asked;
  if (retry_after >= 0) asked = in_ms(retry_after);
  watcher_->lost(why, when, asked, said);
}

// Hands over from what was read; true when the caller has an event.
bool carrier::hand_over_read() {
  while (open_ && !judge_.wrong()) {
    const auto what = server_.upcoming(link_);
    if (what.at > read_up_to_ || ++steps_ > most_steps) return false;
    const int index = server_.take(link_, what);
    switch (what.what) {
      case item::event:
        if (take_event(index)) return true;
        break;
      case item::heartbeat:
      case item::done_mark: {
        counts_.met(what.what == item::heartbeat ? hit::heartbeat : hit::done_mark);
        protocol::event_facts facts;
        facts.moves_cursor = false;
        judge_.record(at());
        watcher_->record(watch_moment());
        judge_.handed_over(-1, false, at());
        watcher_->handed_over(facts, watch_moment());
        return true;
      }
      case item::retry_field:
        counts_.met(hit::retry_field);
        watcher_->server_asks(in_ms(server_.ways.retry_field));
        break;
      case item::error:
        counts_.met(hit::error_event);
        lose(loss::stream_error, -1, server_.ways.same_error ? "the same" : random_.chance(0.5) ? "one" : "another");
        break;
      case item::clean_end:
        counts_.met(hit::clean_end);
        lose(loss::clean_end);
        break;
      case item::cut:
        counts_.met(hit::cut);
        lose(loss::cut);
        break;
      case item::comment:
        counts_.met(hit::comment);
        break;
      case item::none:
        break;
    }
  }
  return false;
}

// False for one that came before.
bool carrier::take_event(int index) {
  const auto& event = server_.executions[static_cast<std::size_t>(execution_)].events[static_cast<std::size_t>(index)];
  judge_.record(at());
  watcher_->record(watch_moment());
  if (event.identified && index < next_) {
    counts_.met(hit::duplicate);
    tell("event ", index, " again");
    return false;
  }
  tell("event ", index, event.own ? " of run " : " of a child beside run ", event.run, " ", text(event.terminal),
       event.identified ? "" : ", without an identity");
  if (event.identified) next_ = index + 1;
  protocol::event_facts facts;
  facts.moves_cursor = event.identified;
  facts.own = event.own;
  facts.terminal = event.terminal;
  if (server_.ways.event_names_run && event.own) facts.run_id = world::run_name(event.run);
  if (event.names >= 0) facts.continued_as = world::run_name(event.names);
  judge_.handed_over(index, event.identified, at());
  watcher_->handed_over(facts, watch_moment());
  return true;
}

// ---------------------------------------------------------------------------------------------------------- what is told of it

void carrier::count_what_is_met() {
  const auto& runs = server_.runs;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& run = runs[i];
    const auto& events = server_.executions[static_cast<std::size_t>(run.execution)].events;
    const auto* const last = run.last_event >= 0 ? &events[static_cast<std::size_t>(run.last_event)] : nullptr;
    if (last && last->at == never) counts_.met(hit::withheld);
    if (run.end == terminal_kind::terminated) counts_.met(run.next >= 0 ? hit::reset : hit::terminated);
    if (run.end == terminal_kind::timed_out) counts_.met(hit::timed_out);
    if (run.end == terminal_kind::failed && run.next >= 0) counts_.met(hit::retried);
    if (run.end != terminal_kind::continued_as_new) continue;
    if (run.next < 0) {
      counts_.met(hit::continued_nowhere);
      continue;
    }
    const auto& next = runs[static_cast<std::size_t>(run.next)];
    if (last && last->names < 0) counts_.met(hit::continued_unnamed);
    if (next.found_from > next.begins) counts_.met(hit::continued_lagging);
    counts_.met(next.execution == run.execution ? hit::continued_here : hit::continued_elsewhere);
  }
  for (int i = 0; i < server_.execution_count; ++i) {
    const auto& execution = server_.executions[static_cast<std::size_t>(i)];
    if (execution.expires != never) counts_.met(hit::expired);
    for (const auto& event : execution.events) {
      if (!event.own) counts_.met(hit::child);
      if (!event.identified) counts_.met(hit::without_identity);
      const auto& run = runs[static_cast<std::size_t>(event.run)];
      if (event.at != never && event.at > run.ends) counts_.met(hit::late_event);
    }
  }
  const auto& ways = server_.ways;
  if (ways.faults > 0) counts_.met(hit::mute);
  if (ways.event_pause > 0) counts_.met(hit::paused_event);
  if (ways.slow_status > 0) counts_.met(hit::slow_status);
  if (ways.no_status) counts_.met(hit::no_status);
  if (ways.status_lag > 0) counts_.met(hit::status_lag);
}

void carrier::tell_world() {
  auto& out = *trace_;
  const auto s = [](instant time) { return time == never ? -1.0 : static_cast<double>(time) / 1e6; };
  out << "rules: " << (rules_.for_result ? "for a result, " : "") << (rules_.watches_execution ? "" : "no execution, ")
      << (rules_.owes_event ? "" : "owes no event, ") << (rules_.follow_continue_as_new ? "" : "does not follow, ")
      << (rules_.missing_event_ends ? "a missing event ends, " : "") << "idle " << rules_.idle_limit.count()
      << ", check " << rules_.status_check.count() << ", drain " << rules_.drain_time.count() << ", missing "
      << rules_.missing_after.count() << ", back-off " << rules_.initial_backoff.count() << " to "
      << rules_.max_backoff.count() << ", budget " << rules_.budget.count() << ", attempts " << rules_.max_attempts
      << '\n';
  const auto& w = server_.ways;
  out << "server: calm from " << s(w.calm_from) << " faults " << w.faults << ", settled from "
      << s(server_.settled_from()) << (w.event_names_run ? "" : ", events name no run")
      << (w.status_names_run ? "" : ", GETs name no run") << (w.ends_when_over ? ", ends when over" : "")
      << (w.says_done ? ", [DONE]" : "") << (w.repeats ? ", repeats" : "") << ", comments " << s(w.comment_every)
      << ", heartbeats " << s(w.heartbeat_every) << ", cuts " << s(w.cut_every) << (w.cut_cleanly ? " cleanly" : "")
      << ", no stream from " << s(w.no_stream_from) << (w.no_status ? ", no GET" : "") << ", GET lags "
      << s(w.status_lag) << ", slow " << s(w.slow_status) << ", connect slow " << s(w.slow_connect) << ", event pause "
      << s(w.event_pause) << ", retry " << s(w.retry_field) << '\n';
  for (std::size_t i = 0; i < server_.runs.size(); ++i) {
    const auto& run = server_.runs[i];
    out << "run " << i << " of x" << run.execution << ": " << s(run.begins) << " to " << s(run.ends) << ' '
        << text(run.end) << ", found from " << s(run.found_from) << ", next " << run.next << ", end event "
        << run.last_event << '\n';
  }
  for (int x = 0; x < server_.execution_count; ++x) {
    const auto& execution = server_.executions[static_cast<std::size_t>(x)];
    out << "x" << x << ", expires " << s(execution.expires) << ":";
    for (std::size_t i = 0; i < execution.events.size(); ++i) {
      const auto& event = execution.events[i];
      out << ' ' << i << '@' << s(event.at) << 'r' << event.run << (event.own ? "" : "child")
          << (event.identified ? "" : "?") << (event.terminal == terminal_kind::none ? "" : text(event.terminal));
      if (event.names >= 0) out << "->r" << event.names;
    }
    out << '\n';
  }
}

}  // namespace follow_model
