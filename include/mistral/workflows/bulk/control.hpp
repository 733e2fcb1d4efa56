// The levers of a batch that runs: limits, pause, stop; and a look at how far it is.
// Not the batch: it takes the place that `bulk_options::control` offers, and outlives this handle or not.
#pragma once

#include <mistral/workflows/bulk/progress.hpp>
#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows {

namespace bulk_run {
class control_state;
}

/// What becomes of jobs that run when a batch stops.
enum class when_stopping {
  leave,      ///< they go on without the batch; outcome `left`
  drain,      ///< they are waited for
  cancel,     ///< they are asked to end, and waited for
  terminate,  ///< they are ended at once
};

/// The enumerator's name; "?" for any other number.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(when_stopping how) noexcept;

/// A cheap handle; copies steer the same batch. Every member may be called from any thread, before the batch
/// begins (then it holds from its beginning), while it runs, and after its end (then it does nothing). None
/// waits: the batch acts on its own strand soon after. A report (`bulk_begin::report`) takes no notice of it.
class MISTRAL_WORKFLOWS_EXPORT bulk_control {
 public:
  bulk_control();
  bulk_control(const bulk_control&);
  bulk_control(bulk_control&&) noexcept;
  bulk_control& operator=(const bulk_control&);
  bulk_control& operator=(bulk_control&&) noexcept;
  ~bulk_control();

  /// In place of `bulk_options::most_in_flight`; at least 1. Fewer than are running now: none is started
  /// until enough have ended.
  /// Errors: invalid_argument
  void set_most_in_flight(std::size_t jobs) const;
  /// In place of `bulk_options::starts_per_second`, and bounded as that is. 0: no limit but the one that the
  /// server's 429s teach; until then it begins at 250 starts a second, and rises.
  /// Errors: invalid_argument - negative, or no number
  void set_starts_per_second(double limit) const;

  /// Starts no more jobs until `go_on`; what runs, runs. `reason` is what progress says.
  void pause(std::string reason = std::string()) const;
  /// Ends a pause, also one that the batch made by itself: it tries one job, and pauses again if that fails
  /// as before.
  void go_on() const;

  /// Starts no more jobs and does with those that run what is said, as often as it is called: `drain` first
  /// and `terminate` or `leave` later, where patience is over, is usual. The other way does nothing (the
  /// order is drain, cancel, terminate, leave): an ending that was sent is not taken back. Without an
  /// argument: as `bulk_options::when_stopping` says.
  void stop() const;
  /// The same, with what is said here in place of the option.
  void stop(when_stopping how) const;

  /// How far the batch is: its phase as of the last change, its numbers within 10 ms of that, and rates at
  /// most `bulk_options::progress_every` old where nothing changes.
  bulk_progress progress() const;

 private:
  friend class bulk_run::control_state;
  std::shared_ptr<bulk_run::control_state> state_;
};

}  // namespace mistral::workflows
