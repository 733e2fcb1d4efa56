// What the engine refuses to do, with all that an error answer needs.
// Not the answer itself: the server's front turns it into a status and a body.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/object.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace mistral::workflows::testing {

/// A refusal in the API's terms. The body is `{"detail": detail(), "code": code(), ...more()}`.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT api_failure : public std::runtime_error {
 public:
  api_failure(int status, std::string code, const std::string& detail,
              boost::json::object more = boost::json::object())
      : std::runtime_error(detail), status_(status), code_(std::move(code)), more_(std::move(more)) {}
  ~api_failure() override;

  int status() const noexcept { return status_; }
  /// Empty where the API has none.
  const std::string& code() const noexcept { return code_; }
  /// Members beside detail and code: `status` with WF_1102, `valid_reset_events` with WF_1001.
  const boost::json::object& more() const noexcept { return more_; }

  boost::json::object body() const;

 private:
  int status_;
  std::string code_;
  boost::json::object more_;
};

[[noreturn]] void refuse_workflow_not_found(const std::string& identifier);
[[noreturn]] void refuse_execution_not_found(const std::string& id);
[[noreturn]] void refuse_already_started(const std::string& execution_id);
[[noreturn]] void refuse_not_running(const std::string& execution_id, std::string_view status);
[[noreturn]] void refuse_schedule_not_found(const std::string& id);
[[noreturn]] void refuse_schedule_exists(const std::string& id);
[[noreturn]] void refuse_schedule(const std::string& why);
[[noreturn]] void refuse_deployment_not_found(const std::string& name);
[[noreturn]] void refuse_deployment_exists(const std::string& name);
[[noreturn]] void refuse_invalid(const std::string& detail, boost::json::object more = boost::json::object());
/// 500 WF_1000, whose detail says nothing.
[[noreturn]] void refuse_internal();

}  // namespace mistral::workflows::testing
