// Whether the options of a batch can work, asked before anything is sent.
// Not what the client checks of its own options.
#pragma once

#include <mistral/workflows/bulk/options.hpp>

#include <string>

namespace mistral::workflows::bulk_run {

/// Errors: invalid_argument naming the member
void check_options(const std::string& workflow, const bulk_options& options);

}  // namespace mistral::workflows::bulk_run
