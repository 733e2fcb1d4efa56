// Whose fault is an error that a start ended with.
// Not what is done about it: batch_core.hpp.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <span>
#include <string>

namespace mistral::workflows::bulk_core {

enum class blame {
  job,      ///< this job's alone: an outcome, the others go on
  batch,    ///< it would hit every job alike: the batch pauses after some in a row
  quota,    ///< nothing more is let in for a while: the batch pauses
  passing,  ///< the server asks for a little patience: the job is tried again
};

/// A Retry-After beyond this is a quota's.
inline constexpr std::chrono::seconds longest_patience{60};

/// `quota_codes`: codes in an error answer that mean a used-up quota, the caller's. Not for
/// errc::closed and cancellation: they are nobody's fault, and whoever closed or cancelled knows.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT blame blame_of(const error& what, std::span<const std::string> quota_codes);

/// The wait that the server asked for, if it did.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::chrono::milliseconds> retry_after_of(const error& what);

}  // namespace mistral::workflows::bulk_core
