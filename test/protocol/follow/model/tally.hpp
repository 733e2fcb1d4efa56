// What the sequences of the model have met, and the harm in them that no watcher can prevent.
// Not what was wrong: judge.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace follow_model {

class world;

/// What the sequences are to have met, all of it.
enum class hit : std::uint8_t {
  // clang-format off
  reset, retried, continued_here, continued_elsewhere, continued_unnamed, continued_lagging, continued_nowhere,
  terminated, timed_out, withheld, expired, child, without_identity, late_event,
  comment, heartbeat, done_mark, retry_field, error_event, mute, duplicate, paused_event,
  refused, retry_after, hung, not_connected, no_content, gone, clean_end, cut, slow_status, no_status, status_lag,
  limited_wait, cancelled_wait, pause, restart, restart_behind_the_end, failure_told,
  end, end_by_event, end_by_drain, end_of_result, follow, incomplete, gave_up, repeated_error, wrong_type, status_refused,
  count_
  // clang-format on
};
const char* name_of(hit what);

/// The harm that no watcher can prevent, and that the rules state: what came later than they wait for it.
struct stated_harm {
  std::uint64_t run_after_the_last_get = 0;  ///< a reset, a retry or a run that goes on
  std::uint64_t event_after_the_drain =
      0;  ///< it lagged, or the server paused, for longer than the drain time
  std::uint64_t event_behind_a_clean_end = 0;
  std::uint64_t event_after_its_end = 0;  ///< a straggler behind the own terminal event
  std::uint64_t event_after_missing = 0;  ///< it lagged for longer than `missing_after`
  std::uint64_t successor_found_late = 0;
  std::uint64_t unfinished = 0;  ///< no harm: a sequence that was too long to be carried to its end
};

struct tally {
  std::array<std::uint64_t, static_cast<std::size_t>(hit::count_)> hits{};
  stated_harm harm;

  void met(hit what) { ++hits[static_cast<std::size_t>(what)]; }
};

/// Counts what a sequence has in store.
void tally_world(const world& server, tally& counts);

}  // namespace follow_model
