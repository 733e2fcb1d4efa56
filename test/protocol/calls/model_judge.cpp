#include "protocol/calls/model_judge.hpp"

#include <algorithm>
#include <cstddef>
#include <iostream>

namespace call_model {
namespace {

constexpr instant distance = 500 * ms;
constexpr instant freshness = 250 * ms;
constexpr instant oldest = second;

// What the client can know of a request from its answer alone.
enum class known { not_done, done, doubtful };

known known_of(const history& past, const send_record& s) {
  const int status = s.said.status;
  if (!s.said.left) return known::not_done;
  if (status == 0) return known::doubtful;
  if (status >= 200 && status < 300) return s.said.other_id ? known::doubtful : known::done;
  if (status == 409 && s.said.code == 1101 && id_is_proof(past.kind)) return known::doubtful;
  if (status == 503 && s.said.code == 0 && s.said.retry_after >= 0) return known::not_done;
  return status == 408 || status >= 500 ? known::doubtful : known::not_done;
}

bool is_2xx(const reply& r) { return r.status >= 200 && r.status < 300; }
bool says_absent(const history& past, const look_record& l) {
  return l.said.status == 404 && l.said.json &&
         l.said.code == (past.kind == call_kind::schedule ? 1201 : 1100);
}
bool says_something(const look_record& l) { return l.said.status == 200 && l.said.shows && !l.said.other_id; }

bool is_too_old(const look_record& l, const send_record& s) {
  return s.left - l.ended > freshness || s.left - l.sent > oldest;
}

class reader {
 public:
  explicit reader(const history& past) : past_(past) {
    for (std::size_t i = 0; i < past.sends.size() && first_doubt_ < 0; ++i)
      if (known_of(past, past.sends[i]) != known::not_done) first_doubt_ = static_cast<int>(i);
  }

  judgement read() {
    wrong_if(past_.slept_beyond, "a wait was begun that ends after the deadline");
    what_is_said_of_acting();
    what_may_leave();
    if (is_keyed(past_.kind)) starts();
    if (is_ending(past_.kind)) endings();
    how_it_ends();
    return out_;
  }

 private:
  const history& past_;
  judgement out_;
  int first_doubt_ = -1;  // the earliest request that may have acted

  void wrong_if(bool bad, const char* what) {
    if (bad && !out_.wrong) out_.wrong = what;
  }
  const send_record& send(int i) const { return past_.sends[static_cast<std::size_t>(i)]; }
  const run& run_of(int i) const { return past_.runs[static_cast<std::size_t>(i)]; }
  int sends() const { return static_cast<int>(past_.sends.size()); }
  bool in_doubt_before(int i) const { return first_doubt_ >= 0 && first_doubt_ < i; }
  const look_record* last_look() const { return past_.looks.empty() ? nullptr : &past_.looks.back(); }
  // The last one before a request left, if it came after the request before that.
  const look_record* look_before(int i) const {
    const look_record* out = nullptr;
    for (const look_record& l : past_.looks)
      if (l.number < send(i).number && (i == 0 || l.number > send(i - 1).number)) out = &l;
    return out;
  }

  void what_is_said_of_acting() {
    const bool has_acted = !past_.acts.empty();
    wrong_if(past_.said_acted == acted::no && has_acted, "said not to have acted, and it has");
    bool any_2xx = false;
    for (const send_record& s : past_.sends) any_2xx |= is_2xx(s.said) && s.said.left;
    wrong_if(past_.said_acted == acted::yes && !any_2xx, "said to have acted, and no answer said so");
    wrong_if(past_.said_acted == acted::unknown && first_doubt_ < 0, "in doubt for no reason");
    int plain_acts = 0;
    for (const act& a : past_.acts) plain_acts += a.on_run < 0 ? 1 : 0;
    wrong_if(past_.kind == call_kind::once && plain_acts > 1, "done twice, and it must be done once");
  }

  void what_may_leave() {
    int counted = 0;
    for (int i = 0; i < sends(); ++i) {
      const send_record& s = send(i);
      wrong_if(s.left >= past_.deadline, "a request left at the deadline or after it");
      counted += s.said.status == 401 && s.said.renewable_key ? 0 : 1;
      wrong_if(past_.kind == call_kind::once && in_doubt_before(i), "repeated, and it may have been done");
      if (i == 0) continue;
      const reply& before = send(i - 1).said;
      wrong_if(before.retry_after >= 0 && s.left < send(i - 1).ended + before.retry_after,
               "sent before the time that the server asked for");
      const bool over = is_2xx(before) && (is_keyed(past_.kind) || before.complete) &&
                        !(before.other_id && past_.kind == call_kind::read);
      wrong_if(over, "sent again after a 2xx");
    }
    wrong_if(counted > past_.max_attempts, "more attempts than allowed");
    for (const look_record& l : past_.looks) {
      wrong_if(l.sent >= past_.deadline, "a look left at the deadline or after it");
      bool reason = false;
      for (const send_record& s : past_.sends) {
        const bool taken =
            past_.kind == call_kind::start_or_attach && s.said.status == 409 && s.said.code == 1101;
        reason |= s.number < l.number && (taken || known_of(past_, s) != known::not_done);
      }
      wrong_if(!reason, "a look for no reason");
    }
  }

  // Two looks since a request that left doubt, far enough from each other and from that request's end.
  bool looked_twice_since(int doubtful, int before) const {
    const look_record* first = nullptr;
    for (const look_record& l : past_.looks) {
      if (l.number < send(doubtful).number || l.number > send(before).number || !says_absent(past_, l))
        continue;
      if (first && l.sent - first->sent >= distance && l.sent - send(doubtful).ended >= distance) return true;
      if (!first) first = &l;
    }
    return false;
  }

  void starts() {
    for (int i = 1; i < sends(); ++i) {
      if (!in_doubt_before(i) || !send(i).said.left) continue;
      const look_record* l = look_before(i);
      wrong_if(!l || !says_absent(past_, *l),
               "sent in doubt, and the last look did not say that nothing is there");
      wrong_if(l && is_too_old(*l, send(i)), "sent on a look that is too old");
      for (int j = 0; j < i; ++j)
        if (known_of(past_, send(j)) == known::doubtful)
          wrong_if(!looked_twice_since(j, i), "sent after less than two looks");
    }
    for (std::size_t i = 0; i < past_.acts.size(); ++i) double_start(i);
  }

  // Every run that the call began beside its first.
  void double_start(std::size_t which) {
    const act& later = past_.acts[which];
    for (std::size_t i = 0; i < which; ++i) {
      const act& earlier = past_.acts[i];
      if (earlier.send > later.send) {
        ++out_.late_after_a_later_send;
        return;
      }
      const look_record* l = later.send > earlier.send ? look_before(later.send) : nullptr;
      if (l && l->evaluated < earlier.at) {
        ++out_.acted_and_finished_unseen;
        return;
      }
      const bool balancer = earlier.send == later.send;
      wrong_if(!balancer, "started twice");
    }
  }

  // The run that is meant: -1 if there was none when the first request that may have acted left.
  int meant() const {
    if (past_.given_run >= 0 || first_doubt_ < 0) return past_.given_run;
    int out = -1;
    for (int r = 0; r < static_cast<int>(past_.runs.size()); ++r)
      if (run_of(r).start < send(first_doubt_).left) out = r;
    return out;
  }

  void endings() {
    const int target = meant();
    for (int i = 1; i < sends(); ++i) {
      if (!in_doubt_before(i) || !send(i).said.left) continue;
      const look_record* l = look_before(i);
      const bool shown = l && says_something(*l);
      wrong_if(!shown || l->said.shown_terminal,
               "sent in doubt, and the last look did not show a run that goes on");
      wrong_if(shown && is_too_old(*l, send(i)), "sent on a look that is too old");
      wrong_if(shown && l->said.shown_run != target, "sent although a look showed another run");
    }
    for (const act& a : past_.acts) {
      const run& hit = run_of(a.on_run);
      const look_record* l = in_doubt_before(a.send) ? look_before(a.send) : nullptr;
      const instant seen = l ? l->evaluated : send(a.send).left;
      if (a.on_run == target || hit.start <= send(0).left) continue;
      if (!in_doubt_before(a.send) && hit.start < send(a.send).left)
        continue;  // the latest when it left is the one meant
      if (hit.start >= seen)
        ++out_.hit_a_newer_run;
      else
        wrong_if(true, "ended a run that a look had shown to be another");
    }
  }

  void how_it_ends() {
    const look_record* l = last_look();
    switch (past_.ended) {
      case verdict::answered:
        wrong_if(!is_2xx(past_.sends.back().said) || !past_.sends.back().said.complete ||
                     past_.sends.back().said.other_id,
                 "answered, and no answer says so");
        break;
      case verdict::found:
        found();
        break;
      case verdict::unknown:
        unknown();
        break;
      case verdict::failed:
        failed(l);
        break;
      case verdict::none:
        wrong_if(true, "did not end");
        break;
      default:
        break;
    }
  }

  void found() {
    const look_record* l = last_look();
    if (is_ending(past_.kind)) return ending_found();
    wrong_if(!is_keyed(past_.kind) || !l || !says_something(*l), "found, and no look showed anything");
    if (out_.wrong) return;
    const run& it = run_of(l->said.shown_run);
    const bool attach = past_.kind == call_kind::start_or_attach && !l->said.shown_terminal;
    const bool provable = it.by_send >= 0 && l->said.date >= 0 && first_doubt_ >= 0;
    wrong_if(past_.attached && (!attach || provable), "attached to what is not somebody else's running one");
    if (past_.attached || id_is_proof(past_.kind)) return;
    wrong_if(!it.as_called, "adopted another workflow's, or another definition");
    if (it.by_send >= 0 || past_.kind == call_kind::schedule) return;
    // Somebody else's: only within what whole seconds leave open, and the way back of the look.
    const instant open = 2 * second + (l->ended - l->evaluated);
    const bool within = first_doubt_ >= 0 && it.start >= send(first_doubt_).left - open;
    wrong_if(!within, "adopted what somebody else started");
    if (within) ++out_.adopted_somebody_elses;
  }

  void ending_found() {
    const int target = meant();
    wrong_if(first_doubt_ < 0, "said to be done, and nothing was sent");
    bool acted_on_it = target < 0;
    for (const act& a : past_.acts) acted_on_it |= a.at <= past_.ended_at;
    wrong_if(!acted_on_it && run_of(target).running_at(past_.ended_at),
             "said to be done, and the run goes on");
  }

  void unknown() {
    const look_record* l = last_look();
    const bool odd =
        !past_.sends.empty() && past_.sends.back().said.other_id && past_.kind != call_kind::read;
    const bool shown = l && says_something(*l);
    wrong_if(!odd && !shown, "unknown, and nothing odd was seen");
    if (out_.wrong || !shown) return;
    const run& it = run_of(l->said.shown_run);
    const bool undated = l->said.date < 0;
    if (is_ending(past_.kind)) {
      const instant way = l->ended - l->sent;
      const instant since = it.start - send(first_doubt_).left;
      const bool open = undated || (since >= -2 * second - way && since <= 2 * second + way);
      bool meant_by_name = past_.given_run >= 0;
      for (const look_record& earlier : past_.looks)
        meant_by_name |= earlier.number < l->number && says_something(earlier) && earlier.said.with_run_id;
      const bool nameless = meant_by_name && !l->said.with_run_id;
      wrong_if(l->said.shown_terminal || (!open && !nameless), "unknown, and the clock decides");
      wrong_if(past_.given_run >= 0 && l->said.with_run_id, "unknown, and the run id decides");
      return;
    }
    wrong_if(id_is_proof(past_.kind), "unknown, and the id decides");
    const bool provable = it.by_send >= 0 && (!undated || past_.kind == call_kind::schedule);
    wrong_if(provable, "unknown, and it is the call's own");
  }

  void failed(const look_record* l) {
    if (first_doubt_ < 0 || past_.stopped) return;
    if (!is_keyed(past_.kind) && !is_ending(past_.kind)) return;
    wrong_if(!l || l->number != past_.requests() - 1, "ended in doubt without a last look");
    if (!l || out_.wrong) return;
    const bool absent = says_absent(past_, *l);
    if (is_ending(past_.kind)) {
      wrong_if(absent || (says_something(*l) && l->said.shown_terminal),
               "failed, and the last look says that it is done");
      return;
    }
    wrong_if(says_something(*l), "failed, and something was found");
  }
};

}  // namespace

judgement judge(const history& past) { return reader(past).read(); }

void tell(const history& past) {
  std::size_t s = 0;
  std::size_t l = 0;
  for (int i = 0; i < past.requests(); ++i) {
    const bool is_look = l < past.looks.size() && past.looks[l].number == i;
    const reply& said = is_look ? past.looks[l].said : past.sends[s].said;
    const instant left = is_look ? past.looks[l].sent : past.sends[s].left;
    const instant ended = is_look ? past.looks[l++].ended : past.sends[s++].ended;
    std::cout << "  " << (is_look ? "look" : "send") << " at " << left << ", ended " << ended << ": "
              << (said.left ? "" : "no connection, ") << said.status << ' ' << said.code
              << (said.json ? "" : ", no JSON") << (said.complete ? "" : ", cut")
              << (said.other_id ? ", other id" : "");
    if (said.shown_run >= 0)
      std::cout << ", run " << said.shown_run << (said.shown_terminal ? " (over)" : "");
    std::cout << std::endl;
  }
  for (const run& r : past.runs)
    std::cout << "  run from " << r.start << " to " << r.end << ", begun by send " << r.by_send << std::endl;
  for (const act& a : past.acts)
    std::cout << "  send " << a.send << " acted at " << a.at << " on run " << a.on_run << std::endl;
  std::cout << "  verdict " << static_cast<int>(past.ended) << ", acted " << static_cast<int>(past.said_acted)
            << " at " << past.ended_at << ", deadline " << past.deadline << std::endl;
}

}  // namespace call_model
