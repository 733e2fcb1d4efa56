#include "bulk/batch_states.hpp"

#include <cstddef>

namespace mistral::workflows::bulk_core {

// From the state of the row, after the fact of the column.
// That an older start went well says nothing about a quota.
batch_state after(batch_state now, batch_fact what) noexcept {
  using enum batch_state;
  // clang-format off
  static constexpr batch_state table[][9] = {
      // trouble            quota_used_up     start_went_well    probe_sent
      // probe_told_nothing pause             go_on              stop      nothing_left
      {  paused_by_trouble, paused_by_quota,  running,           running,           running,           paused_by_caller, running,           stopping, over },  // running
      {  paused_by_caller,  paused_by_caller, paused_by_caller,  paused_by_caller,  paused_by_caller,  paused_by_caller, running,           stopping, over },  // paused_by_caller
      {  paused_by_trouble, paused_by_quota,  running,           probing,           paused_by_trouble, paused_by_caller, paused_by_trouble, stopping, over },  // paused_by_trouble
      {  paused_by_quota,   paused_by_quota,  paused_by_quota,   probing,           paused_by_quota,   paused_by_caller, paused_by_quota,   stopping, over },  // paused_by_quota
      {  paused_by_trouble, paused_by_quota,  running,           probing,           paused_by_trouble, paused_by_caller, probing,           stopping, over },  // probing
      {  stopping,          stopping,         stopping,          stopping,          stopping,          stopping,         stopping,          stopping, over },  // stopping
      {  over,              over,             over,              over,              over,              over,             over,              over,     over },  // over
  };
  // clang-format on
  return table[static_cast<std::size_t>(now)][static_cast<std::size_t>(what)];
}

std::string_view to_string(batch_state state) noexcept {
  using enum batch_state;
  switch (state) {
    case running:
      return "running";
    case paused_by_caller:
      return "paused by the caller";
    case paused_by_trouble:
      return "paused by trouble";
    case paused_by_quota:
      return "paused by a quota";
    case probing:
      return "probing";
    case stopping:
      return "stopping";
    case over:
      break;
  }
  return "over";
}

}  // namespace mistral::workflows::bulk_core
