// Which end of a list comes first.
// Not what it is sorted by: each list has keys of its own.
#pragma once

namespace mistral::workflows {

/// The direction of a list.
enum class sort_order { ascending, descending };

}  // namespace mistral::workflows
