// How a call ends: its answer to the reader, or the error that its caller gets.
#include "net/http/spare_memory.hpp"
#include "protocol/http/error_body.hpp"
#include "protocol/http/redact.hpp"
#include "protocol/http/told_headers.hpp"
#include "session/call/call_run.hpp"

#include <chrono>
#include <string>

namespace mistral::workflows::session {

using protocol::call_end;

namespace {

api_error_details details_of(const protocol::request& request, const attempt_result& result,
                             const std::string& key_variable) {
  api_error_details details;
  protocol::read_error_body(result.body, result.key(), details);
  details.status = result.status;
  if (result.status == 401) details.key_variable = key_variable;
  details.headers = result.headers;
  details.request_id = protocol::request_id_in(result.headers);
  details.method = request.description().method;
  details.path = request.path();
  if (result.end.retry_after) details.retry_after_ms = result.end.retry_after->count();
  if (!result.coding.empty()) details.detail = coded_as(result.coding);
  if (!result.location.empty())
    details.detail = "redirected to " + result.location + ", which is not followed";
  return details;
}

}  // namespace

void call_run::finish(const wish& end) {
  account();
  control_.retries_ended = machine_.retries_ended();
  const call_phase phase = control_.phase();
  control_.in_attempt = false;
  switch (end.how) {
    case call_end::answered:
      net::spare_memory::give_back(result_.body);
      return;
    case call_end::found: {
      call_answer answer = setup_.subject->found(machine_.attached());
      reader_.read(answer, control_);
      return;
    }
    case call_end::unknown:
      setup_.subject->throw_unknown(control_.context(), machine_.window());
      break;
    case call_end::failed:
      fail(told_ ? *told_ : result_);
    case call_end::rate_limited:
      throw rate_limited_error(
          std::chrono::ceil<std::chrono::milliseconds>(*refused_until_ - std::chrono::steady_clock::now()),
          control_.context());
    case call_end::timed_out:
      throw timeout_error(phase, control_.context());
    case call_end::cancelled:
      throw cancelled_error(control_.context());
    case call_end::closed:
      throw closed_error(control_.context());
  }
}

void call_run::fail(const attempt_result& result) const {
  const error_context context = control_.context();
  if (result.ok())
    throw decode_error(std::string(), "names another id than the one that was asked for", result.status,
                       protocol::excerpt(result.body, result.key()), context);
  if (!result.failure) throw api_error(details_of(setup_.request, result, state_.key().variable()), context);
  const attempt_failure& failure = *result.failure;
  if (failure.code == net::error::connect_timeout) throw timeout_error(failure.phase, context);
  if (failure.code == net::error::closed) throw closed_error(context);
  if (result.status != 0)
    throw decode_error(std::string(), failure.reason, result.status,
                       protocol::excerpt(result.body, result.key()), context);
  throw transport_error(failure.code, failure.phase, failure.reason, context);
}

}  // namespace mistral::workflows::session
