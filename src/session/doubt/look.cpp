#include "session/doubt/look.hpp"

#include <utility>

namespace mistral::workflows::session {

task<found> look(attempts& calls, protocol::request get) {
  const server_action before = calls.control().earlier_attempts;
  found out;
  out.asked_after = calls.control().since_first_attempt();
  attempt_result result;
  co_await calls.run(get, nullptr, nullptr, result);
  calls.control().earlier_attempts = before;

  out.date = result.date;
  out.absent = !result.failure && result.status == 404;
  out.present = result.ok();
  if (out.present) out.body = std::move(result.body);
  co_return out;
}

task<found> look_at_execution(attempts& calls, std::string execution_id) {
  protocol::request get(protocol::operation::executions_get);
  get.segment("execution_id", execution_id);
  return look(calls, std::move(get));
}

task<found> look_at_schedule(attempts& calls, std::string schedule_id) {
  protocol::request get(protocol::operation::schedules_get);
  get.segment("schedule_id", schedule_id);
  return look(calls, std::move(get));
}

}  // namespace mistral::workflows::session
