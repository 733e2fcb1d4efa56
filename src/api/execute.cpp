#include "api/execute.hpp"

#include "api/decode_answer.hpp"
#include "api/result.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/uuid.hpp"
#include "protocol/json/encode.hpp"
#include "session/client/option_checks.hpp"
#include "session/doubt/start.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace mistral::workflows::api {
namespace asio = boost::asio;

namespace {

using protocol::operation;
using wait_time = std::optional<std::chrono::milliseconds>;

struct start_result {
  start_result() = default;

  execute_answer answer;
  start_outcome outcome = start_outcome::started;
  std::string execution_id;
  int attempts = 0;
  std::chrono::steady_clock::time_point ends;  // the deadline of all requests of the operation
};

session::start_identity identity_of(const start_target& target, const execute_request& request) {
  session::start_identity out;
  out.made_by_library = !request.execution_id.has_value();
  out.execution_id = request.execution_id.value_or(std::string());
  if (out.made_by_library) out.execution_id = session::client_state::new_execution_id();
  // The answer of a GET does not name the registration: such an execution is known by its id and start time.
  if (target.op == operation::workflows_execute)
    (protocol::is_uuid(target.id) ? out.workflow_id : out.workflow_name) = target.id;
  out.existing = request.if_exists;
  return out;
}

protocol::request request_of(const start_target& target, execute_request r, const std::string& execution_id,
                             wait_time wait) {
  const protocol::checks check(target.op);
  check.execution_id("execution_id", execution_id);
  if (wait.value_or(std::chrono::milliseconds(1)) <= std::chrono::milliseconds(0))
    check.refuse("timeout", "must be longer than 0 ms");
  protocol::request out(target.op);
  if (target.op == operation::registrations_execute) {
    check.uuid("registration_id", target.id);
    out.segment("workflow_registration_id", target.id);
  } else {
    out.segment("workflow_identifier", target.id);
  }

  execute_body body;
  body.execution_id = execution_id;
  body.input = std::move(r.input);
  body.wait_for_result = wait.has_value();
  if (wait) body.timeout_seconds = std::chrono::duration<double>(*wait).count();
  if (!r.custom_tracing_attributes.empty())
    body.custom_tracing_attributes = std::move(r.custom_tracing_attributes);
  body.force_new_trace = r.force_new_trace;
  body.extensions = std::move(r.extensions);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // deprecated for callers, not for passing it on
  body.task_queue = std::move(r.task_queue);
#pragma GCC diagnostic pop
  body.deployment_name = std::move(r.deployment_name);
  out.json(protocol::encode(body));
  return out;
}

asio::awaitable<start_result> start(session::client_handle handle, start_target target,
                                    execute_request request, wait_time wait) {
  session::start_identity identity = identity_of(target, request);
  start_result out;
  out.execution_id = identity.execution_id;
  protocol::request sent = request_of(target, std::move(request), out.execution_id, wait);
  wait_time deadline;
  if (wait) deadline = *wait + handle.state->options().call_deadline;
  out.ends = std::chrono::steady_clock::now() + handle.deadline(deadline);
  session::call_setup setup(std::move(handle), std::move(sent));
  setup.deadline = deadline;
  setup.subject = std::make_unique<session::start_subject>(std::move(identity), out.outcome);
  result_reader<execute_answer> reader(setup.handle.state->options().max_json_depth);
  co_await session::call(setup, reader);
  out.answer = reader.result();
  out.attempts = reader.attempts();
  co_return out;
}

// What follows is part of the operation that has started the execution.
session::begun_operation begun_by(operation op, const start_result& started) {
  session::begun_operation out;
  out.name = protocol::info(op).name;
  out.acted = server_action::yes;
  out.attempts = started.attempts;
  out.execution_id = started.execution_id;
  out.ends = started.ends;
  return out;
}

// Asio by itself ends a cancelled coroutine before its next wait, and tells nothing of what was started.
void throw_if_cancelled_between(const boost::system::system_error& thrown, operation op,
                                const start_result& started) {
  const bool by_asio = dynamic_cast<const error*>(&thrown) == nullptr;
  if (!by_asio || thrown.code() != asio::error::operation_aborted) return;
  error_context context(std::string(protocol::info(op).name), started.attempts, server_action::yes);
  context.execution_id = started.execution_id;
  throw cancelled_error(std::move(context));
}

// The attempts are those of the start; the GETs after it are not among them.
execute_outcome outcome_of(execution state, operation op, const start_result& started, bool over,
                           const std::string& failure = std::string()) {
  if (!over) return still_running(std::move(state));
  error_context context(std::string(protocol::info(op).name), started.attempts, server_action::yes);
  context.execution_id = started.execution_id;
  return finished(started.execution_id, result_of(std::move(state), failure, std::move(context)));
}

// Of what goes on as new the end is still to come.
bool is_over(const execution& state) {
  return is_terminal(state.status) && state.status != execution_status::continued_as_new;
}

// None where it is not to be found, as it has been started and the GET lags, or where a look proves nothing:
// whoever waits on asks again.
asio::awaitable<std::optional<execution>> look_after(session::client_handle handle, std::string id,
                                                     session::begun_operation part_of) {
  try {
    execution found = co_await get_execution(std::move(handle), std::move(id), std::move(part_of));
    co_return std::optional<execution>(std::move(found));
  } catch (const api_error& e) {
    const int status = e.status();
    const bool passes = status == 404 || status == 408 || status == 425 || status == 429 || status >= 500;
    if (!passes) throw;
  } catch (const decode_error&) {  // a page, perhaps
  } catch (const rate_limited_error&) {
  } catch (const timeout_error&) {
  } catch (const transport_error&) {
  }
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<started_execution> execute(session::client_handle handle, start_target target,
                                           execute_request request) {
  const operation op = target.op;
  start_result started = co_await start(handle, std::move(target), std::move(request), std::nullopt);
  execution state;
  if (auto* said = std::get_if<execution>(&started.answer.value)) {
    state = std::move(*said);
  } else {
    // An answer without a status, which the API gives only to those that wait: a GET has the rest.
    session::begun_operation begun = begun_by(op, started);
    try {
      state = co_await get_execution(handle, started.execution_id, std::move(begun));
    } catch (const boost::system::system_error& e) {
      throw_if_cancelled_between(e, op, started);
      throw;
    }
  }
  execution_handle on(std::make_shared<const session::client_handle>(handle), started.execution_id,
                      state.run_id.value_or(std::string()), std::chrono::steady_clock::now());
  co_return started_execution(std::move(state), started.outcome, std::move(on));
}

asio::awaitable<execute_outcome> execute_and_wait(session::client_handle handle, start_target target,
                                                  execute_request request,
                                                  std::chrono::milliseconds timeout) {
  timeout = session::bounded(timeout);
  const auto give_up = std::chrono::steady_clock::now() + timeout;
  const operation op = target.op;
  start_result started = co_await start(handle, std::move(target), std::move(request), timeout);
  session::begun_operation begun = begun_by(op, started);
  try {
    execution state;
    if (auto* answer = std::get_if<execution_result>(&started.answer.value)) {
      if (!answer->result.is_null()) co_return finished(started.execution_id, std::move(answer->result));
      // A null result may be a result, or the end of the server's patience: only the status says.
      state.execution_id = started.execution_id;
      state.workflow_name = std::move(answer->workflow_name);
      std::optional<execution> found = co_await look_after(handle, started.execution_id, begun);
      if (found) state = *std::move(found);
    } else {
      state = std::move(std::get<execution>(started.answer.value));
      if (is_over(state)) co_return outcome_of(std::move(state), op, started, true);
    }
    if (state.status == execution_status::completed)
      co_return outcome_of(std::move(state), op, started, true);
    if (std::chrono::steady_clock::now() >= give_up) {
      const bool over = is_over(state);
      co_return outcome_of(std::move(state), op, started, over);
    }
    // The answer that was waited for got lost, or it came before the end was to be seen, or the server waits
    // no longer than it likes.
    end_of_execution end = co_await wait_for_end(handle, started.execution_id, result_options(), give_up,
                                                 std::move(begun), give_up);
    if (end.state.status) state = std::move(end.state);
    co_return outcome_of(std::move(state), op, started, end.over, end.failure);
  } catch (const boost::system::system_error& e) {
    throw_if_cancelled_between(e, op, started);
    throw;
  }
}

}  // namespace mistral::workflows::api
