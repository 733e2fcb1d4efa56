// Ending many executions: the set that is meant, fixed before the first is touched, and what became of each.
// Not the ending of one (executions.hpp), nor a batch's own stop (control.hpp).
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows {

/// One run that is meant.
class MISTRAL_WORKFLOWS_EXPORT ending_target {
 public:
  ending_target();
  /// `run`: empty means the one that is the latest when its turn comes, if that began before the set was
  /// fixed.
  explicit ending_target(std::string execution, std::string run = std::string());
  ending_target(const ending_target&);
  ending_target(ending_target&&) noexcept;
  ending_target& operator=(const ending_target&);
  ending_target& operator=(ending_target&&) noexcept;
  ~ending_target();

  std::string execution_id;             ///< of the execution that is to end
  std::string run_id;                   ///< of the run that is to end; empty: see the constructor
  std::string workflow_name;            ///< where it is known
  std::optional<timestamp> start_time;  ///< where it is known
};

/// Executions that were running at one time, each once. Shown before it is used: `targets.size()`.
class MISTRAL_WORKFLOWS_EXPORT ending_set {
 public:
  ending_set();
  /// Ids of the caller's; `as_of` is now, by this machine's clock.
  explicit ending_set(std::vector<std::string> execution_ids);
  ending_set(const ending_set&);
  ending_set(ending_set&&) noexcept;
  ending_set& operator=(const ending_set&);
  ending_set& operator=(ending_set&&) noexcept;
  ~ending_set();

  /// How many targets.
  std::size_t size() const noexcept { return targets.size(); }

  std::vector<ending_target> targets;  ///< looked at in this order; may be changed
  /// A target without a run id is not touched where its latest run started later. Of `bulk::targets`: the
  /// latest start among them, by the service's clock; of ids of the caller's and of a journal: when the set
  /// was made, by this machine's, so that with one that is behind a run that began lately is left alone.
  timestamp as_of{};
};

/// What became of the request to end one target.
enum class ending_status {
  accepted,     ///< the service has taken the request: terminated, or asked to cancel
  ended,        ///< that run had ended before
  another_run,  ///< the id has a later run than the one that is meant: it was not touched
  missing,      ///< there is no such execution
  failed,       ///< it could not be looked at, or the service refused; `error` says why
  unknown,      ///< the request may have acted and nothing tells; or a look names no run: nothing was sent
};

/// The enumerator's name; "?" for any other number.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(ending_status status) noexcept;

/// One target, and what became of it.
class MISTRAL_WORKFLOWS_EXPORT ending_outcome {
 public:
  ending_outcome();
  /// With no error.
  ending_outcome(ending_target meant, ending_status what);
  ending_outcome(const ending_outcome&);
  ending_outcome(ending_outcome&&) noexcept;
  ending_outcome& operator=(const ending_outcome&);
  ending_outcome& operator=(ending_outcome&&) noexcept;
  ~ending_outcome();

  ending_target target;                           ///< as it stood in the set
  ending_status status = ending_status::unknown;  ///< what became of it
  std::string found_run_id;  ///< of another_run; else that of the target, where a look told it
  std::string error;         ///< in words; empty for accepted, ended and another_run
  /// What the look or the request ended with; no error where neither failed.
  boost::system::error_code code;
};

/// How a set is ended.
class MISTRAL_WORKFLOWS_EXPORT ending_options {
 public:
  ending_options();

  std::size_t at_once = 8;  ///< targets that are looked at and ended at the same time; 1 to 64
};

}  // namespace mistral::workflows
