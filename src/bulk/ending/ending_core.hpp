// What a look at an execution, or an error, says about an ending that is meant for one run of it.
// Not the requests: ending_run.cpp.
#pragma once

#include <mistral/workflows/bulk/ending.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <optional>
#include <string_view>

namespace mistral::workflows::bulk_core {

/// What the latest run, as a GET has it, says of an ending of `target`: nothing where
/// the request may be sent, for the run that was seen (`found_run_id` of `out`).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<ending_status> judge_look(const ending_target& target,
                                                                          timestamp as_of,
                                                                          const execution& seen,
                                                                          ending_outcome& out);

/// The look failed, so nothing was sent.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT ending_status judge_look_error(const error& what);

/// The request failed.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT ending_status judge_ending_error(const error& what);

/// What has become of a run, seen by itself, under whose execution id another is the latest.
enum class run_after {
  ours,     ///< it went on as that one: by a retry, a reset or a continue-as-new
  foreign,  ///< it COMPLETED or was CANCELED: what runs there since was started by somebody else
  unclear,  ///< it has not ended, for all that the service says: an answer lags
};
MISTRAL_WORKFLOWS_INTERNAL_EXPORT run_after judge_later_run(const execution& earlier);

/// Whether `execution_id` is one that a batch of this slug makes: the slug, '-' and 40 hexadecimal digits.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_of_batch(std::string_view execution_id,
                                                   std::string_view slug) noexcept;

}  // namespace mistral::workflows::bulk_core
