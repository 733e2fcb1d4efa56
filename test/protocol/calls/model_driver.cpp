#include "protocol/calls/model_driver.hpp"

#include <algorithm>
#include <optional>

namespace call_model {

using namespace protocol;
using namespace std::chrono_literals;

namespace {

// Of names: "WF_1100" for 1100.
std::string code_of(int number) {
  if (number == 0) return std::string();
  return number < 0 ? std::string("AMBIGUOUS_WORKFLOW") : "WF_" + std::to_string(number);
}

verdict verdict_of(call_end how) {
  switch (how) {
    case call_end::answered:
      return verdict::answered;
    case call_end::found:
      return verdict::found;
    case call_end::failed:
      return verdict::failed;
    case call_end::unknown:
      return verdict::unknown;
    case call_end::rate_limited:
      return verdict::refused_by_gate;
    case call_end::timed_out:
      return verdict::timed_out;
    case call_end::cancelled:
    case call_end::closed:
      break;
  }
  return verdict::cancelled;
}

acted acted_of(mistral::workflows::server_action a) {
  if (a == mistral::workflows::server_action::no) return acted::no;
  return a == mistral::workflows::server_action::yes ? acted::yes : acted::unknown;
}

constexpr int most_steps = 1000;

}  // namespace

std::vector<table_cell> cell_counts::reachable() {
  std::vector<table_cell> out;
  for (std::uint8_t s = 0; s < sending_states + looking_states; ++s) {
    const auto from = static_cast<call_state>(s);
    for (std::uint8_t f = 0; f < send_facts; ++f)
      if (protocol::reachable(from, static_cast<send_fact>(f)))
        out.emplace_back(from, static_cast<send_fact>(f));
    for (std::uint8_t f = 0; f < look_facts; ++f)
      if (protocol::reachable(from, static_cast<look_fact>(f)))
        out.emplace_back(from, static_cast<look_fact>(f));
  }
  return out;
}

call_identity driver::identity() {
  switch (past_.kind) {
    case call_kind::start_by_library:
    case call_kind::start_or_adopt:
      return call_identity::keyed(proof::id);
    case call_kind::start_by_caller:
      return call_identity::keyed(proof::time);
    case call_kind::start_or_attach: {
      call_identity out = call_identity::keyed(proof::time);
      out.attach_running = true;
      return out;
    }
    case call_kind::schedule:
      return call_identity::keyed(proof::definition, "WF_1201");
    case call_kind::ending:
      return call_identity::ending(std::nullopt);
    case call_kind::ending_of_run:
      if (past_.given_run < 0) return call_identity::ending(std::nullopt);
      return call_identity::ending("run " + std::to_string(past_.given_run));
    case call_kind::read:
      return call_identity(safety::read);
    case call_kind::repeatable:
      return call_identity(safety::repeatable);
    case call_kind::once:
      break;
  }
  return call_identity(safety::once);
}

call_rules driver::rules() {
  call_rules out;
  out.max_attempts = past_.max_attempts = random_.chance(0.6) ? 4 : static_cast<int>(1 + random_.below(6));
  past_.deadline = random_.chance(0.8) ? 60 * second : 50 * ms + random_.mostly_short(60 * second);
  out.deadline = time(past_.deadline);
  out.max_retry_after = random_.chance(0.95) ? 60s : 1s;
  return out;
}

void driver::choose_surroundings() {
  stops_at_ = past_.deadline;
  cancelled_ = random_.chance(0.06);
  if (cancelled_) stops_at_ = std::min(stops_at_, random_.mostly_short(20 * second));
  cancelled_ = stops_at_ < past_.deadline;
  refuses_ = random_.chance(0.2) ? 0.4 : 0.02;
  bad_certificates_ = random_.chance(0.04);
  gate_opens_ = now_ = 0;
}

void driver::run_one() {
  constexpr double kinds[] = {16, 14, 10, 6, 15, 23, 10, 2.5, 2.5, 4.5};
  past_.clear();
  past_.kind = random_.pick<call_kind>(kinds);
  server_.begin();
  const call_rules limits = rules();
  choose_surroundings();
  call_machine call(identity(), limits);
  wish next = call.begin();
  for (int steps = 0; next.what != wish::kind::end && steps < most_steps; ++steps) {
    switch (next.what) {
      case wish::kind::prepare:
        next = prepare(call, next);
        break;
      case wish::kind::send:
        next = send(call);
        break;
      case wish::kind::look:
        next = look(call);
        break;
      case wish::kind::wait:
        next = wait(call, next);
        break;
      case wish::kind::end:
        break;
    }
  }
  if (next.what == wish::kind::end) past_.ended = verdict_of(next.how);
  past_.said_acted = acted_of(call.acted());
  past_.attached = past_.ended == verdict::found && call.attached();
  past_.ended_at = now_;
  server_.advance(now_ + 100 * second);
}

wish driver::stop(call_machine& call, const request_end& under_way) {
  past_.stopped = true;
  now_ = std::max(now_, stops_at_);
  return call.stop(cancelled_ ? stop_reason::cancelled : stop_reason::deadline, under_way);
}

request_end driver::unconnected() {
  request_end out;
  out.permanent = bad_certificates_;
  return out;
}

wish driver::prepare(call_machine& call, const wish& wanted) {
  if (wanted.token && random_.chance(0.01)) {
    past_.stopped = true;
    return call.no_token();
  }
  if (gate_opens_ > past_.deadline || random_.chance(0.003)) {
    past_.stopped = true;
    return call.shut();
  }
  instant there = std::max(now_, gate_opens_);
  if (random_.chance(0.15))
    there += random_.chance(0.7) ? random_.below(400 * ms) : random_.mostly_short(30 * second);
  const bool refused = random_.chance(refuses_);
  if (there >= stops_at_) return stop(call, request_end());
  now_ = there;
  if (refused) {
    reply none;
    none.left = false;
    none.permanent = bad_certificates_;
    note(is_looking(call.state()), none);
    const wish next = call.unprepared(unconnected(), at());
    cells_.add(call.latest());
    return next;
  }
  const call_state before = call.state();
  const wish next = call.ready(at());
  if (is_permitted(before) && !is_permitted(call.state())) cells_.add(call.latest());
  return next;
}

void driver::note(bool is_look, const reply& said) {
  const int number = past_.requests();
  if (is_look) {
    look_record one;
    one.number = number;
    one.sent = one.ended = now_;
    one.said = said;
    past_.looks.push_back(one);
  } else {
    send_record one;
    one.number = number;
    one.left = one.ended = now_;
    one.said = said;
    past_.sends.push_back(one);
  }
}

request_end driver::as_end(const reply& said) {
  request_end out;
  out.status = said.status;
  out.reached = said.status != 0 && said.complete ? reach::answered : reach::sent;
  out.permanent = said.permanent;
  out.stale = said.stale;
  out.code = code_of(said.code);
  out.json = said.json;
  out.renewable_key = said.renewable_key;
  out.id = said.other_id ? named_id::other : named_id::none;
  if (said.retry_after >= 0) out.retry_after = std::chrono::milliseconds(said.retry_after / ms);
  if (said.date >= 0) out.date = server_time(said.date);
  return out;
}

found_thing driver::as_thing(const reply& said) const {
  const run& shown = past_.runs[static_cast<std::size_t>(said.shown_run)];
  found_thing out;
  if (said.with_run_id) out.run_id = "run " + std::to_string(said.shown_run);
  out.start_time = server_time(shown.start);
  out.terminal = said.shown_terminal;
  out.as_sent = shown.as_called;
  return out;
}

wish driver::send(call_machine& call) {
  const int number = static_cast<int>(past_.sends.size());
  note(false, reply());
  // The first byte of a large request may leave late; where a look permits it, it leaves at once.
  const instant held_up =
      call.state() < call_state::start_again && random_.chance(0.1) ? random_.below(second) : 0;
  const instant left = now_ + held_up;
  if (left >= stops_at_) {
    past_.sends.pop_back();
    return stop(call, request_end());
  }
  past_.sends[static_cast<std::size_t>(number)].left = left;
  const instant ends = server_.post(number, left);
  send_record& mine = past_.sends[static_cast<std::size_t>(number)];
  if (ends >= stops_at_) {
    now_ = stops_at_;
    server_.advance(now_);
    mine.ended = now_;
    mine.interrupted = true;
    request_end under_way;
    if (random_.chance(0.3) && server_.withdraw(number))
      mine.said.left = false;
    else
      under_way.reached = reach::sent;
    under_way.left_at = time(left);
    return stop(call, under_way);
  }
  now_ = ends;
  server_.advance(now_);
  mine.ended = now_;
  mine.said = server_.answer_to_post();
  request_end end = as_end(mine.said);
  end.left_at = time(left);
  if (mine.said.status == 429 && mine.said.retry_after >= 0)
    gate_opens_ = std::max(gate_opens_, now_ + mine.said.retry_after);
  const wish next = call.sent(end, at());
  cells_.add(call.latest());
  return next;
}

wish driver::look(call_machine& call) {
  note(true, reply());
  look_record& mine = past_.looks.back();
  const instant ends = server_.get(now_, mine.evaluated);
  if (ends >= stops_at_) {
    now_ = stops_at_;
    server_.advance(now_);
    mine.ended = now_;
    mine.interrupted = true;
    request_end under_way;
    under_way.reached = reach::sent;
    return stop(call, under_way);
  }
  now_ = ends;
  server_.advance(now_);
  mine.ended = now_;
  mine.said = server_.answer_to_get();
  if (mine.said.status == 429 && mine.said.retry_after >= 0)
    gate_opens_ = std::max(gate_opens_, now_ + mine.said.retry_after);
  std::optional<found_thing> shown;
  if (mine.said.shows) shown = as_thing(mine.said);
  const wish next = call.looked(as_end(mine.said), shown, at());
  cells_.add(call.latest());
  return next;
}

wish driver::wait(call_machine& call, const wish& wanted) {
  if (wanted.token && random_.chance(0.01)) {
    past_.stopped = true;
    return call.no_token();
  }
  const instant until = std::chrono::ceil<std::chrono::microseconds>(wanted.until - time(0)).count();
  past_.slept_beyond |= until > past_.deadline;
  if (until >= stops_at_) return stop(call, request_end());
  now_ = std::max(now_, until);
  server_.advance(now_);
  return call.woke();
}

}  // namespace call_model
