// Whether the options of a batch can work, asked before anything is sent.
// Not what the client checks of its own options.
#pragma once

#include <mistral/workflows/bulk/options.hpp>
#include <mistral/workflows/export.hpp>

#include <string>

namespace mistral::workflows::bulk_run {

/// The same, with durations that can be reckoned with: at most longest_time.
/// Errors: invalid_argument naming the member
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_options checked(const std::string& workflow, bulk_options options);

}  // namespace mistral::workflows::bulk_run
