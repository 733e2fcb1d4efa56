// Who waits, and what news say of them. What is asked: completion_asks.cpp; what GETs say:
// completion_answers.cpp.
#include "bulk/completions/completion_core.hpp"

#include "bulk/completions/completion_waiter.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::bulk_core {

using namespace std::chrono_literals;

namespace {

constexpr auto clock_step = 1s;  // a server's times of one instant may differ by so much

template <class Index, class Waiter>
std::vector<Waiter*> all_under(const Index& index, const std::string& key) {
  std::vector<Waiter*> found;
  const auto range = index.equal_range(key);
  for (auto one = range.first; one != range.second; ++one) found.push_back(one->second);
  return found;
}

}  // namespace

completion_core::completion_core(completions_options options) : options_(std::move(options)) {}
completion_core::~completion_core() = default;

// ------------------------------------------------------------------------------------------------ who waits

completion_core::waiter& completion_core::insert(std::string execution_id) {
  auto made = std::make_unique<waiter>();
  made->who = ++last_;
  made->execution_id = std::move(execution_id);
  waiter& w = *made;
  waiters_.emplace(w.who, std::move(made));
  by_execution_.emplace(w.execution_id, &w);
  return w;
}

waiter_id completion_core::expect(std::string execution_id) {
  waiter& w = insert(std::move(execution_id));
  if (mark_) w.registered = *mark_;
  ++stats_.expected;
  return w.who;
}

waiter_id completion_core::add(std::string execution_id, std::string run_id, instant now) {
  waiter& w = insert(std::move(execution_id));
  w.alone = run_id.empty();
  if (names_run(run_id)) w.run_id = std::move(run_id);
  if (stats_.waiting++ == 0) next_look_ = std::max(next_look_, now + options_.page_interval);
  enter(w, phase::doubted, now);
  return w.who;
}

void completion_core::started(waiter_id who, std::string run_id, timestamp at, bool ask_now, instant now) {
  const auto found = waiters_.find(who);
  if (found == waiters_.end() || found->second->at != phase::expected) return;
  waiter& w = *found->second;
  if (names_run(run_id)) w.run_id = std::move(run_id);
  w.started = at;
  w.dated = true;
  saw(at);
  --stats_.expected;
  if (stats_.waiting++ == 0) next_look_ = std::max(next_look_, now + options_.page_interval);
  const bool before = at + clock_step < w.registered;  // its events may be, too
  if (ask_now || before)
    enter(w, phase::doubted, now);
  else
    enter(w, phase::running, now + options_.overdue_after);
  if (const auto early = std::exchange(w.early, nullptr)) weigh(w, *early, now);
}

void completion_core::forget(waiter_id who) {
  const auto found = waiters_.find(who);
  if (found != waiters_.end()) drop(*found->second);
}

void completion_core::drop(waiter& w) {
  --(w.at == phase::expected ? stats_.expected : stats_.waiting);
  unschedule(w);
  unlink(by_execution_, w.execution_id, w);
  if (!w.next_run.empty()) unlink(by_next_run_, w.next_run, w);
  waiters_.erase(w.who);
}

void completion_core::unlink(index& from, std::string_view key, const waiter& w) {
  const auto range = from.equal_range(key);
  for (auto one = range.first; one != range.second; ++one) {
    if (one->second != &w) continue;
    from.erase(one);
    return;
  }
}

void completion_core::set_next_run(waiter& w, std::string run) {
  if (!w.next_run.empty()) unlink(by_next_run_, w.next_run, w);
  w.next_run = std::move(run);
  if (!w.next_run.empty()) by_next_run_.emplace(w.next_run, &w);
}

void completion_core::enter(waiter& w, phase to, instant due) {
  unschedule(w);
  if (to != w.at) w.tries = 0;
  w.at = to;
  w.due = due;
  if (w.asking || row_of(to).how_soon == lane::none) return;
  (row_of(to).how_soon == lane::urgent ? urgent_ : overdue_).emplace(due, w.who);
  w.scheduled = true;
}

void completion_core::unschedule(waiter& w) {
  if (!std::exchange(w.scheduled, false)) return;
  (row_of(w.at).how_soon == lane::urgent ? urgent_ : overdue_).erase(std::make_pair(w.due, w.who));
}

// ----------------------------------------------------------------------------------------------------- news

void completion_core::saw(std::optional<timestamp> at) {
  if (at && (!mark_ || *mark_ < *at)) mark_ = at;
}

void completion_core::event(run_news about, instant now) {
  ++stats_.events;
  event_mark_ = mark_;
  about.seen_by = completion_source::event;
  news(about, now);
}

void completion_core::foreign_event() {
  ++stats_.events;
  ++stats_.foreign;
  event_mark_ = mark_;
}

void completion_core::row(run_news about, instant now) {
  ++stats_.rows;
  saw(about.at);
  about.seen_by = completion_source::page;
  about.has_result = false;
  if (is_terminal(about.status)) news(about, now);
}

void completion_core::news(run_news& about, instant now) {
  if (!names_run(about.run_id)) about.run_id.clear();
  if (!names_run(about.next_run)) about.next_run.clear();
  std::vector<waiter*> heirs;
  if (!about.run_id.empty()) heirs = all_under<index, waiter>(by_next_run_, about.run_id);
  auto own_id = all_under<index, waiter>(by_execution_, about.execution_id);
  std::erase_if(own_id, [&](waiter* w) { return std::find(heirs.begin(), heirs.end(), w) != heirs.end(); });
  heirs.insert(heirs.end(), own_id.begin(), own_id.end());
  if (heirs.empty() && about.seen_by == completion_source::event) ++stats_.foreign;
  for (std::size_t i = 0; i + 1 < heirs.size(); ++i) {
    run_news copy = about;
    weigh(*heirs[i], copy, now);
  }
  if (!heirs.empty()) weigh(*heirs.back(), about, now);
}

// Whose run it is, first of all.
void completion_core::weigh(waiter& w, run_news& about, instant now) {
  if (w.at == phase::expected) {
    const bool keeps = w.early && w.early->seen_by == completion_source::event;
    if (!keeps || about.seen_by == completion_source::event)
      w.early = std::make_unique<run_news>(std::move(about));
    return;
  }
  if (!about.run_id.empty() && about.run_id == w.run_id) return own(w, about, now);
  if (!about.run_id.empty() && about.run_id == w.next_run) {
    execution next;
    next.execution_id = about.execution_id;
    next.run_id = about.run_id;
    next.start_time = about.start.value_or(w.started.value_or(timestamp()));
    adopt(w, next, now);
    w.dated = false;
    return own(w, about, now);
  }
  if (w.is_past(about.run_id)) return;
  // It ended before ours began.
  const auto slack = about.run_id.empty() || w.run_id.empty() ? clock_step : 0s;
  if (w.started && about.at && *about.at + slack < *w.started) return;
  if (w.started && about.start && *about.start + slack < *w.started) return;
  doubt(w, about, now);
}

void completion_core::own(waiter& w, run_news& about, instant now) {
  if (!w.told) w.seen_by = about.seen_by;
  w.told = true;
  w.ended = about.at;
  if (about.start) w.started = about.start;
  w.dated = w.dated || about.start;
  switch (about.status) {
    case execution_status::completed:
      if (about.has_result) return finish(w, about.status, std::move(about.result), about.at);
      if (w.at == phase::fetching) return;
      w.again = w.asking;
      return enter(w, phase::fetching, now);
    case execution_status::canceled:
      return finish(w, about.status, nullptr, about.at);
    case execution_status::continued_as_new:
      if (about.seen_by == completion_source::page && w.continued_since) return;  // it comes with each window
      w.again = w.asking;
      return continued(w, std::move(about.next_run), now);
    default:
      if (!about.failure.empty()) w.failure = std::move(about.failure);
      w.said = about.status;
      // A row tells how a run stands; after the event of a failed attempt the same run may go on.
      w.sure = about.seen_by == completion_source::page;
      return doubt(w, about, now);
  }
}

void completion_core::doubt(waiter& w, const run_news& about, instant now) {
  const bool asks_better = w.at == phase::fetching || w.at == phase::following;
  if (asks_better) return;
  if (!w.told) w.seen_by = about.seen_by;
  w.told = true;
  if (about.seen_by == completion_source::event) {
    w.settled = false;
    w.tries = 0;
  } else if (w.at == phase::doubted || w.at == phase::naming) {
    return;  // the same row comes with each window
  }
  w.again = w.asking;
  enter(w, w.at == phase::naming ? w.at : phase::doubted, now);
}

// ----------------------------------------------------------------------------------------------- the stream

void completion_core::stream_up(bool resumed, instant now) {
  if (!resumed && stats_.waiting > 0) wide_until_ = now + options_.page_overlap;
  streaming_ = true;
  stats_.streaming = true;
  event_mark_ = mark_;
}

void completion_core::stream_down() {
  if (!std::exchange(streaming_, false)) return;
  stats_.streaming = false;
  wide_from_ = event_mark_ ? *event_mark_ - options_.page_overlap : timestamp();
}

void completion_core::stream_refused() {
  stream_down();
  stats_.pages_only = true;
}

}  // namespace mistral::workflows::bulk_core
