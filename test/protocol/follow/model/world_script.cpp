// What will happen in a sequence, written down before it begins: the
// rules by which it is followed, the manners of the server, runs and their events.
#include "protocol/follow/model/world.hpp"

#include <algorithm>
#include <chrono>

namespace follow_model {
namespace {

enum class form : int { all_identified, some, none };

constexpr std::size_t most_runs = 6;

template <std::size_t N>
std::chrono::milliseconds one_of(random_source& random, const int (&choices)[N]) {
  return std::chrono::milliseconds(choices[random.below(static_cast<std::int64_t>(N))]);
}

instant gap(random_source& random) {
  const double u = random.uniform();
  if (u < 0.35) return 0;
  if (u < 0.65) return random.below(100 * ms);
  if (u < 0.9) return random.below(3 * second);
  return random.chance(0.85) ? random.below(40 * second) : random.below(400 * second);
}

bool sends_event(terminal_kind kind) {
  return kind == terminal_kind::completed || kind == terminal_kind::failed ||
         kind == terminal_kind::canceled || kind == terminal_kind::continued_as_new;
}

}  // namespace

protocol::watch_rules any_rules(random_source& random) {
  protocol::watch_rules rules;
  rules.for_result = random.chance(0.15);
  rules.watches_execution = rules.for_result || random.chance(0.95);
  rules.owes_event = random.chance(0.85);
  rules.follow_continue_as_new = random.chance(0.88);
  rules.missing_event_ends = random.chance(0.15);
  rules.idle_limit = one_of(random, {60'000, 60'000, 10'000, 2'000});
  rules.status_check = one_of(random, {30'000, 30'000, 5'000, 1'000, 100'000, 200});
  rules.drain_time = one_of(random, {5'000, 5'000, 1'000});
  rules.missing_after = one_of(random, {60'000, 60'000, 10'000});
  rules.initial_backoff = one_of(random, {250, 50});
  rules.max_backoff = one_of(random, {20'000, 20'000, 1'000});
  rules.budget = one_of(random, {600'000, 600'000, 60'000, 3'000});
  rules.steady_after = std::min(rules.steady_after, rules.idle_limit);
  rules.max_attempts = random.chance(0.9) ? 0 : 1 + static_cast<int>(random.below(5));
  return rules;
}

void world::begin(random_source& random, const protocol::watch_rules& rules) {
  for (int i = 0; i < execution_count; ++i) {
    auto& old = executions[place(i)];
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
  while (write_next(random, identity != static_cast<int>(form::none)))
    write_run(random, identity, visible, lag);

  auto& last = executions[place(runs.back().execution)];
  if (runs.back().ends != never && random.chance(0.03))
    last.expires = std::max<instant>(0, runs.back().ends) + random.below(100 * second);
  settled_ = std::max<instant>(ways.calm_from, 0);
  for (const auto& run : runs) {
    settled_ = std::max(settled_, run.begins + ways.status_lag);
    if (run.ends != never) settled_ = std::max(settled_, run.ends + ways.status_lag);
    if (run.found_from != never) settled_ = std::max(settled_, run.found_from);
  }
  for (int i = 0; i < execution_count; ++i)
    for (const auto& event : execution_no(i).events)
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
  if (random.chance(0.02)) ways.no_status_from = random.chance(0.3) ? 0 : random.below(60 * second);
  ways.status_refused = random.chance(0.02);
  if (random.chance(0.1)) ways.status_lag = random.below(5 * second);
  if (random.chance(0.12))
    ways.slow_status = random.chance(0.8) ? random.below(9 * second) : random.below(25 * second);
  if (random.chance(0.1)) ways.slow_connect = random.below(4 * second);
  if (random.chance(0.06))
    ways.event_pause = random.chance(0.5) ? random.below(4 * second) : random.below(40 * second);
  if (random.chance(0.05)) ways.retry_field = random.chance(0.7) ? random.below(3 * second) : 600 * second;
  ways.same_error = random.chance(0.01);
}

// The events of the run at the back, and how it ends.
void world::write_run(random_source& random, int identity, instant& visible, instant lag) {
  const int number = static_cast<int>(runs.size()) - 1;
  model_run& run = runs.back();
  auto& events = executions[place(run.execution)].events;
  instant happens = run.begins;
  const auto write = [&](terminal_kind terminal, bool own) -> model_event& {
    visible = std::max(visible, happens + (lag > 0 ? random.below(lag) : 0));
    model_event made;
    made.at = visible;
    made.run = number;
    made.own = own;
    made.terminal = terminal;
    made.identified = identity == static_cast<int>(form::all_identified) ||
                      (identity == static_cast<int>(form::some) &&
                       (random.chance(0.6) || (own && terminal != terminal_kind::none)));
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
  auto& before = executions[place(past.execution)];
  const bool elsewhere = continued && random.chance(0.45);
  if (!random.chance(chance) || !(elsewhere || may_stay)) {
    // It names a run that nobody will ever find.
    if (named && past.last_event >= 0) before.events[place(past.last_event)].names = 6;
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
  made.found_from = made.begins + (l < 0.6   ? 0
                                   : l < 0.9 ? random.below(3 * second)
                                             : random.below(15 * second));
  made.possible = random.chance(0.97);
  if (elsewhere) made.execution = execution_count++;
  if (named && past.last_event >= 0) before.events[place(past.last_event)].names = number;
  runs.back().next = number;
  runs.push_back(made);
  executions[place(made.execution)].runs.push_back(number);
  return true;
}

}  // namespace follow_model
