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

  std::string execution_id;
  std::string run_id;
  std::string workflow_name;            ///< where it is known
  std::optional<timestamp> start_time;  ///< where it is known
};

/// Executions that were running at one time, each once. Shown before it is used: `targets.size()`.
class MISTRAL_WORKFLOWS_EXPORT ending_set {
 public:
  ending_set();
  /// Ids of the caller's; `as_of` is now.
  explicit ending_set(std::vector<std::string> execution_ids);
  ending_set(const ending_set&);
  ending_set(ending_set&&) noexcept;
  ending_set& operator=(const ending_set&);
  ending_set& operator=(ending_set&&) noexcept;
  ~ending_set();

  std::size_t size() const noexcept { return targets.size(); }

  std::vector<ending_target> targets;
  timestamp as_of{};  ///< nothing that started later is touched
};

enum class ending_status {
  accepted,     ///< the service has taken the request: terminated, or asked to cancel
  ended,        ///< that run had ended before
  another_run,  ///< that run has ended, and another runs under the same id: it was not touched
  missing,      ///< there is no such execution
  failed,       ///< the service refused; `error` has what it says
  unknown,      ///< the request may have acted, and neither an answer nor a look tells
};

MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(ending_status status) noexcept;

/// One target, and what became of it.
class MISTRAL_WORKFLOWS_EXPORT ending_outcome {
 public:
  ending_outcome();
  ending_outcome(ending_target meant, ending_status what);
  ending_outcome(const ending_outcome&);
  ending_outcome(ending_outcome&&) noexcept;
  ending_outcome& operator=(const ending_outcome&);
  ending_outcome& operator=(ending_outcome&&) noexcept;
  ~ending_outcome();

  ending_target target;
  ending_status status = ending_status::unknown;
  std::string found_run_id;  ///< of another_run; else that of the target, where a look told it
  std::string error;         ///< in words; empty for accepted and ended
  boost::system::error_code code;
};

/// How a set is ended.
class MISTRAL_WORKFLOWS_EXPORT ending_options {
 public:
  ending_options();

  std::size_t at_once = 8;  ///< targets that are looked at and ended at the same time; 1 to 64
};

}  // namespace mistral::workflows
