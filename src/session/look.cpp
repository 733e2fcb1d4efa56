#include "session/look.hpp"

#include "protocol/json/decode.hpp"

#include <string_view>

namespace mistral::workflows::session {

boost::asio::awaitable<found> look_at_execution(attempts& calls, std::string execution_id) {
  protocol::request get(protocol::operation::executions_get);
  get.segment("execution_id", execution_id);
  const server_action before = calls.control().earlier_attempts;
  attempt_result result = co_await calls.run(&get, nullptr, nullptr);
  calls.control().earlier_attempts = before;

  found out;
  out.date = result.date;
  if (!result.failure && result.status == 404) out.absent = true;
  if (result.ok()) {
    execution state;
    if (!protocol::decode(std::string_view(result.body), state)) out.state = std::move(state);
    out.body = std::move(result.body);
  }
  co_return out;
}

}  // namespace mistral::workflows::session
