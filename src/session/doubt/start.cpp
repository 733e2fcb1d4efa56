#include "session/doubt/start.hpp"

#include "protocol/http/redact.hpp"
#include "protocol/http/uuid.hpp"
#include "protocol/json/decode.hpp"

#include <utility>
#include <variant>

namespace mistral::workflows::session {

protocol::request look_at_execution(std::string_view id) {
  protocol::request get(protocol::operation::executions_get);
  get.segment("execution_id", id);
  return get;
}

std::optional<protocol::found_thing> see_execution(const call_answer& answer, std::string_view id,
                                                   execution& out) {
  execution there;
  if (protocol::decode(std::string_view(answer.body), there) || there.execution_id != id) return std::nullopt;
  protocol::found_thing thing;
  thing.run_id = there.run_id;
  thing.start_time = there.start_time;
  thing.terminal = is_terminal(there.status);
  out = std::move(there);
  if (out.run_id) protocol::redact(*out.run_id, answer.key());
  return thing;
}

start_subject::start_subject(start_identity identity, start_outcome& outcome)
    : identity_(std::move(identity)), outcome_(outcome) {}

protocol::call_identity start_subject::identity() const {
  using protocol::proof;
  const bool id_is_proof = identity_.made_by_library || identity_.existing == if_exists::adopt;
  auto out = protocol::call_identity::keyed(id_is_proof ? proof::id : proof::time);
  out.attach_running = identity_.existing == if_exists::attach_running;
  return out;
}

protocol::request start_subject::look() const { return look_at_execution(identity_.execution_id); }

std::optional<protocol::found_thing> start_subject::see(const call_answer& answer) {
  auto thing = see_execution(answer, identity_.execution_id, seen_);
  if (!thing) return thing;
  thing->as_sent = is_of_workflow();
  protocol::redact(seen_.workflow_name, answer.key());
  body_ = answer.body;
  return thing;
}

bool start_subject::is_of_workflow() const {
  const auto& called = identity_.workflow_id;
  if (called && (!seen_.workflow_id || !protocol::same_uuid(*called, *seen_.workflow_id))) return false;
  return !identity_.workflow_name || seen_.workflow_name == *identity_.workflow_name;
}

void start_subject::misnamed(const call_answer& answer) {
  execute_answer said;
  if (protocol::decode(std::string_view(answer.body), said)) return;
  if (auto* state = std::get_if<execution>(&said.value)) {
    seen_ = std::move(*state);
  } else {
    const auto& bare = std::get<execution_result>(said.value);
    seen_ = execution();
    seen_.execution_id = bare.execution_id;
    seen_.workflow_name = bare.workflow_name;
  }
  for (std::string* const shown : {&seen_.execution_id, &seen_.workflow_name})
    protocol::redact(*shown, answer.key());
}

call_answer start_subject::found(bool attached) {
  outcome_ = attached ? start_outcome::attached : start_outcome::adopted;
  call_answer out;
  out.status = 200;
  out.body = std::move(body_);
  return out;
}

void start_subject::throw_unknown(error_context context, const std::optional<protocol::doubt_window>&) {
  throw start_unknown_error(std::move(seen_), std::move(context));
}

}  // namespace mistral::workflows::session
