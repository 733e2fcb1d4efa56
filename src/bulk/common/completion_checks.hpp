// Whether the options of a hub can work, asked where they are given: to a hub, or within those of a batch.
// Not what the client checks of its own options.
#pragma once

#include <mistral/workflows/bulk/completions.hpp>

#include <string>

namespace mistral::workflows::bulk_run {

/// The same, with durations that can be reckoned with: at most longest_time. `named`: how errors name them.
/// Errors: invalid_argument naming the member
completions_options checked_waits(completions_options options, const std::string& named,
                                  const std::string& operation);

}  // namespace mistral::workflows::bulk_run
