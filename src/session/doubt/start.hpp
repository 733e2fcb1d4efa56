// Starting exactly once: what is started, and the errors of a start that cannot be told from somebody else's.
// Not the request itself (src/api/execute.cpp), and not the rules (protocol/calls).
#pragma once

#include "session/call/call_subject.hpp"

#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/start_outcome.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::session {

/// What is known of the execution that a call starts.
struct start_identity {
  start_identity() = default;

  std::string execution_id;
  bool made_by_library = false;  ///< the id is then proof by itself
  std::optional<std::string>
      workflow_name;  ///< what it must be of; neither where it was called by registration
  std::optional<std::string> workflow_id;
  if_exists existing = if_exists::fail;
};

class start_subject final : public call_subject {
 public:
  /// `outcome` becomes how the call's answer came to be, and outlives this.
  start_subject(start_identity identity, start_outcome& outcome);

  protocol::call_identity identity() const override;
  std::string_view id() const override { return identity_.execution_id; }
  bool starts_execution() const override { return true; }
  protocol::request look() const override;
  std::optional<protocol::found_thing> see(const call_answer& answer) override;
  void misnamed(const call_answer& answer) override;
  call_answer found(bool attached) override;
  [[noreturn]] void throw_unknown(error_context context,
                                  const std::optional<protocol::doubt_window>& window) override;

 private:
  start_identity identity_;
  start_outcome& outcome_;
  std::string body_;  // of the look that saw something
  execution seen_;

  bool is_of_workflow() const;
};

/// What a look at an execution shows, and the execution itself
/// in `out`; none where it cannot be read, or is another one.
std::optional<protocol::found_thing> see_execution(const call_answer& answer, std::string_view id,
                                                   execution& out);

/// The GET that looks at an execution.
protocol::request look_at_execution(std::string_view id);

}  // namespace mistral::workflows::session
