// The error for a schedule that is not provably the one that a call created.
// Not the operation: that is in schedules.hpp.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <memory>

namespace mistral::workflows {

/// A schedule was found under the id of this call, and it is not what this call sent. `code()` is errc::start_unknown.
class MISTRAL_WORKFLOWS_EXPORT schedule_unknown_error : public error {
 public:
  schedule_unknown_error(schedule found, error_context context);
  ~schedule_unknown_error() override;
  schedule_unknown_error(const schedule_unknown_error&);
  schedule_unknown_error& operator=(const schedule_unknown_error&);

  const schedule& found() const noexcept { return *found_; }

 private:
  std::shared_ptr<const schedule> found_;
};

}  // namespace mistral::workflows
