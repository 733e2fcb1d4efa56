#include "session/doubt/keyed.hpp"

#include <utility>

namespace mistral::workflows::session {

task<doubt_resolver::verdict> keyed_resolver::look(attempts& calls, const attempt_result& last) {
  const bool doubtful = calls.control().earlier_attempts != server_action::no;
  protocol::backoff waits(calls.handle().retry().initial_backoff, calls.handle().retry().max_backoff);
  verdict out;
  for (int absences = 0;;) {
    found seen = co_await see(calls);
    if (!seen.absent) {
      if (seen.present) out.answer = adopt(std::move(seen), calls, doubtful);
      co_return out;
    }
    if (++absences == 2) {
      out.send_again = last.status != 409;
      co_return out;
    }
    co_await calls.back_off(waits, std::nullopt);
  }
}

}  // namespace mistral::workflows::session
