// Finds executions that were started twice under one id, in the rows of `runs().list`.
// Not the reading of these rows: batch_close.cpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_core {

/// Ids that came before, by 64 bits of a hash: 8 bytes an id, and up to twice that while it
/// grows. Two ids are taken for one in very few cases (n*n / 2^65), which costs a look too many.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT seen_ids {
 public:
  /// False: it was there.
  bool insert(std::string_view id);
  std::size_t size() const noexcept { return size_; }

 private:
  std::vector<std::uint64_t> places_;  // 0: empty
  std::size_t size_ = 0;

  static bool put(std::vector<std::uint64_t>& places, std::uint64_t hash);
  void grow();
};

/// The run ids of two starts among the runs of one execution id, in whatever
/// order; nothing where all but the first may have followed from the one before.
///
/// A run that COMPLETED or was CANCELED is followed by none, so a later one is a start; a reset by
/// somebody else of a run that had ended so looks the same. After FAILED, TIMED_OUT, TERMINATED and
/// CONTINUED_AS_NEW the service may go on by itself (a retry, a reset, a continuation): then only
/// `own_run`, which the service named in its answer to a start of ours, tells that it was none of these.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::pair<std::string, std::string>> two_starts(
    std::vector<execution_summary> runs, std::string_view own_run);

}  // namespace mistral::workflows::bulk_core
