// What became of a batch, as a call that throws.
// Not the outcome id by id: that is tested where batches are.
#pragma once

#include <exception>

namespace fault_matrix {

/// A batch tells the failure of its request with each id, and does not throw it.
template <class Outcome>
void rethrow_failure(const Outcome& came) {
  for (const auto& item : came.items)
    if (item.error) std::rethrow_exception(item.error);
}

}  // namespace fault_matrix
