// How `execute` came to the execution that it answers, and the error for one that is not provably its own.
// Not the operation: that is in workflows.hpp.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <memory>

namespace mistral::workflows {

/// What `execute` does about an execution that is there already under the id that the caller gave.
///
/// The API refuses a second start under an id only while the first execution runs: under the id of one that
/// has ended, the first request starts a new run, whatever is chosen here.
enum class if_exists {
  fail,            ///< errc::execution_already_started
  attach_running,  ///< one that runs is taken as the result, whoever started it

  /// The id is taken for proof: whatever runs, or is found after a lost answer, running or finished, is this
  /// call's own. For ids that nobody else uses, such as those that a controller makes of its own jobs' keys.
  adopt,
};

/// How an execution came to be the result of `execute`.
enum class start_outcome {
  started,   ///< the server answered the request with it
  adopted,   ///< an answer was lost, and the execution was found afterwards and is this call's own
  attached,  ///< it was running already, started by somebody else (if_exists::attach_running)
};

/// An execution was found under the id of this call, and it cannot be proven to be the one that this call
/// started; or the server answered for another id than the one it was sent: found() then has that id, and
/// execution_id() the one that was sent.
class MISTRAL_WORKFLOWS_EXPORT start_unknown_error : public error {
 public:
  /// Made by the library.
  start_unknown_error(execution found, error_context context);
  ~start_unknown_error() override;
  start_unknown_error(const start_unknown_error&);
  start_unknown_error& operator=(const start_unknown_error&);

  /// The execution that was found.
  const execution& found() const noexcept { return *found_; }

 private:
  std::shared_ptr<const execution> found_;
};

}  // namespace mistral::workflows
