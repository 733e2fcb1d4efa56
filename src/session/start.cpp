#include "session/start.hpp"

#include "session/look.hpp"

#include <utility>

namespace mistral::workflows::session {

bool is_own(const start_identity& identity, const execution& found, std::optional<timestamp> date,
            std::chrono::microseconds elapsed) {
  if (identity.made_by_library) return true;
  if (identity.workflow_id && found.workflow_id != identity.workflow_id) return false;
  if (identity.workflow_name && found.workflow_name != *identity.workflow_name) return false;
  return date && found.start_time >= *date - elapsed - std::chrono::seconds(1);
}

start_resolver::start_resolver(start_identity identity) : identity_(std::move(identity)) {}

bool start_resolver::wants(const attempt_result& last, bool doubtful) const {
  return last.status == 409 && (doubtful || identity_.attach_to_running);
}

boost::asio::awaitable<doubt_resolver::verdict> start_resolver::look(attempts& calls, attempt_result last) {
  const bool doubtful = calls.control().earlier_attempts != server_action::no;
  protocol::backoff waits(calls.handle().retry().initial_backoff, calls.handle().retry().max_backoff);
  verdict out;
  for (int absences = 0;;) {
    found seen = co_await look_at_execution(calls, identity_.execution_id);
    if (seen.state) {
      const bool own = doubtful && is_own(identity_, *seen.state, seen.date, calls.control().since_first_attempt());
      if (!own && !(identity_.attach_to_running && !is_terminal(seen.state->status)))
        throw start_unknown_error(std::move(*seen.state), calls.control().context());
      outcome_ = own ? start_outcome::adopted : start_outcome::attached;
      out.answer.emplace();
      out.answer->status = 200;
      out.answer->body = std::move(seen.body);
      co_return out;
    }
    if (!seen.absent) co_return out;
    // A slow first attempt may still act after the first look, so that one alone proves nothing.
    if (++absences == 2) {
      out.send_again = last.status != 409;
      co_return out;
    }
    co_await calls.back_off(waits, std::nullopt);
  }
}

}  // namespace mistral::workflows::session
