#include "protocol/calls/model_server.hpp"

#include <algorithm>

namespace call_model {
namespace {

constexpr int passing_status[] = {408, 500, 502, 503, 504, 520, 524, 530};
constexpr int refusing_status[] = {400, 403, 404, 409, 413, 422};

}  // namespace

void server::begin() {
  due_.clear();
  now_ = 0;
  clock_offset_ = random_.below(second);
  choose_weights();
  people_the_id();
}

// A weather that lasts for some requests, so that also what is rare comes twice and thrice in a row.
void server::choose_weights() {
  for (double& w : post_weights_) w = 1;
  for (double& w : get_weights_) w = 1;
  post_weights_[static_cast<int>(post_kind::good)] = 4;
  get_weights_[static_cast<int>(get_kind::good)] = 50;
  post_weights_[static_cast<int>(post_kind::lost_after)] = 3;
  post_weights_[static_cast<int>(post_kind::lost_late)] = 7;
  post_weights_[static_cast<int>(post_kind::lost_before)] = 12;
  for (const post_kind k : {post_kind::too_many_timed, post_kind::unauthorized})
    post_weights_[static_cast<int>(k)] = 3;
  for (const post_kind k : {post_kind::cut_before, post_kind::cut_2xx, post_kind::unreadable_2xx})
    post_weights_[static_cast<int>(k)] = 2;
  get_weights_[static_cast<int>(get_kind::unauthorized)] = 4;
  if (random_.chance(0.7)) post_weights_[random_.below(static_cast<int>(post_kind::count_))] = 30;
  if (random_.chance(0.5)) get_weights_[random_.below(static_cast<int>(get_kind::count_))] = 60;
}

instant server::life_of_a_run() {
  if (random_.chance(0.35)) return random_.chance(0.5) ? 0 : random_.below(2 * ms);
  return random_.chance(0.5) ? random_.below(600 * ms) : random_.mostly_short(300 * second);
}

void server::people_the_id() {
  const call_kind kind = past_.kind;
  if (is_ending(kind)) {
    if (random_.chance(0.04)) return;
    const instant age = random_.chance(0.5) ? random_.below(2 * second) : random_.below(1000 * second);
    run first;
    first.start = -age;
    first.end = std::max<instant>(0, random_.chance(0.5) ? random_.below(3 * second) : never);
    past_.runs.push_back(first);
    // The id runs again and again, each time for a while.
    instant at = first.end;
    for (int i = 0; i < 3 && at != never && random_.chance(0.7); ++i) {
      at += random_.chance(0.5) ? 0 : random_.below(second);
      event next;
      next.at = at;
      next.what = event_kind::foreign_start;
      due_.push_back(next);
      at += random_.below(2 * second);
    }
    if (kind == call_kind::ending_of_run) past_.given_run = 0;
    return;
  }
  if (kind == call_kind::start_by_library || !is_keyed(kind)) return;
  if (random_.chance(0.25)) {
    run there;
    there.start = -random_.mostly_short(100 * second);
    there.end = kind == call_kind::schedule || random_.chance(0.6) ? never : 0;
    there.as_called = random_.chance(0.7);
    past_.runs.push_back(there);
  }
  somebody_starts_within(300 * ms, 0.25);
  somebody_starts_within(5 * second, 0.25);
}

void server::somebody_starts_within(instant time, double chance) {
  if (!random_.chance(chance)) return;
  event somebody;
  somebody.at = now_ + random_.below(time);
  somebody.what = event_kind::foreign_start;
  due_.push_back(somebody);
}

void server::start_run(instant now, int by_send, bool as_called) {
  run made;
  made.start = now;
  made.end = past_.kind == call_kind::schedule ? never : now + life_of_a_run();
  made.by_send = by_send;
  made.as_called = as_called;
  past_.runs.push_back(made);
}

void server::end_latest(instant now) {
  run& last = past_.runs.back();
  // A cancel lets the run clean up.
  last.end = std::min(last.end, now + (random_.chance(0.5) ? 0 : random_.mostly_short(20 * second)));
}

instant server::post(int send, instant now) {
  now_ = now;
  if (random_.chance(0.5)) choose_weights();
  if (is_keyed(past_.kind) && past_.kind != call_kind::start_by_library)
    somebody_starts_within(4 * second, 0.25);
  auto how = random_.pick<post_kind>(post_weights_);
  const bool named = is_keyed(past_.kind) || past_.kind == call_kind::read;
  if (!named && (how == post_kind::misnamed_after || how == post_kind::misnamed_before))
    how = post_kind::good;
  // Nothing shows that it was not done; only who looks can find out.
  if (how == post_kind::cut_before && !is_keyed(past_.kind)) how = post_kind::good;
  if (how == post_kind::doubled && !id_is_proof(past_.kind)) how = post_kind::good;
  post_reply_ = reply();
  arrived_ = false;
  event arrival;
  arrival.send = send;
  arrival.how = how;
  arrival.at = now + random_.mostly_short(200 * ms);
  const instant back = random_.mostly_short(300 * ms);
  switch (how) {
    case post_kind::too_many:
    case post_kind::too_many_timed:
    case post_kind::unavailable_timed:
    case post_kind::too_early:
    case post_kind::unauthorized:
    case post_kind::forbidden:
      at_the_door(how, post_reply_);
      return arrival.at + back;
    case post_kind::lost_before:
    case post_kind::passing_before:
    case post_kind::lasting_before:
    case post_kind::misnamed_before:
    case post_kind::cut_before:
      break;  // never arrives
    case post_kind::lost_late:
    case post_kind::passing_late: {
      const instant gone = arrival.at + back;
      arrival.at = gone + (random_.chance(0.5) ? random_.below(900 * ms) : random_.mostly_short(20 * second));
      due_.push_back(arrival);
      if (how == post_kind::passing_late) post_reply_.status = passing_status[random_.below(8)];
      return gone;
    }
    default:
      due_.push_back(arrival);
  }
  if (how == post_kind::passing_before || how == post_kind::passing_after) {
    post_reply_.status = passing_status[random_.below(8)];
    if (post_reply_.status == 503 && random_.chance(0.5)) {
      post_reply_.code = 1200;
      post_reply_.retry_after = random_.below(4 * second) / ms * ms;
    }
  }
  if (how == post_kind::lasting_before || how == post_kind::lasting_after) {
    post_reply_.status = 500;
    post_reply_.code = 1302;
  }
  if (how == post_kind::misnamed_before) {
    post_reply_.status = 200;
    post_reply_.other_id = true;
  }
  if (how == post_kind::cut_before) {
    post_reply_.status = past_.kind == call_kind::schedule ? 201 : 200;
    post_reply_.complete = false;
    post_reply_.permanent = random_.chance(0.5);
  }
  post_reply_.stale = how == post_kind::lost_on_stale;
  return arrival.at + back;
}

void server::at_the_door(post_kind how, reply& out) {
  switch (how) {
    case post_kind::too_many_timed:
      out.retry_after = (1 + random_.below(4000)) * ms;
      [[fallthrough]];
    case post_kind::too_many:
      out.status = 429;
      break;
    case post_kind::unavailable_timed:
      out.status = 503;
      out.json = false;
      out.retry_after = (1 + random_.below(4000)) * ms;
      break;
    case post_kind::too_early:
      out.status = 425;
      break;
    case post_kind::unauthorized:
      out.status = 401;
      out.renewable_key = random_.chance(0.9);
      break;
    default:
      out.status = refusing_status[random_.below(6)];
      out.json = random_.chance(0.5);
      if (out.status == 409) out.code = -1;
  }
}

instant server::get(instant now, instant& evaluated) {
  now_ = now;
  if (random_.chance(0.2)) choose_weights();
  if (is_ending(past_.kind) && latest() && random_.chance(0.3))
    latest()->end = std::min(latest()->end, std::max(latest()->start, now + random_.below(300 * ms)));
  get_how_ = random_.pick<get_kind>(get_weights_);
  get_reply_ = reply();
  evaluated = now + random_.mostly_short(150 * ms);
  event look;
  look.at = evaluated;
  look.what = event_kind::evaluation;
  due_.push_back(look);
  // Now and then an answer lags.
  return evaluated + (random_.chance(0.05) ? random_.below(2 * second) : random_.mostly_short(250 * ms));
}

bool server::withdraw(int send) {
  if (arrived_) return false;
  std::erase_if(due_, [&](const event& e) { return e.what == event_kind::arrival && e.send == send; });
  return true;
}

void server::advance(instant to) {
  while (!due_.empty()) {
    const auto first = std::min_element(due_.begin(), due_.end(),
                                        [](const event& a, const event& b) { return a.at < b.at; });
    if (first->at > to) return;
    const event now = *first;
    *first = due_.back();
    due_.pop_back();
    happen(now);
  }
}

void server::happen(const event& what) {
  switch (what.what) {
    case event_kind::arrival:
      return arrive(what);
    case event_kind::evaluation:
      return evaluate(what.at);
    case event_kind::foreign_start:
      if (latest() && latest()->running_at(what.at)) return;
      return start_run(what.at, -1, random_.chance(0.35));
  }
}

void server::arrive(const event& what) {
  arrived_ = true;
  // A balancer sends it twice, and passes the second answer on.
  if (what.how == post_kind::doubled) process(what.send, what.at);
  const reply said = process(what.send, what.at);
  const bool well = said.status >= 200 && said.status < 300;
  switch (what.how) {
    case post_kind::misnamed_after:
      post_reply_ = said;
      post_reply_.other_id = well;
      break;
    case post_kind::cut_2xx:
    case post_kind::unreadable_2xx:
      post_reply_ = said;
      post_reply_.complete = !well;
      post_reply_.permanent = well && what.how == post_kind::unreadable_2xx;
      break;
    case post_kind::good:
    case post_kind::doubled:
      post_reply_ = said;
      break;
    default:
      break;  // nobody hears of it
  }
}

reply server::process(int send, instant now) {
  reply out;
  out.date = date_at(now);
  run* const last = latest();
  const bool running = last && last->running_at(now);
  act did;
  did.send = send;
  did.at = now;
  if (is_keyed(past_.kind)) {
    if (running) {
      out.status = 409;
      out.code = past_.kind == call_kind::schedule ? 0 : 1101;
      return out;
    }
    start_run(now, send, true);
    did.on_run = static_cast<int>(past_.runs.size()) - 1;
  } else if (is_ending(past_.kind)) {
    if (!running) {
      out.status = last ? 409 : 404;
      out.code = last ? 1102 : 1100;
      return out;
    }
    did.on_run = static_cast<int>(past_.runs.size()) - 1;
    end_latest(now);
  }
  past_.acts.push_back(did);
  out.status = past_.kind == call_kind::schedule ? 201 : 200;
  return out;
}

void server::evaluate(instant now) {
  reply& out = get_reply_;
  out.date = get_how_ == get_kind::undated ? -1 : date_at(now);
  switch (get_how_) {
    case get_kind::lost_on_stale:
      out.stale = true;
      return;
    case get_kind::lost:
      return;
    case get_kind::foreign_404:
      out.status = 404;
      out.json = random_.chance(0.5);
      out.code = out.json ? 0 : 1100;
      return;
    case get_kind::too_many:
    case get_kind::too_many_timed:
      out.status = 429;
      if (get_how_ == get_kind::too_many_timed) out.retry_after = (1 + random_.below(2000)) * ms;
      return;
    case get_kind::unavailable:
      out.status = 503;
      return;
    case get_kind::forbidden:
      out.status = 403;
      return;
    case get_kind::unauthorized:
      out.status = 401;
      out.renewable_key = random_.chance(0.9);
      return;
    default:
      break;
  }
  const run* const last = latest();
  if (!last) {
    out.status = 404;
    out.code = past_.kind == call_kind::schedule ? 1201 : 1100;
    return;
  }
  out.status = 200;
  out.other_id = get_how_ == get_kind::misnamed;
  out.shows = get_how_ != get_kind::unreadable;
  out.with_run_id = get_how_ != get_kind::without_run_id;
  out.shown_run = static_cast<int>(past_.runs.size()) - 1;
  out.shown_terminal = !last->running_at(now);
}

}  // namespace call_model
