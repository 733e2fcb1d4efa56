#include "protocol/follow/model/world.hpp"

#include <algorithm>

namespace follow_model {
namespace {

enum class form : int { all_identified, some, none };

constexpr std::size_t most_runs = 6;

instant gap(random_source& random) {
  const double u = random.uniform();
  if (u < 0.35) return 0;
  if (u < 0.65) return random.below(100 * ms);
  if (u < 0.9) return random.below(3 * second);
  return random.chance(0.85) ? random.below(40 * second) : random.below(400 * second);
}

bool sends_event(terminal_kind kind) {
  return kind == terminal_kind::completed || kind == terminal_kind::failed || kind == terminal_kind::canceled ||
         kind == terminal_kind::continued_as_new;
}

}  // namespace

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

// ------------------------------------------------------------------------------------------------------------- the script

void world::begin(random_source& random, const protocol::watch_rules& rules) {
  for (int i = 0; i < execution_count; ++i) {
    auto& old = executions[static_cast<std::size_t>(i)];
    old.events.clear();
    old.runs.clear();
    old.expires = never;
  }
  runs.clear();
  ways = manners();
  choose_manners(random);
  if (!rules.for_result) ways.status_refused = false;

  const double u = random.uniform();
  const int identity = static_cast<int>(u < 0.8 ? form::all_identified : u < 0.93 ? form::some : form::none);
  const double l = random.uniform();
  const instant lag = l < 0.6 ? 0 : l < 0.8 ? 2 * second : l < 0.97 ? 6 * second : 40 * second;
  model_run first;
  first.begins = -ways.status_lag - (random.chance(0.5) ? random.below(60 * second) : 0);
  first.found_from = first.begins;
  runs.push_back(first);
  executions[0].runs.push_back(0);
  execution_count = 1;
  instant visible = first.begins;
  write_run(random, identity, visible, lag);
  // On a server without any ids a repeated end and another run's are alike: there each execution has one run.
  while (write_next(random, identity != static_cast<int>(form::none))) write_run(random, identity, visible, lag);

  auto& last = executions[static_cast<std::size_t>(runs.back().execution)];
  if (runs.back().ends != never && random.chance(0.03))
    last.expires = std::max<instant>(0, runs.back().ends) + random.below(100 * second);
  settled_ = std::max<instant>(ways.calm_from, 0);
  for (const auto& run : runs) {
    settled_ = std::max(settled_, run.begins + ways.status_lag);
    if (run.ends != never) settled_ = std::max(settled_, run.ends + ways.status_lag);
    if (run.found_from != never) settled_ = std::max(settled_, run.found_from);
  }
  for (int i = 0; i < execution_count; ++i)
    for (const auto& event : executions[static_cast<std::size_t>(i)].events)
      if (event.at != never) settled_ = std::max(settled_, event.at);
  if (last.expires != never) settled_ = std::max(settled_, last.expires + ways.status_lag);
}

void world::choose_manners(random_source& random) {
  ways.event_names_run = random.chance(0.93);
  ways.status_names_run = random.chance(0.93);
  ways.ends_when_over = random.chance(0.6);
  ways.says_done = random.chance(0.08);
  ways.no_content_when_over = random.chance(0.03);
  ways.repeats = random.chance(0.2);
  ways.comments_in_pauses = random.chance(0.5);
  if (random.chance(0.4)) {
    ways.comment_every = random.chance(0.01) ? 60 * ms : random.chance(0.1) ? second : 15 * second;
  }
  if (random.chance(0.06)) ways.heartbeat_every = random.chance(0.5) ? 500 * ms : 7 * second;
  if (random.chance(0.12)) {
    static constexpr instant usual[] = {100 * ms, second, 3 * second, 12 * second, 12 * second, 60 * second};
    ways.cut_every = usual[random.below(6)];
    ways.cut_cleanly = random.chance(0.5);
  }
  if (random.chance(0.5)) {
    ways.faults = random.chance(0.7) ? 0.3 : 0.9;
    const double u = random.uniform();
    ways.calm_from = u < 0.5    ? random.below(5 * second)
                     : u < 0.95 ? random.below(60 * second)
                                : random.below(600 * second);
  }
  if (random.chance(0.04)) ways.no_stream_from = random.below(20 * second);
  ways.refused_for_ever = random.chance(0.5);
  ways.no_status = random.chance(0.02);
  ways.status_refused = random.chance(0.02);
  if (random.chance(0.1)) ways.status_lag = random.below(5 * second);
  if (random.chance(0.12)) ways.slow_status = random.chance(0.8) ? random.below(9 * second) : random.below(25 * second);
  if (random.chance(0.1)) ways.slow_connect = random.below(4 * second);
  if (random.chance(0.06)) ways.event_pause = random.chance(0.5) ? random.below(4 * second) : random.below(40 * second);
  if (random.chance(0.05)) ways.retry_field = random.chance(0.7) ? random.below(3 * second) : 600 * second;
  ways.same_error = random.chance(0.01);
}

// The events of the run at the back, and how it ends.
void world::write_run(random_source& random, int identity, instant& visible, instant lag) {
  const int number = static_cast<int>(runs.size()) - 1;
  model_run& run = runs.back();
  auto& events = executions[static_cast<std::size_t>(run.execution)].events;
  instant happens = run.begins;
  const auto write = [&](terminal_kind terminal, bool own) -> model_event& {
    visible = std::max(visible, happens + (lag > 0 ? random.below(lag) : 0));
    model_event made;
    made.at = visible;
    made.run = number;
    made.own = own;
    made.terminal = terminal;
    made.identified =
        identity == static_cast<int>(form::all_identified) ||
        (identity == static_cast<int>(form::some) && (random.chance(0.6) || (own && terminal != terminal_kind::none)));
    events.push_back(made);
    return events.back();
  };
  const auto count = random.chance(0.95) ? random.below(6) : random.below(40);
  for (std::int64_t i = 0; i < count; ++i) {
    happens += gap(random);
    const bool own = random.chance(0.85);
    const bool child_ends = !own && random.chance(0.4);
    write(child_ends ? static_cast<terminal_kind>(1 + random.below(4)) : terminal_kind::none, own);
  }
  happens += gap(random);
  static constexpr terminal_kind ends[] = {
      terminal_kind::none,     terminal_kind::completed,        terminal_kind::canceled,
      terminal_kind::failed,   terminal_kind::continued_as_new, terminal_kind::terminated,
      terminal_kind::timed_out};
  static constexpr double weights[] = {9, 30, 8, 14, 20, 14, 6};
  run.end = ends[static_cast<std::size_t>(random.pick<int>(weights))];
  if (run.end == terminal_kind::none) return;
  run.ends = happens;
  if (!sends_event(run.end)) return;
  auto& last = write(run.end, true);
  if (random.chance(0.08)) last.at = never;
  run.last_event = static_cast<int>(events.size()) - 1;
  if (random.chance(0.1)) {  // a child's straggler
    happens += random.below(50 * ms);
    write(terminal_kind::none, false);
  }
}

// Whether another run goes on.
bool world::write_next(random_source& random, bool may_stay) {
  const model_run past = runs.back();
  if (past.ends == never || runs.size() >= most_runs) return false;
  double chance = 0.03;
  if (past.end == terminal_kind::terminated) chance = 0.35;
  if (past.end == terminal_kind::failed) chance = 0.35;
  const bool continued = past.end == terminal_kind::continued_as_new;
  if (continued) chance = 0.85;
  const bool named = continued && random.chance(0.8);
  auto& before = executions[static_cast<std::size_t>(past.execution)];
  const bool elsewhere = continued && random.chance(0.45);
  if (!random.chance(chance) || !(elsewhere || may_stay)) {
    // It names a run that nobody will ever find.
    if (named && past.last_event >= 0) before.events[static_cast<std::size_t>(past.last_event)].names = 6;
    return false;
  }
  const int number = static_cast<int>(runs.size());
  const double u = random.uniform();
  const instant after = u < 0.5    ? 0
                        : u < 0.75 ? random.below(second)
                        : u < 0.9  ? random.below(5 * second)
                                   : random.below(30 * second);
  model_run made;
  made.execution = past.execution;
  made.begins = past.ends + after;
  const double l = random.uniform();
  made.found_from = made.begins + (l < 0.6 ? 0 : l < 0.9 ? random.below(3 * second) : random.below(15 * second));
  made.possible = random.chance(0.97);
  if (elsewhere) made.execution = execution_count++;
  if (named && past.last_event >= 0) before.events[static_cast<std::size_t>(past.last_event)].names = number;
  runs.back().next = number;
  runs.push_back(made);
  executions[static_cast<std::size_t>(made.execution)].runs.push_back(number);
  return true;
}

// --------------------------------------------------------------------------------------------------------- what it answers

int world::run_at(int execution, instant now) const {
  int latest = -1;
  for (const int run : executions[static_cast<std::size_t>(execution)].runs)
    if (runs[static_cast<std::size_t>(run)].begins <= now) latest = run;
  return latest;
}

look world::get(random_source& random, int execution, instant now) const {
  look out;
  const bool calm = now >= ways.calm_from;
  instant takes = 1 * ms + random.below(40 * ms);
  if (ways.slow_status > 0 && random.chance(0.7)) takes += random.below(ways.slow_status);
  const bool fails = ways.no_status || (!calm && random.chance(ways.faults * 0.6));
  if (!calm && random.chance(ways.faults * 0.2)) takes += random.below(60 * second);  // a closed gate, or a deadline
  out.done = now + takes;
  out.of = now + random.below(takes) - ways.status_lag;
  if (ways.status_refused) {
    out.said.said = protocol::status_facts::answer::refused;
    return out;
  }
  if (fails) return out;
  const int run = run_at(execution, out.of);
  if (run < 0 || out.of >= executions[static_cast<std::size_t>(execution)].expires) {
    out.said.said = protocol::status_facts::answer::missing;
    return out;
  }
  const auto& latest = runs[static_cast<std::size_t>(run)];
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
  if (ways.no_status || (!calm && random.chance(ways.faults * 0.6))) return out;
  out.said = protocol::run_facts::answer::missing;
  if (run < 0 || run >= static_cast<int>(runs.size())) return out;
  const auto& asked = runs[static_cast<std::size_t>(run)];
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
  const auto& followed = executions[static_cast<std::size_t>(execution)];
  if (now >= ways.no_stream_from || (!calm && random.chance(ways.faults))) {
    static constexpr double weights[] = {4, 4, 1, 4, 2};
    switch (now >= ways.no_stream_from ? (ways.refused_for_ever ? 1 : 0) : random.pick<int>(weights)) {
      case 0:
        out.ended = attempt::outcome::not_connected;
        break;
      case 1:
        out.ended = attempt::outcome::refused;
        if (random.chance(0.3))
          out.retry_after = random.chance(0.95) ? second * random.below(random.chance(0.8) ? 5 : 60) : 86400 * second;
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
    const bool over = run >= 0 && runs[static_cast<std::size_t>(run)].ends <= now;
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
  link.next = ways.repeats && random.chance(0.5) ? std::max<int>(0, after - static_cast<int>(random.below(4))) : after;
  const auto& events = executions[static_cast<std::size_t>(execution)].events;
  if (now >= executions[static_cast<std::size_t>(execution)].expires) link.next = static_cast<int>(events.size());
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

// ------------------------------------------------------------------------------------------------------- a connection's way

next_item world::upcoming(const model_link& link) const {
  const auto& followed = executions[static_cast<std::size_t>(link.execution)];
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
      const auto& run = runs[static_cast<std::size_t>(number)];
      if (run.ends == never) break;
      const instant over = std::max(link.latest, run.ends) + 2 * ms;
      const bool last = number == followed.runs.back();
      if (!last) {
        const auto following = std::find(followed.runs.begin(), followed.runs.end(), number) + 1;
        if (over >= runs[static_cast<std::size_t>(*following)].begins) continue;
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
      const auto& events = executions[static_cast<std::size_t>(link.execution)].events;
      index = link.next;
      if (link.next == link.pause_before) link.pause_before = -1;
      while (events[static_cast<std::size_t>(index)].at == never) ++index;
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
