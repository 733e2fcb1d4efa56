#include "session/doubt/start.hpp"

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

task<found> start_resolver::see(attempts& calls) { return look_at_execution(calls, identity_.execution_id); }

std::optional<call_answer> start_resolver::adopt(found seen, attempts& calls, bool doubtful) {
  std::optional<execution> state = seen.as<execution>();
  if (!state) return std::nullopt;
  const bool own = doubtful && is_own(identity_, *state, seen.date, calls.control().since_first_attempt());
  if (!own && !(identity_.attach_to_running && !is_terminal(state->status)))
    throw start_unknown_error(std::move(*state), calls.control().context());
  outcome_ = own ? start_outcome::adopted : start_outcome::attached;
  call_answer out;
  out.status = 200;
  out.body = std::move(seen.body);
  return out;
}

}  // namespace mistral::workflows::session
