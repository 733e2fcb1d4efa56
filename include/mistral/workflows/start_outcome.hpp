// How `execute` came to the execution that it answers, and the error for one that is not provably its own.
// Not the operation: that is in workflows.hpp.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <memory>

namespace mistral::workflows {

/// How an execution came to be the result of `execute`.
enum class start_outcome {
  started,   ///< the server answered the request with it
  adopted,   ///< an answer was lost, and the execution was found afterwards and is this call's own
  attached,  ///< it was running already, started by somebody else (`execute_request::attach_to_running`)
};

/// An execution was found under the id of this call, and it cannot be proven to be the one that this call started.
class MISTRAL_WORKFLOWS_EXPORT start_unknown_error : public error {
 public:
  start_unknown_error(execution found, error_context context);
  ~start_unknown_error() override;
  start_unknown_error(const start_unknown_error&);
  start_unknown_error& operator=(const start_unknown_error&);

  const execution& found() const noexcept { return *found_; }

 private:
  std::shared_ptr<const execution> found_;
};

}  // namespace mistral::workflows
