// What a journal does with what is there: which generation is
// opened, whether a key is claimed anew, how a record changes.
// Not where it is kept: every store asks these rules.
#pragma once

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_core {

/// Why an operation of a journal fails; thrown by the rules and
/// inside a store, a journal_error once it reaches the caller.
struct MISTRAL_WORKFLOWS_INTERNAL_EXPORT journal_failure {
  journal_failure(journal_problem what, std::string why) : problem(what), reason(std::move(why)) {}

  journal_problem problem;
  std::string reason;
};

/// How a generation came to be.
enum class generation_kind { first = 0, anew = 1, retry = 2 };

struct journal_generation {
  journal_generation() = default;

  std::uint32_t number = 0;
  /// The first generation whose records count in this one: itself, unless it retries.
  std::uint32_t base = 0;
  generation_kind kind = generation_kind::first;
  bool finished = false;
  journal_manifest manifest;
};

struct journal_opening {
  journal_opening() = default;

  journal_generation generation;
  bool resumed = false;  ///< it is there; else it is to be written
};

/// What `open` gives, where `latest` is the generation that was begun last.
/// Throws journal_failure: another batch or manifest, a finished one, nothing to retry or to report.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT journal_opening opening_of(const std::optional<journal_generation>& latest,
                                                             const journal_manifest& manifest,
                                                             journal_begin begin);

/// Throws journal_failure where a record lacks what a claim must have.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void check_claim(const journal_record& wanted);

/// Whether a claim in `generation` writes an intent, where `latest`
/// is the newest record of the key from the generation's base on.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool claims_anew(const std::optional<journal_record>& latest,
                                                   std::uint32_t generation) noexcept;

// What becomes of a record; whether it changed.

MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool apply_started(journal_record& record, std::string run_id, timestamp at,
                                                     int attempts);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool apply_done(journal_record& record, std::string outcome, bool failed,
                                                  timestamp at);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool apply_acknowledged(journal_record& record) noexcept;

/// Adds a record, or `times` of its kind, to the counts of a state.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void count(journal_state& state, journal_stage stage, bool failed,
                                             std::uint64_t times = 1) noexcept;

[[noreturn]] MISTRAL_WORKFLOWS_INTERNAL_EXPORT void throw_no_intent(const std::string& key);
[[noreturn]] MISTRAL_WORKFLOWS_INTERNAL_EXPORT void throw_report_writes();

}  // namespace mistral::workflows::bulk_core
