// From what the service, a journal or an error says to an
// outcome of a job, and from options to the rules of a batch.
// No I/O and no state: a value in, a value out.
#pragma once

#include "bulk/batch_core.hpp"
#include "bulk/batch_facts.hpp"

#include <mistral/workflows/bulk/completions.hpp>
#include <mistral/workflows/bulk/job.hpp>
#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/bulk/options.hpp>
#include <mistral/workflows/bulk/outcome.hpp>
#include <mistral/workflows/bulk/progress.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::bulk_run {

MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_core::job_end end_of(bulk_status status) noexcept;
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_core::stop_how how_of(when_stopping how) noexcept;

/// Of a status that ends an execution; `unknown` for all others.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_status status_of(const open_enum<execution_status>& status) noexcept;

/// What the end of its execution says of a job: status, result, error, run id and time.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void set_end(bulk_outcome& out, completion end);

/// The same of an execution that had ended before it was waited for.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void set_end(bulk_outcome& out, const execution& ended);

/// What an error says: its text and its code.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void set_error(bulk_outcome& out, const error& what);

/// The outcome that a journal holds; what cannot be read is an outcome `unknown` that says so.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_outcome outcome_of(const journal_record& record);

/// How long an execution has run that began at `started` by the service's clock, where it is `now` by this
/// machine's. Not longer than since `before`, when by this machine's it had not begun: so a clock that is
/// ahead does not take a job for an old one.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::chrono::microseconds time_run(timestamp started,
                                                                     std::optional<timestamp> before,
                                                                     timestamp now);

MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_core::batch_rules rules_of(const bulk_options& options,
                                                                  const bulk_source& source);

MISTRAL_WORKFLOWS_INTERNAL_EXPORT journal_manifest manifest_of(const std::string& workflow,
                                                               const bulk_options& options);
/// What a journal is told to do. Not for `report`.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT journal_begin begin_of(bulk_begin begin) noexcept;

/// Without the phase before and after the run, and the times.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bulk_progress progress_of(const bulk_core::batch_core& core,
                                                            bulk_core::time_point now);

}  // namespace mistral::workflows::bulk_run
