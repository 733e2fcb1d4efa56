#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/unknown_outcome.hpp>
#include <mistral/workflows/workflows.hpp>

#include <utility>

namespace mistral::workflows {
namespace {

std::string text_of(const execution& ended, const std::string& failure, const error_context& context) {
  std::string out = context.operation + ": execution " + ended.execution_id + " ended as ";
  out += ended.status ? std::string(ended.status->text()) : std::string("nothing known");
  if (!failure.empty()) out += ": " + failure;
  return out;
}

}  // namespace

execution_error::execution_error(workflows::execution ended, const std::string& failure,
                                 error_context context)
    : error(make_error_code(errc::execution_failed), text_of(ended, failure, context), context),
      ended_(std::make_shared<const workflows::execution>(std::move(ended))),
      failure_(failure) {}
execution_error::~execution_error() = default;
execution_error::execution_error(const execution_error&) = default;
execution_error& execution_error::operator=(const execution_error&) = default;

start_unknown_error::start_unknown_error(execution found, error_context context)
    : error(make_error_code(errc::start_unknown),
            context.operation + ": execution " + found.execution_id + " of workflow " + found.workflow_name +
                " was found, which may be somebody else's",
            context),
      found_(std::make_shared<const execution>(std::move(found))) {}
start_unknown_error::~start_unknown_error() = default;
start_unknown_error::start_unknown_error(const start_unknown_error&) = default;
start_unknown_error& start_unknown_error::operator=(const start_unknown_error&) = default;

ending_unknown_error::ending_unknown_error(workflows::execution found, std::optional<ending_window> sent,
                                           error_context context)
    : error(make_error_code(errc::ending_unknown),
            context.operation + ": run " + found.run_id.value_or("without an id") + " of execution " +
                found.execution_id + " was found, which may be newer than the one that was meant",
            context),
      found_(std::make_shared<const workflows::execution>(std::move(found))),
      sent_(sent) {}
ending_unknown_error::~ending_unknown_error() = default;
ending_unknown_error::ending_unknown_error(const ending_unknown_error&) = default;
ending_unknown_error& ending_unknown_error::operator=(const ending_unknown_error&) = default;

schedule_unknown_error::schedule_unknown_error(schedule found, error_context context)
    : error(make_error_code(errc::start_unknown),
            context.operation + ": schedule " + found.schedule_id.value_or(std::string()) + " of workflow " +
                found.workflow_name + " was found, and is not what was sent",
            context),
      found_(std::make_shared<const schedule>(std::move(found))) {}
schedule_unknown_error::~schedule_unknown_error() = default;
schedule_unknown_error::schedule_unknown_error(const schedule_unknown_error&) = default;
schedule_unknown_error& schedule_unknown_error::operator=(const schedule_unknown_error&) = default;

}  // namespace mistral::workflows
