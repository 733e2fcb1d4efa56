#include "protocol/follow/model/carrier.hpp"

#include "protocol/follow/model/story.hpp"

#include <algorithm>

namespace follow_model {

using verdict = protocol::wishes::verdict;
using leaving = protocol::wishes::leaving;

protocol::watch_moment carrier::watch_moment() {
  protocol::watch_moment out;
  out.now = protocol::watch_moment::time_point(std::chrono::hours(100) + std::chrono::microseconds(now_));
  out.waited = std::chrono::microseconds(waited_);
  out.random01 = random_.uniform();
  return out;
}

instant carrier::when(const std::optional<protocol::watch_moment::time_point>& time) {
  if (!time) return never;
  return std::chrono::ceil<std::chrono::microseconds>(
             *time - protocol::watch_moment::time_point(std::chrono::hours(100)))
      .count();
}

// ----------------------------------------------------------------------------------------------- the caller

const char* carrier::run_one(random_source random, std::ostream* trace) {
  random_ = random;
  trace_ = trace;
  rules_ = any_rules(random_);
  server_.begin(random_, rules_);
  judge_.begin(rules_);
  tally_world(server_, counts_);
  if (trace_) tell_world(*trace_, rules_, server_);
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
      if (random_.chance(0.3))
        cancelled_at = now_ + random_.below(random_.chance(0.5) ? 200 * ms : 20 * second);
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
      const bool due = !server_.goes_on() && server_.ways.no_status_from == never && rules_.watches_execution;
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
      if (judge_.wrong() || ++failures > 3 || random_.chance(0.3) || verdict_ == verdict::status_refused)
        return false;
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

// ------------------------------------------------------------------------------------------------- one wait

carrier::outcome carrier::advance(instant limit, instant cancelled_at) {
  spins_ = 0;
  for (;;) {
    judge_.must(++spins_ < 100 || ++steps_ > most_steps,
                "nothing happens, and it is not waited for anything");
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
      lose(protocol::loss::idle);
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

}  // namespace follow_model
