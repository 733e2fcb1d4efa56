// A batch of any size as calls of at most 100 ids, each id once.
// Not what becomes of the ids: see api/batch.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::protocol {

/// Ids in one batch request.
inline constexpr std::size_t max_batch = 100;

/// The same UUID may be written with small and capital letters.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string lower_case(std::string_view ascii);

/// Each id once, in the order of first appearance, as it is
/// written there. `fold`: UUIDs, which differ by more than case.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::vector<std::string> without_duplicates(std::vector<std::string> ids,
                                                                              bool fold);

}  // namespace mistral::workflows::protocol
