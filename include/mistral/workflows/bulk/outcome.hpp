// What became of one job of a batch, and its form as one line of JSON.
// Not an exception: a job that failed is an outcome like every other.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows {

/// What became of a job. A line of JSON has its name (`to_string`).
enum class bulk_status {
  started,     ///< its execution runs; `bulk_wait::start` asks for no more
  completed,   ///< with its result
  failed,      ///< FAILED, and no retry follows; `error` has the workflow's text where it is known
  canceled,    ///< CANCELED, by the batch that stops or by somebody else
  terminated,  ///< TERMINATED, likewise
  timed_out,   ///< TIMED_OUT at the service
  overdue,     ///< still running at its deadline; what became of it then follows `bulk_options::when_overdue`
  refused,     ///< the job's own fault, seen before it ran: its input was refused, or cannot be sent
  not_started,  ///< the batch ended first; another run of it starts the job
  left,         ///< started, and left running when the batch ended; a resumed batch waits for it
  /// A request that may have started it has no answer, or the service does not know its execution any more,
  /// or says of it what cannot be read; a resumed batch asks again.
  unknown,
};

/// The enumerator's name; "?" for any other number.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(bulk_status status) noexcept;
/// The status that `to_string` has this name for; none for any other text.
MISTRAL_WORKFLOWS_EXPORT std::optional<bulk_status> bulk_status_from(std::string_view text) noexcept;

/// Whether it is an end of the job: a batch that is resumed does not touch the job again. Not of started,
/// not_started, left, unknown.
MISTRAL_WORKFLOWS_EXPORT bool is_final(bulk_status status) noexcept;

/// Whether `bulk_begin::retry_failed` tries the job again: failed, canceled, terminated, timed_out, overdue
/// and refused.
MISTRAL_WORKFLOWS_EXPORT bool is_failure(bulk_status status) noexcept;

/// One job, and what became of it.
class MISTRAL_WORKFLOWS_EXPORT bulk_outcome {
 public:
  bulk_outcome();
  /// With nothing else in it.
  bulk_outcome(std::string job_key, bulk_status what);
  bulk_outcome(const bulk_outcome&);
  bulk_outcome(bulk_outcome&&) noexcept;
  bulk_outcome& operator=(const bulk_outcome&);
  bulk_outcome& operator=(bulk_outcome&&) noexcept;
  ~bulk_outcome();

  std::string key;             ///< of the job
  std::uint64_t position = 0;  ///< in the source, the first is 1; of a sharded batch: in the whole source
  std::string execution_id;    ///< of the job in its generation (`bulk_execution_id`)
  std::string run_id;          ///< of the run that ended, or of the start; empty where none is known
  bulk_status status = bulk_status::not_started;  ///< what became of it
  boost::json::value result;                      ///< of completed; else null
  std::string error;                              ///< why not, in words; empty for started and completed
  /// What a request ended with, or errc::execution_failed of an execution that ended otherwise; not failed
  /// where nothing did.
  boost::system::error_code code;
  /// One for its start, answered or found, and one for each request that was refused as the job's own fault.
  /// What failed by the batch's or a quota's fault costs none.
  int attempts = 0;
  timestamp queued{};  ///< when it came from the source first, by the clock of the machine that took it
  /// When the execution began, by the service's clock; unset where no answer has said so.
  std::optional<timestamp> started;
  std::optional<timestamp> ended;  ///< when it ended, by the service's clock; unset where that is not known
  /// It may have been handed out before: by a run of the program that ended before it was asked for the next
  /// outcome, or, of a resume without a journal, by any that saw the job end.
  bool repeated = false;
  /// The run ids of two starts of this job, which the last pass over the runs found (`bulk::run` says which
  /// it can tell); such an outcome comes after all others, once more for a job that has had one already.
  /// Without a journal its key may be empty and its position 0, where an earlier run of the program had the
  /// job. Else empty.
  std::vector<std::string> started_twice;

  /// `is_final` of its status.
  bool final() const noexcept { return is_final(status); }
};

/// One line of JSON without a line end. Members without a value are left out; `code` is the name of the errc
/// that it equals.
MISTRAL_WORKFLOWS_EXPORT std::string to_json_line(const bulk_outcome& outcome);

/// The outcome that such a line holds; unknown members are ignored.
/// A code whose name is not known here becomes errc::api_error.
/// Errors: decode_error - it is none
MISTRAL_WORKFLOWS_EXPORT bulk_outcome bulk_outcome_from_json(std::string_view line);

}  // namespace mistral::workflows
