#include "protocol/calls/machine.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::protocol {
namespace {

server_action worse(server_action a, server_action b) noexcept {
  if (a == server_action::yes || b == server_action::yes) return server_action::yes;
  return a == server_action::unknown || b == server_action::unknown ? server_action::unknown
                                                                    : server_action::no;
}

// Of a request whose answer says so or so. A 409 for an id
// that nobody else uses is about a copy of this very request.
server_action action_of(send_fact what, const call_identity& who, const request_end& end) {
  if (what == send_fact::misnamed) return server_action::unknown;
  if (what == send_fact::taken && who.own_by == proof::id) return server_action::unknown;
  return may_have_acted(end);
}

call_end how_ends(call_state end) noexcept {
  switch (end) {
    case call_state::answered:
      return call_end::answered;
    case call_state::found:
      return call_end::found;
    case call_state::unknown:
      return call_end::unknown;
    default:
      return call_end::failed;
  }
}

}  // namespace

call_machine::call_machine(call_identity who, call_rules rules)
    : who_(std::move(who)), rules_(rules), pauses_(rules), state_(first_state(who_.repeat)) {}

wish call_machine::prepare(bool token) {
  last_ = wish();
  last_.token = token;
  return last_;
}

wish call_machine::wait(wait_reason why, call_clock::time_point until, bool token) {
  last_ = wish();
  last_.what = wish::kind::wait;
  last_.token = token;
  last_.why = why;
  last_.until = until;
  return last_;
}

wish call_machine::renew_key() {
  key_renewed_ = true;
  last_ = wish();
  last_.renew_key = true;
  return last_;
}

wish call_machine::over(call_end how) {
  if (!is_end(state_)) state_ = call_state::failed;
  last_ = wish();
  last_.what = wish::kind::end;
  last_.how = how;
  return last_;
}

wish call_machine::go_to(call_state next) {
  state_ = next;
  return is_end(next) ? over(how_ends(next)) : prepare();
}

wish call_machine::give_up(retry_end why, call_state instead) {
  retries_ended_ = why;
  return go_to(instead);
}

wish call_machine::ready(moment at) {
  if (is_end(state_)) return last_;
  if (at.now >= rules_.deadline) return stop(stop_reason::deadline, request_end());
  // A look that took long is old also where it was answered just now.
  const bool old = elapsed(looked_at_, at) > rules_.look_fresh || elapsed(left_at_, at) > rules_.look_oldest;
  if (is_permitted(state_) && old) {
    latest_ = table_cell(state_, send_fact::stale);
    state_ = after(state_, send_fact::stale);
    if (++wasted_looks_ >= rules_.max_attempts) return give_up(retry_end::attempts, call_state::failed);
  }
  left_at_ = at.time();
  last_ = wish();
  last_.what = is_looking(state_) ? wish::kind::look : wish::kind::send;
  return last_;
}

wish call_machine::unprepared(const request_end& end, moment at) {
  return is_looking(state_) ? looked(end, std::nullopt, at) : sent(end, at);
}

wish call_machine::shut() {
  if (is_end(state_)) return last_;
  if (told_ == telling::nothing) return over(call_end::rate_limited);
  return give_up(retry_end::beyond_deadline,
                 state_ == call_state::misnamed_look ? call_state::unknown : call_state::failed);
}

wish call_machine::sent(const request_end& end, moment at) {
  told_now_ = false;
  if (!is_sending(state_)) return last_;
  const send_fact what = read_send(who_, end, key_renewed_);
  const call_state next = after(state_, what);
  latest_ = table_cell(state_, what);
  account(what, end, at);
  if (what == send_fact::unauthorized) {
    state_ = next;
    return renew_key();
  }
  const bool sends_no_more = is_end(next) || next == call_state::acted_look ||
                             next == call_state::last_look || next == call_state::misnamed_look;
  return sends_no_more ? go_to(next) : repeat(next, end, at);
}

void call_machine::account(send_fact what, const request_end& end, moment at) {
  if (end.reached != reach::not_sent) lasted_ = at.now - left_at_.now;
  if (what == send_fact::unauthorized) return;
  ++sends_;
  wasted_looks_ = 0;
  const server_action acted = action_of(what, who_, end);
  may_have_been(acted, end);
  choose_what_to_tell(end, acted != server_action::no);
}

void call_machine::may_have_been(server_action acted, const request_end& end) {
  acted_ = worse(acted_, acted);
  if (acted != server_action::no && !doubted_since_) doubted_since_ = end.left_at.value_or(left_at_);
}

// The last answer, unless what leaves the doubt is a later request without one.
void call_machine::choose_what_to_tell(const request_end& end, bool in_doubt) {
  const telling kept = told_;
  const telling answer = in_doubt ? telling::doubtful_answer : telling::answer;
  told_now_ = end.status != 0 || kept <= telling::failure || (in_doubt && kept != telling::doubtful_answer);
  if (told_now_) told_ = end.status != 0 ? answer : telling::failure;
}

wish call_machine::repeat(call_state next, const request_end& end, moment at) {
  // The two looks after a lost answer are made also where they are all that can be done.
  const bool spent = attempts_spent();
  if (end.stale && is_sending(next) && !spent) return go_to(next);
  const pause before = pauses_.after(end, lasted_, at);
  retry_end obstacle = before.obstacle;
  if (spent && next != call_state::start_doubted && obstacle != retry_end::retry_after)
    obstacle = retry_end::attempts;
  if (obstacle != retry_end::none) return give_up(obstacle, instead_of(next));
  state_ = next;
  if (pauses_.left_to_gate(end)) return prepare();
  if (next == call_state::start_doubted) {
    send_not_before_ = before.until;
    if (!end.retry_after) return prepare(!spent);
  }
  return wait(before.why, before.until, !spent);
}

wish call_machine::looked(const request_end& end, const std::optional<found_thing>& shown, moment at) {
  told_now_ = false;
  if (!is_looking(state_)) return last_;
  if (end.reached != reach::not_sent) lasted_ = at.now - left_at_.now;
  const look_fact what = judge(read_look(who_, end, shown.has_value(), key_renewed_), end, shown, at);
  latest_ = table_cell(state_, what);
  if (what == look_fact::unauthorized) return renew_key();
  if (what == look_fact::passing) return look_again(end, at);
  state_ = after(state_, what);
  return what == look_fact::nothing ? saw_nothing(at) : go_to(state_);
}

look_fact call_machine::judge(look_answer said, const request_end& end,
                              const std::optional<found_thing>& shown, moment at) {
  const bool ending = who_.repeat == safety::ending;
  switch (said) {
    case look_answer::absent:
      return ending ? look_fact::own : look_fact::nothing;
    case look_answer::passing:
      return look_fact::passing;
    case look_answer::lasting:
      return look_fact::lasting;
    case look_answer::unauthorized:
      return look_fact::unauthorized;
    case look_answer::there:
      break;
  }
  doubt_evidence known;
  known.in_doubt = doubted_since_.has_value();
  if (end.date && doubted_since_)
    known.window = window_of(*end.date, elapsed(*doubted_since_, left_at_), elapsed(*doubted_since_, at));
  window_ = known.window;
  if (ending) return judge_ending(who_, *shown, known);
  const look_fact what = judge_start(who_, *shown, known);
  attached_ = what == look_fact::own && !is_own(who_, *shown, known);
  return what;
}

wish call_machine::saw_nothing(moment at) {
  looked_at_ = at.time();
  if (is_end(state_)) return go_to(state_);
  if (is_permitted(state_))
    return attempts_spent() ? give_up(retry_end::attempts, instead_of(state_)) : prepare();
  wasted_looks_ = 0;
  const auto due = std::max(at.now + rules_.look_distance, send_not_before_);
  if (due >= rules_.deadline) return give_up(retry_end::beyond_deadline, instead_of(state_));
  return wait(wait_reason::distance, due, false);
}

wish call_machine::look_again(const request_end& end, moment at) {
  const call_state without = after(state_, look_fact::lasting);
  if (++wasted_looks_ >= rules_.max_attempts) return give_up(retry_end::attempts, without);
  if (end.stale) return prepare();
  const pause before = pauses_.after(end, lasted_, at);
  if (before.obstacle != retry_end::none) return give_up(before.obstacle, without);
  return pauses_.left_to_gate(end) ? prepare() : wait(before.why, before.until, true);
}

wish call_machine::no_token() {
  if (is_end(state_)) return last_;
  return give_up(retry_end::budget, latest_.looked ? after(state_, look_fact::lasting) : instead_of(state_));
}

wish call_machine::stop(stop_reason why, const request_end& under_way) {
  told_now_ = false;
  if (is_end(state_)) return last_;
  request_end nothing;
  const bool sending = last_.what == wish::kind::send;
  const request_end& left = sending ? under_way : nothing;
  if (sending) ++sends_;
  may_have_been(may_have_acted(left), left);
  if (why == stop_reason::cancelled) return over(call_end::cancelled);
  return over(why == stop_reason::closed ? call_end::closed : end_at_deadline(left));
}

call_end call_machine::end_at_deadline(const request_end& under_way) const {
  const bool doubtful = may_have_acted(under_way) != server_action::no;
  if (told_ == telling::doubtful_answer) return call_end::failed;
  return told_ == telling::answer && !doubtful ? call_end::failed : call_end::timed_out;
}

}  // namespace mistral::workflows::protocol
