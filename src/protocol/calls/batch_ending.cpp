#include "protocol/calls/batch_ending.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::protocol {
namespace {

// What the request of a whole batch ended with, for one of
// its ids. No status of it says that this one id is gone.
send_fact read_batch(const request_end& end, bool key_renewed) {
  const send_fact what = read_send(call_identity(safety::repeatable), end, key_renewed);
  if (what == send_fact::unread) return send_fact::unsure;
  return what == send_fact::unreadable ? send_fact::broken : what;
}

send_fact read_answer(batch_answer said) {
  switch (said) {
    case batch_answer::success:
      return send_fact::done;
    case batch_answer::failure:
      return send_fact::lasting;
    case batch_answer::nothing:
      break;
  }
  return send_fact::broken;
}

bool may_pass(send_fact what) {
  return what == send_fact::unsent || what == send_fact::refused || what == send_fact::unsure;
}

bool leaves_doubt(send_fact what) { return what == send_fact::unsure || what == send_fact::broken; }

}  // namespace

batch_ending::batch_ending(const std::vector<std::optional<std::string>>& runs, const call_rules& rules)
    : rules_(rules), pauses_(rules), items_(runs.size()) {
  for (std::size_t i = 0; i < runs.size(); ++i) items_[i].who = call_identity::ending(runs[i]);
}

bool batch_ending::all_ended() const noexcept {
  return std::all_of(items_.begin(), items_.end(), [](const item& one) { return is_end(one.state); });
}

std::optional<std::size_t> batch_ending::next_to_look() const {
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (is_looking(items_[i].state) && !items_[i].under_way) return i;
  return std::nullopt;
}

// What may go goes before the first of its looks has become too old, and there is time to get a connection.
bool batch_ending::portion_is_due(moment at) const {
  const auto half_as_old = at.now - rules_.look_oldest / 2;
  bool any = false;
  bool old = false;
  for (const item& one : items_) {
    any |= may_go(one);
    old |= may_go(one) && is_permitted(one.state) && one.looked_at.now <= half_as_old;
  }
  return old || (any && !next_to_look() && looks_under_way_ == 0);
}

void batch_ending::drop_old_looks(moment at) {
  for (item& one : items_) {
    if (!is_permitted(one.state) || one.under_way || elapsed(one.looked_at, at) <= rules_.look_oldest)
      continue;
    one.state =
        ++one.wasted_looks < rules_.max_attempts ? after(one.state, send_fact::stale) : call_state::failed;
  }
}

batch_wish batch_ending::make(batch_wish::kind what) {
  batch_wish out;
  out.what = what;
  out.renew_key = std::exchange(renew_key_, false);
  return out;
}

batch_wish batch_ending::next(moment at) {
  using kind = batch_wish::kind;
  if (at.now >= rules_.deadline) stop(request_end());
  if (all_ended()) return make(kind::end);
  if (sending_) return report();
  if (token_due_ || at.now < not_before_) return wait();
  drop_old_looks(at);
  if (all_ended()) return make(kind::end);
  if (portion_is_due(at)) return make(kind::prepare);
  const auto id = next_to_look();
  return id && looks_under_way_ < most_looks ? look(*id) : report();
}

batch_wish batch_ending::wait() {
  batch_wish out = make(batch_wish::kind::wait);
  out.token = std::exchange(token_due_, false);
  out.why = waits_for_;
  out.until = not_before_;
  return out;
}

batch_wish batch_ending::look(std::size_t id) {
  batch_wish out = make(batch_wish::kind::look);
  out.id = id;
  items_[id].under_way = true;
  ++looks_under_way_;
  return out;
}

batch_wish batch_ending::report() {
  batch_wish out = make(batch_wish::kind::report);
  out.until = rules_.deadline;
  if (sending_) return out;
  for (const item& one : items_)
    if (may_go(one) && is_permitted(one.state))
      out.until = std::min(out.until, one.looked_at.now + rules_.look_oldest / 2);
  return out;
}

batch_wish batch_ending::ready(moment at) {
  if (at.now >= rules_.deadline) return next(at);
  drop_old_looks(at);
  batch_wish out;
  out.what = batch_wish::kind::send;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (!may_go(items_[i])) continue;
    items_[i].under_way = true;
    out.ids.push_back(i);
  }
  if (out.ids.empty()) return next(at);
  sending_ = true;
  left_at_ = at.time();
  return out;
}

void batch_ending::sent(const request_end& end, std::span<const batch_answer> said, moment at) {
  const send_fact whole = read_batch(end, key_renewed_);
  if (end.reached != reach::not_sent) lasted_ = at.now - left_at_.now;
  const bool left = std::exchange(sending_, false);
  std::size_t answer = 0;
  for (item& one : items_) {
    if (!is_sending(one.state) || one.under_way != left) continue;
    one.under_way = false;
    send_fact what = whole;
    if (whole == send_fact::done)
      what = read_answer(answer < said.size() ? said[answer++] : batch_answer::nothing);
    went(one, what, end);
  }
  if (whole == send_fact::unauthorized)
    key_renewed_ = renew_key_ = true;
  else if (may_pass(whole))
    pause_after(end, at);
}

void batch_ending::went(item& one, send_fact what, const request_end& end) {
  if (leaves_doubt(what) && !one.doubted_since) one.doubted_since = end.left_at.value_or(left_at_);
  if (what != send_fact::unauthorized) {
    ++one.sends;
    one.wasted_looks = 0;
  }
  one.state = after(one.state, what);
  if (one.sends >= rules_.max_attempts) settle(one, retry_end::attempts);
}

// No request with it goes any more: at most a look.
void batch_ending::settle(item& one, retry_end why) {
  if (is_end(one.state) || one.state == call_state::last_look) return;
  retries_ended_ = why;
  one.state = instead_of(one.state);
}

void batch_ending::pause_after(const request_end& end, moment at) {
  const pause before = pauses_.after(end, lasted_, at);
  bool repeats = false;
  for (item& one : items_) {
    if (before.obstacle != retry_end::none && !one.under_way) settle(one, before.obstacle);
    repeats |= one.state == call_state::ending || one.state == call_state::ending_doubted;
  }
  if (!repeats || pauses_.left_to_gate(end)) return;
  not_before_ = before.until;
  waits_for_ = before.why;
  token_due_ = true;
}

look_fact batch_ending::judge(item& one, const request_end& end, const std::optional<found_thing>& shown,
                              call_time left, moment at) {
  switch (read_look(one.who, end, shown.has_value(), one.key_renewed)) {
    case look_answer::absent:
      return look_fact::own;
    case look_answer::unauthorized:
      return look_fact::unauthorized;
    case look_answer::passing:
      return pauses_.left_to_gate(end) || end.stale ? look_fact::passing : look_fact::lasting;
    case look_answer::lasting:
      return look_fact::lasting;
    case look_answer::there:
      break;
  }
  doubt_evidence known;
  known.in_doubt = true;
  if (end.date)
    known.window = window_of(*end.date, elapsed(*one.doubted_since, left), elapsed(*one.doubted_since, at));
  one.window = known.window;
  return judge_ending(one.who, *shown, known);
}

void batch_ending::looked(std::size_t id, const request_end& end, const std::optional<found_thing>& shown,
                          call_time left, moment at) {
  item& one = items_[id];
  if (!one.under_way || !is_looking(one.state)) return;
  one.under_way = false;
  --looks_under_way_;
  const look_fact what = judge(one, end, shown, left, at);
  one.state = after(one.state, what);
  if (what == look_fact::unauthorized) one.key_renewed = renew_key_ = true;
  if (what == look_fact::passing && ++one.wasted_looks >= rules_.max_attempts) one.state = call_state::failed;
  if (what == look_fact::nothing) one.looked_at = left;
}

void batch_ending::give_up(retry_end why) {
  retries_ended_ = why;
  not_before_ = call_clock::time_point();
  // A look takes nothing from the budget; through a gate that opens too late none goes either.
  const bool may_look = why == retry_end::budget;
  for (item& one : items_) {
    if (is_end(one.state)) continue;
    const bool looks = is_looking(one.state) && (one.under_way || may_look);
    one.state = looks ? call_state::last_look : call_state::failed;
  }
}

void batch_ending::stop(const request_end& under_way) {
  const bool acted = may_have_acted(under_way) != server_action::no;
  for (item& one : items_) {
    if (sending_ && acted && one.under_way && is_sending(one.state) && !one.doubted_since)
      one.doubted_since = under_way.left_at.value_or(left_at_);
    if (!is_end(one.state)) one.state = call_state::failed;
  }
  sending_ = false;
  looks_under_way_ = 0;
}

bool batch_ending::in_doubt() const noexcept {
  return std::any_of(items_.begin(), items_.end(),
                     [](const item& one) { return one.doubted_since.has_value(); });
}

batch_fate batch_ending::fate(std::size_t id) const {
  const item& one = items_[id];
  switch (one.state) {
    case call_state::answered:
    case call_state::found:
      return batch_fate::success;
    case call_state::unknown:
      return batch_fate::unknown;
    case call_state::failed:
      return one.doubted_since ? batch_fate::unknown : batch_fate::refused;
    default:
      return batch_fate::open;
  }
}

}  // namespace mistral::workflows::protocol
