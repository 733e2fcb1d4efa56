// Cancel and terminate after a lost answer: which run was meant, and the error where that cannot be told.
// Not the rules (protocol/calls/ownership.hpp), and not many
// executions at once (protocol/calls/batch_ending.hpp).
#pragma once

#include "session/call/call_subject.hpp"

#include <mistral/workflows/model/execution.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::session {

class ending_subject final : public call_subject {
 public:
  /// `run_id`: of the run that is meant, where the caller knows it.
  ending_subject(std::string execution_id, std::optional<std::string> run_id);

  protocol::call_identity identity() const override;
  std::string_view id() const override { return id_; }
  protocol::request look() const override;
  std::optional<protocol::found_thing> see(const call_answer& answer) override;
  call_answer found(bool attached) override;
  [[noreturn]] void throw_unknown(error_context context,
                                  const std::optional<protocol::doubt_window>& window) override;

 private:
  std::string id_;
  std::optional<std::string> run_id_;
  execution seen_;
};

}  // namespace mistral::workflows::session
