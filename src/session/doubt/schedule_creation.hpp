// Creating a schedule under an id of the caller's: after a
// lost answer, is the schedule that is there this call's?
// Not a creation without an id, which nothing can tell from another.
#pragma once

#include "session/call/call_subject.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::session {

class schedule_subject final : public call_subject {
 public:
  /// `sent` has an id, in itself or in its definition.
  explicit schedule_subject(schedule_create_body sent);

  protocol::call_identity identity() const override;
  std::string_view id() const override { return id_; }
  protocol::request look() const override;
  std::optional<protocol::found_thing> see(const call_answer& answer) override;
  void misnamed(const call_answer& answer) override;
  call_answer found(bool attached) override;
  [[noreturn]] void throw_unknown(error_context context,
                                  const std::optional<protocol::doubt_window>& window) override;

 private:
  schedule_create_body sent_;
  std::string id_;
  schedule seen_;
};

/// Whether the server has what was sent: the same definition, the same workflow where it was named, the same
/// deployment where one was. Members that the server added and this library does not know are not compared.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_as_sent(const schedule_create_body& sent, const schedule& found);

}  // namespace mistral::workflows::session
