// Creating a schedule under an id of the caller's: after a lost answer, is the schedule that is there this call's?
// Not a creation without an id, which nothing can tell from another.
#pragma once

#include "session/doubt/keyed.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::session {

class schedule_resolver final : public keyed_resolver {
 public:
  /// `sent` has an id, in itself or in its definition.
  explicit schedule_resolver(schedule_create_body sent);

  bool wants(const attempt_result& last, bool doubtful) const override;

 private:
  task<found> see(attempts& calls) override;
  std::optional<call_answer> adopt(found seen, attempts& calls, bool doubtful) override;

  schedule_create_body sent_;
  std::string id_;
};

/// Whether the server has what was sent: the same definition, the same workflow where it was named, the same deployment where one
/// was. Members that the server added and this library does not know are not compared.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_as_sent(const schedule_create_body& sent, const schedule& found);

}  // namespace mistral::workflows::session
