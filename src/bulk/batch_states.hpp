// The states of a batch, and which fact leads from one to another: a table.
// Not what is done in a state: batch_core.cpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <string_view>

namespace mistral::workflows::bulk_core {

enum class batch_state : std::uint8_t {
  running,
  paused_by_caller,
  paused_by_trouble,  ///< the batch's own fault: no network, a wrong key, an archived workflow, no journal
  paused_by_quota,
  probing,   ///< paused, and one start is under way that will tell whether the pause is over
  stopping,  ///< no start any more
  over,
};

enum class batch_fact : std::uint8_t {
  trouble,        ///< so many starts failed by the batch's fault, or the probe did
  quota_used_up,  ///< a start failed by a quota
  start_went_well,
  probe_sent,
  probe_told_nothing,  ///< it told nothing: the batch waits for the next
  pause,               ///< the caller's
  go_on,               ///< the caller's
  stop,                ///< the caller's, the limit of failures, or the source's failure
  nothing_left,        ///< every job has its outcome, and no other comes
};

/// Where a fact leads; the same state where it changes nothing.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT batch_state after(batch_state now, batch_fact what) noexcept;

/// Starts nothing, but for a probe.
constexpr bool is_paused(batch_state state) noexcept {
  return state >= batch_state::paused_by_caller && state <= batch_state::probing;
}

MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string_view to_string(batch_state state) noexcept;

}  // namespace mistral::workflows::bulk_core
