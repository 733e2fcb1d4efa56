#include "bulk/common/completion_checks.hpp"

#include "base/longest_time.hpp"

#include <mistral/workflows/error.hpp>

#include <chrono>
#include <cmath>

namespace mistral::workflows::bulk_run {

completions_options checked_waits(completions_options options, const std::string& named,
                                  const std::string& operation) {
  const auto refuse = [&](const char* member, const char* reason) {
    throw invalid_argument(named + '.' + member, reason, operation);
  };
  const auto check_length = [&](const char* member, std::chrono::milliseconds& value) {
    if (value <= std::chrono::milliseconds(0)) refuse(member, "must be longer than 0 ms");
    value = bounded(value);
  };
  check_length("page_interval", options.page_interval);
  check_length("page_overlap", options.page_overlap);
  check_length("overdue_after", options.overdue_after);
  if (!(options.gets_per_second > 0) || !std::isfinite(options.gets_per_second))
    refuse("gets_per_second", "must be more than 0, and finite");
  if (options.workflow_name && options.workflow_name->empty()) refuse("workflow_name", "must not be empty");
  return options;
}

}  // namespace mistral::workflows::bulk_run
