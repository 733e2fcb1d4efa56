#include "protocol/follow/model/world.hpp"

#include <algorithm>

namespace follow_model {

const std::string& world::run_name(int run) {
  static const std::array<std::string, 8> names = {"", "r0", "r1", "r2", "r3", "r4", "r5", "r6"};
  return names.at(static_cast<std::size_t>(run + 1));
}

const std::string& world::execution_name(int execution) {
  static const std::array<std::string, 7> names = {"x0", "x1", "x2", "x3", "x4", "x5", "x6"};
  return names.at(static_cast<std::size_t>(execution));
}

int world::execution_named(const std::string& name) { return name.size() == 2 ? name[1] - '0' : -1; }
int world::run_named(const std::string& name) { return name.size() == 2 ? name[1] - '0' : -1; }

// ------------------------------------------------------------------------------------------ what it answers

int world::run_at(int execution, instant now) const {
  int latest = -1;
  for (const int run : execution_no(execution).runs)
    if (run_no(run).begins <= now) latest = run;
  return latest;
}

look world::get(random_source& random, int execution, instant now) const {
  look out;
  const bool calm = now >= ways.calm_from;
  instant takes = 1 * ms + random.below(40 * ms);
  if (ways.slow_status > 0 && random.chance(0.7)) takes += random.below(ways.slow_status);
  const bool fails = now >= ways.no_status_from || (!calm && random.chance(ways.faults * 0.6));
  if (!calm && random.chance(ways.faults * 0.2))
    takes += random.below(60 * second);  // a closed gate, or a deadline
  out.done = now + takes;
  out.of = now + random.below(takes) - ways.status_lag;
  if (ways.status_refused) {
    out.said.said = protocol::status_facts::answer::refused;
    return out;
  }
  if (fails) {
    if (random.chance(0.1)) out.said.said = protocol::status_facts::answer::page;
    return out;
  }
  const int run = run_at(execution, out.of);
  if (run < 0 || out.of >= execution_no(execution).expires) {
    out.said.said = protocol::status_facts::answer::missing;
    return out;
  }
  const auto& latest = run_no(run);
  const bool ended = latest.ends <= out.of;
  out.said.said = ended ? protocol::status_facts::answer::ended : protocol::status_facts::answer::running;
  if (ended) out.said.kind = latest.end;
  if (ways.status_names_run) out.said.run_id = run_name(run);
  return out;
}

protocol::run_facts world::get_run(random_source& random, int run, instant now, instant& done) const {
  protocol::run_facts out;
  const bool calm = now >= ways.calm_from;
  instant takes = 1 * ms + random.below(40 * ms);
  if (ways.slow_status > 0 && random.chance(0.7)) takes += random.below(ways.slow_status);
  done = now + takes;
  if (now >= ways.no_status_from || (!calm && random.chance(ways.faults * 0.6))) return out;
  out.said = protocol::run_facts::answer::missing;
  if (run < 0 || run >= static_cast<int>(runs.size())) return out;
  const auto& asked = run_no(run);
  if (!asked.possible) {
    out.said = protocol::run_facts::answer::impossible;
  } else if (asked.found_from <= now) {
    out.said = protocol::run_facts::answer::found;
    out.execution_id = execution_name(asked.execution);
  }
  return out;
}

attempt world::connect(random_source& random, int execution, int after, instant now) const {
  attempt out;
  const bool calm = now >= ways.calm_from;
  instant takes = random.below(30 * ms);
  if (ways.slow_connect > 0) takes += random.below(ways.slow_connect);
  out.done = now + takes;
  const auto& followed = execution_no(execution);
  if (now >= ways.no_stream_from || (!calm && random.chance(ways.faults))) {
    static constexpr double weights[] = {4, 4, 2, 4, 2};
    switch (now >= ways.no_stream_from ? (ways.refused_for_ever ? 1 : 0) : random.pick<int>(weights)) {
      case 0:
        out.ended = attempt::outcome::not_connected;
        break;
      case 1:
        out.ended = attempt::outcome::refused;
        if (random.chance(0.3))
          out.retry_after =
              random.chance(0.95) ? second * random.below(random.chance(0.8) ? 5 : 60) : 86400 * second;
        break;
      case 2:
        out.ended = attempt::outcome::wrong_type;
        break;
      case 3:  // hangs
        out.ended = attempt::outcome::not_connected;
        out.done = never;
        break;
      default:
        out.done += random.below(5 * second);
    }
    return out;
  }
  if (now >= followed.expires && random.chance(0.3)) out.ended = attempt::outcome::gone;
  if (ways.no_content_when_over) {
    const int run = run_at(execution, now);
    const bool over = run >= 0 && run_no(run).ends <= now;
    const bool all_sent = std::all_of(followed.events.begin() + after, followed.events.end(),
                                      [](const model_event& event) { return event.at == never; });
    if (over && all_sent && run == followed.runs.back()) out.ended = attempt::outcome::no_content;
  }
  return out;
}

model_link world::accept(random_source& random, int execution, int after, instant now) const {
  model_link link;
  link.execution = execution;
  link.accepted = link.latest = link.ready = now;
  link.next = ways.repeats && random.chance(0.5) ? std::max<int>(0, after - static_cast<int>(random.below(4)))
                                                 : after;
  const auto& events = execution_no(execution).events;
  if (now >= execution_no(execution).expires) link.next = static_cast<int>(events.size());
  if (ways.comment_every != never) link.comment_at = now + ways.comment_every;
  if (ways.heartbeat_every != never) link.heartbeat_at = now + ways.heartbeat_every;
  if (ways.cut_every != never) {
    link.cut_at = now + ways.cut_every;
    link.cut_cleanly = ways.cut_cleanly;
  }
  if (ways.event_pause > 0 && random.chance(0.5)) {
    link.pause_before = link.next + static_cast<int>(random.below(4));
    link.pause = ways.event_pause;
  }
  link.said_retry = ways.retry_field == 0;
  if (ways.same_error) link.error_at = now + random.below(100 * ms);
  if (now < ways.calm_from && random.chance(ways.faults)) {
    const instant until = now + (random.chance(0.6) ? random.below(2 * second) : random.below(30 * second));
    switch (random.below(4)) {
      case 0:
        link.mute_from = until;
        break;
      case 1:
        link.error_at = until;
        break;
      default:
        link.cut_at = std::min(link.cut_at, until);
        link.cut_cleanly = random.chance(0.4);
    }
  }
  if (now < ways.no_stream_from && ways.no_stream_from < link.cut_at) {
    link.cut_at = ways.no_stream_from;
    link.cut_cleanly = false;
  }
  return link;
}

// --------------------------------------------------------------------------------------- a connection's way

next_item world::upcoming(const model_link& link) const {
  const auto& followed = execution_no(link.execution);
  next_item out;
  const auto sooner = [&](instant at, item what) {
    if (at < out.at) {
      out.at = at;
      out.what = what;
    }
  };
  std::size_t next = static_cast<std::size_t>(link.next);
  while (next < followed.events.size() && followed.events[next].at == never) ++next;
  if (!link.said_retry) sooner(link.accepted, item::retry_field);
  if (next < followed.events.size()) {
    instant ready = link.ready;
    if (link.next == link.pause_before) ready += link.pause;
    sooner(std::max(followed.events[next].at, ready), item::event);
  }
  sooner(link.error_at, item::error);
  sooner(link.cut_at, link.cut_cleanly ? item::clean_end : item::cut);
  sooner(link.comment_at, item::comment);
  sooner(link.heartbeat_at, item::heartbeat);
  if (ways.ends_when_over || (ways.says_done && !link.said_done)) {
    // The first moment at which the execution stands ended, and nothing that is there is unsent.
    for (const int number : followed.runs) {
      const auto& run = run_no(number);
      if (run.ends == never) break;
      const instant over = std::max(link.latest, run.ends) + 2 * ms;
      const bool last = number == followed.runs.back();
      if (!last) {
        const auto following = std::find(followed.runs.begin(), followed.runs.end(), number) + 1;
        if (over >= run_no(*following).begins) continue;
      }
      const bool unsent = next < followed.events.size() && followed.events[next].at <= over;
      if (!unsent) sooner(over, ways.says_done && !link.said_done ? item::done_mark : item::clean_end);
      break;
    }
  }
  if (out.at >= link.mute_from) out = next_item();
  return out;
}

int world::take(model_link& link, const next_item& what) const {
  link.latest = std::max(link.latest, what.at);
  int index = -1;
  switch (what.what) {
    case item::event: {
      const auto& events = execution_no(link.execution).events;
      index = link.next;
      if (link.next == link.pause_before) link.pause_before = -1;
      while (events[place(index)].at == never) ++index;
      link.next = index + 1;
      link.ready = what.at;
      break;
    }
    case item::comment:
      link.comment_at = what.at + ways.comment_every;
      break;
    case item::heartbeat:
      link.heartbeat_at = what.at + ways.heartbeat_every;
      break;
    case item::done_mark:
      link.said_done = true;
      break;
    case item::retry_field:
      link.said_retry = true;
      break;
    case item::error:
    case item::clean_end:
    case item::cut:
    case item::none:
      break;
  }
  return index;
}

}  // namespace follow_model
