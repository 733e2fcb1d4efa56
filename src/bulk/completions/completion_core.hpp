// What is known of each execution that is waited for: news and answers go in, ends and questions come out.
// Not the stream, the calls and the waiting (completions.cpp): no clock, no timer, no lock.
#pragma once

#include <mistral/workflows/bulk/completions.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_core {

using instant = std::chrono::steady_clock::time_point;
using waiter_id = std::uint64_t;

/// What an event or a row of a list says about a run that has ended.
struct run_news {
  run_news() = default;

  completion_source seen_by = completion_source::event;
  std::string execution_id;
  std::string run_id;  ///< empty: it has none
  execution_status status = execution_status::unknown;
  std::optional<timestamp> at;     ///< of the event, or the run's end
  std::optional<timestamp> start;  ///< of the run; rows only
  std::string next_run;            ///< of CONTINUED_AS_NEW: the run that goes on, where it is named
  std::string failure;
  bool has_result = false;  ///< `result` is all of it, and not encoded
  boost::json::value result;
};

/// A question that a GET answers.
struct ask {
  enum class target {
    execution,  ///< the latest run of the execution `id`
    run,        ///< the run `id`
    events,     ///< the event by which the run `id` was continued as new
  };

  ask() = default;

  waiter_id who = 0;
  target what = target::execution;
  std::string id;
};

struct get_answer {
  enum class verdict {
    found,
    missing,  ///< proven not to be there
    refused,  ///< an error that no repeat mends
    nothing,  ///< a 404 that proves nothing: it may be a proxy's
    failed,   ///< any other
  };

  get_answer() = default;

  verdict said = verdict::failed;
  execution state;       ///< where found; of `events` not filled
  std::string next_run;  ///< of `events`: where there is such an event, and it names one
  std::optional<std::chrono::milliseconds> wait;  ///< the Retry-After of an error
};

/// A look through the list of runs, by their ends.
struct page_window {
  page_window() = default;

  timestamp from{};   ///< of the ends
  bool wide = false;  ///< runs of all ends; else of those alone that send no event
};

/// A wait that is over.
struct wait_end {
  wait_end() = default;

  waiter_id who = 0;
  bool failed = false;  ///< the answer that was given last is its error
  completion end;
};

/// What a waiter is known to be at. The table in completion_waiter.hpp says what each asks, and how soon.
enum class phase : std::uint8_t {
  expected,   ///< registered; the start has not been answered
  running,    ///< it goes on, for all that is known
  doubted,    ///< an end was told of that a GET of the execution must confirm
  naming,     ///< another run is the latest: how our run ended is asked of the run
  fetching,   ///< our run has completed, and its result is not here
  following,  ///< our run was continued as new, by a run that was named
};

/// Ends of many executions. A run is *ours* if it is the start's, or follows one of ours: named by its
/// CONTINUED_AS_NEW, or the latest under the execution id once ours ended as anything but COMPLETED or
/// CANCELED. Nothing that is said of another run ends a wait. Every function may end waits: `take_ended` has
/// them.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT completion_core {
 public:
  static constexpr std::size_t most_asks = 8;  ///< under way at once
  static constexpr std::chrono::seconds most_following{60};

  explicit completion_core(completions_options options);
  ~completion_core();
  completion_core(const completion_core&) = delete;
  completion_core& operator=(const completion_core&) = delete;

  // --- who waits

  waiter_id expect(std::string execution_id);
  /// Waits for what somebody else started; `run_id` empty: for its latest run.
  waiter_id add(std::string execution_id, std::string run_id, instant now);
  /// Of one that is expected; else nothing happens. `ask_now`: it was there before.
  void started(waiter_id who, std::string run_id, timestamp at, bool ask_now, instant now);
  void forget(waiter_id who);
  bool idle() const noexcept { return waiters_.empty(); }
  /// Whether somebody waits for the execution, or for the run that goes on for one.
  bool knows(std::string_view execution_or_run) const {
    return by_execution_.contains(execution_or_run) || by_next_run_.contains(execution_or_run);
  }
  /// Whether it may know runs whose execution it does not.
  bool awaits_next_runs() const noexcept { return !by_next_run_.empty(); }

  // --- facts

  void event(run_news news, instant now);
  /// One that is about nothing that `knows` knows.
  void foreign_event();
  void row(run_news news, instant now);
  void answered(const ask& question, get_answer answer, instant now);
  /// The window that `look` wished has been seen whole, or not.
  void looked(bool whole, instant now);
  void stream_up(bool resumed, instant now);
  void stream_down();
  void stream_refused();

  // --- wishes

  std::vector<wait_end> take_ended() { return std::exchange(ended_, {}); }
  std::vector<ask> asks(instant now);
  /// Where a window begins follows from times that the server told of: the clock of this machine may be
  /// wrong.
  std::optional<page_window> look(instant now);
  /// When to ask for wishes again although nothing happened.
  std::optional<instant> wake() const;

  /// Its members that the core knows.
  const completions_stats& stats() const noexcept { return stats_; }

 private:
  struct waiter;
  using due_set = std::set<std::pair<instant, waiter_id>>;
  using index = std::unordered_multimap<std::string_view, waiter*>;

  waiter& insert(std::string execution_id);
  void drop(waiter& w);
  void unlink(index& from, std::string_view key, const waiter& w);
  void set_next_run(waiter& w, std::string run);
  void enter(waiter& w, phase to, instant due);
  void unschedule(waiter& w);
  void news(run_news& about, instant now);
  void weigh(waiter& w, run_news& about, instant now);
  void own(waiter& w, run_news& about, instant now);
  void doubt(waiter& w, const run_news& about, instant now);
  void saw(std::optional<timestamp> at);

  void of_execution(waiter& w, execution& state, instant now);
  void of_run(waiter& w, const std::string& asked, execution& state, instant now);
  void of_events(waiter& w, const std::string& next_run, instant now);
  void not_found(waiter& w, const ask& question, get_answer::verdict said, instant now);
  void adopt(waiter& w, const execution& state, instant now);
  void judge(waiter& w, execution& state, bool latest, instant now);
  void goes_on(waiter& w, instant now);
  void later(waiter& w, instant now);
  void no_successor(waiter& w, instant now);
  void continued(waiter& w, std::string next_run, instant now);
  void finish(waiter& w, execution_status status, boost::json::value result, std::optional<timestamp> ended);

  completions_options options_;
  std::unordered_map<waiter_id, std::unique_ptr<waiter>> waiters_;
  index by_execution_;
  index by_next_run_;
  due_set urgent_;   // what confirms an end
  due_set overdue_;  // what has been silent
  std::vector<wait_end> ended_;
  waiter_id last_ = 0;
  std::size_t asking_ = 0;
  instant next_overdue_{};   // the bounded rate
  instant no_ask_before_{};  // what a Retry-After asks for

  bool streaming_ = false;
  bool looking_ = false;
  bool looking_wide_ = false;
  instant next_look_{};
  instant wide_until_{};
  // Of the server's clock:
  std::optional<timestamp> mark_;        // the latest time it told of
  std::optional<timestamp> event_mark_;  // the same when the stream last showed life
  std::optional<timestamp> first_from_;  // no window begins before
  timestamp narrow_from_{};              // where the next window begins
  timestamp wide_from_{};
  timestamp window_mark_{};  // the mark when the window under way was begun

  completions_stats stats_;
};

}  // namespace mistral::workflows::bulk_core
