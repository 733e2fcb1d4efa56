// When what is asked: GETs that confirm at once, those for what is silent at a bounded rate, and looks
// through the list of runs.
#include "base/longest_time.hpp"
#include "bulk/completions/completion_core.hpp"
#include "bulk/completions/completion_waiter.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::bulk_core {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds first_window_back = 15min;

}  // namespace

std::vector<ask> completion_core::asks(instant now) {
  std::vector<ask> out;
  if (now < no_ask_before_) return out;
  const auto add = [&](due_set& from) {
    waiter& w = *waiters_.at(from.begin()->second);
    const phase_row& row = row_of(w.at);
    unschedule(w);
    ask one;
    one.who = w.who;
    one.what = row.what;
    one.id = row.what == ask::target::execution ? w.execution_id : row.next_run ? w.next_run : w.run_id;
    const bool nameless = w.at == phase::doubted && w.said == execution_status::continued_as_new;
    if (nameless && !w.run_id.empty() && w.tries % 2 == 0) {
      one.what = ask::target::events;
      one.id = w.run_id;
    }
    w.asking = true;
    w.asked = now;
    w.again = false;
    ++asking_;
    ++stats_.gets;
    out.push_back(std::move(one));
  };
  while (asking_ < most_asks && !urgent_.empty() && urgent_.begin()->first <= now) add(urgent_);
  while (asking_ < most_asks && !overdue_.empty() && overdue_.begin()->first <= now && next_overdue_ <= now) {
    add(overdue_);
    const std::chrono::duration<double> apart(1 / std::max(options_.gets_per_second, lowest_rate));
    next_overdue_ = now + std::chrono::duration_cast<instant::duration>(apart);
  }
  return out;
}

std::optional<page_window> completion_core::look(instant now) {
  if (looking_ || stats_.waiting == 0 || !mark_ || now < next_look_) return std::nullopt;
  // The mark is never ahead of the server's clock, as this machine's may be: what ended since is in the
  // window.
  if (!first_from_) first_from_ = *mark_ - std::max(first_window_back, options_.page_overlap);
  page_window out;
  out.wide = !streaming_ || now < wide_until_;
  out.from = out.wide ? wide_from_ : narrow_from_;
  if (out.from == timestamp()) out.from = *mark_ - options_.page_overlap;
  // What runs since long ago began long ago, but has not ended before it was asked for.
  out.from = std::max(out.from, *first_from_);
  window_mark_ = *mark_;
  looking_ = true;
  looking_wide_ = out.wide;
  ++stats_.pages;
  return out;
}

void completion_core::looked(bool whole, instant now) {
  looking_ = false;
  next_look_ = now + options_.page_interval;
  if (!whole) return;
  const timestamp next = window_mark_ - options_.page_overlap;
  narrow_from_ = std::max(narrow_from_, next);
  if (looking_wide_) wide_from_ = std::max(wide_from_, next);
}

std::optional<instant> completion_core::wake() const {
  std::optional<instant> out;
  const auto sooner = [&](instant at) {
    if (!out || at < *out) out = at;
  };
  if (asking_ < most_asks) {
    if (!urgent_.empty()) sooner(std::max(urgent_.begin()->first, no_ask_before_));
    if (!overdue_.empty()) sooner(std::max({overdue_.begin()->first, next_overdue_, no_ask_before_}));
  }
  if (!looking_ && stats_.waiting > 0 && mark_) sooner(next_look_);
  return out;
}

}  // namespace mistral::workflows::bulk_core
