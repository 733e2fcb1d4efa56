#include "session/call.hpp"

#include "protocol/error_body.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

namespace {

call_answer answer_of(attempt_result result, const call_control& control) {
  call_answer out;
  out.status = result.status;
  out.body = std::move(result.body);
  out.content_type = std::move(result.content_type);
  out.context = control.context();
  return out;
}

bool is_timeout(const boost::system::error_code& code) { return code == net::error::connect_timeout; }

api_error_details details_of(const protocol::request& request, const attempt_result& result) {
  api_error_details details;
  protocol::read_error_body(result.body, details);
  details.status = result.status;
  details.request_id = result.request_id;
  details.method = request.description().method;
  details.path = request.path();
  if (result.outcome.retry_after) details.retry_after_ms = result.outcome.retry_after->count();
  if (!result.location.empty()) details.detail = "redirected to " + result.location + ", which is not followed";
  return details;
}

}  // namespace

attempts::attempts(client_handle handle, std::shared_ptr<call_control> control)
    : handle_(std::move(handle)), control_(std::move(control)) {}

void attempts::fail(const protocol::request& request, attempt_result result) const {
  const error_context context = control_->context();
  if (!result.failure) throw api_error(details_of(request, result), context);
  const attempt_failure& failure = *result.failure;
  if (is_timeout(failure.code)) throw timeout_error(failure.phase, context);
  if (failure.code == net::error::closed) throw error(make_error_code(errc::closed), context.operation, context);
  if (result.status != 0)
    throw decode_error(std::string(), failure.reason, result.status, protocol::excerpt(result.body), context);
  throw transport_error(failure.code, failure.phase, failure.reason, context);
}

asio::awaitable<void> attempts::back_off(protocol::backoff& waits, std::optional<std::chrono::milliseconds> asked) {
  control_->in_attempt = false;
  asio::steady_timer timer(control_->executor(), asked.value_or(waits.next(client_state::random01())));
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<attempt_result> attempts::run(const protocol::request* request, doubt_resolver* doubt,
                                              std::optional<call_answer>* adopted) {
  const retry_options& retry = handle_.retry();
  protocol::backoff waits(retry.initial_backoff, retry.max_backoff);
  bool key_renewed = false;
  for (int number = 1;; ++number) {
    ++control_->attempts;
    const bool doubtful = control_->earlier_attempts != server_action::no;
    control_->progress = net::progress();
    control_->in_attempt = true;
    attempt_result result = co_await attempt(handle_, request, control_, doubt != nullptr);
    control_->in_attempt = false;
    control_->earlier_attempts = combine(control_->earlier_attempts, protocol::may_have_acted(result.outcome));
    if (result.ok()) co_return result;

    if (result.status == 401 && handle_.state->key().renewable() && !key_renewed) {
      handle_.state->key().reject(result.key_generation);
      key_renewed = true;
      --number;
      continue;
    }

    const protocol::retry_decision next = protocol::decide(request->repeat(), result.outcome, retry.max_retry_after);
    const bool look = doubt != nullptr && (next.step == protocol::next_step::look || doubt->wants(result, doubtful));
    bool again = next.step == protocol::next_step::repeat;
    if (look) {  // after the last attempt too: what the server did is worth knowing even when nothing is sent again
      doubt_resolver::verdict verdict = co_await doubt->look(*this, result);
      if (verdict.answer) {
        *adopted = std::move(verdict.answer);
        co_return result;
      }
      again = verdict.send_again;
    }
    if (!again || number >= retry.max_attempts) co_return result;
    co_await back_off(waits, next.not_before);
  }
}

namespace {

asio::awaitable<call_answer> run_call(client_handle handle, protocol::request request,
                                      std::chrono::milliseconds deadline, std::shared_ptr<doubt_resolver> doubt,
                                      std::shared_ptr<call_control> control) {
  struct guard {
    call_control& control;
    ~guard() { control.end(); }
  } const finally{*control};

  attempts calls(handle, control);
  std::optional<call_answer> adopted;
  attempt_result result;
  try {
    co_await control->begin(deadline);
    result = co_await calls.run(&request, doubt.get(), &adopted);
  } catch (const error&) {
    throw;
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
    control->throw_aborted();
  }
  if (adopted) {
    adopted->adopted = true;
    adopted->context = control->context();
    co_return std::move(*adopted);
  }
  if (!result.ok()) calls.fail(request, std::move(result));
  co_return answer_of(std::move(result), *control);
}

}  // namespace

asio::awaitable<call_answer> call(client_handle handle, protocol::request request,
                                  std::optional<std::chrono::milliseconds> operation_deadline,
                                  std::shared_ptr<doubt_resolver> doubt) {
  client_state& state = *handle.state;
  state.counters().calls.fetch_add(1, std::memory_order_relaxed);
  const auto deadline = handle.deadline(operation_deadline);
  auto control = std::make_shared<call_control>(state.operation_executor(), std::string(request.description().name));
  bool ok = false;
  struct guard {
    const client_state_ptr state;
    const bool& ok;
    ~guard() {
      if (!ok) state->counters().failures.fetch_add(1, std::memory_order_relaxed);
    }
  } const finally{handle.state, ok};
  auto operation = run_call(std::move(handle), std::move(request), deadline, std::move(doubt), control);
  call_answer answer = co_await run_controlled(std::move(control), std::move(operation));
  ok = true;
  co_return answer;
}

}  // namespace mistral::workflows::session
