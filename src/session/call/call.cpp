#include "session/call/call.hpp"

#include "net/common/asio_compat.hpp"
#include "net/http/spare_memory.hpp"
#include "protocol/http/error_body.hpp"
#include "session/frame/task_wait.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

namespace {

bool is_timeout(const boost::system::error_code& code) { return code == net::error::connect_timeout; }

// A 429 with a time closes the gate, and all wait there for their turn. One with too long a time does not.
bool paced_by_gate(const attempt_result& result) {
  return result.status == 429 && result.outcome.retry_after &&
         *result.outcome.retry_after <= protocol::rate_gate::longest;
}

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

void attempts::fail(const protocol::request& request, const attempt_result& result) const {
  const error_context context = control_.context();
  if (result.refused_until) {
    const auto left = *result.refused_until - std::chrono::steady_clock::now();
    throw rate_limited_error(std::chrono::ceil<std::chrono::milliseconds>(left), context);
  }
  if (!result.failure) throw api_error(details_of(request, result), context);
  const attempt_failure& failure = *result.failure;
  if (is_timeout(failure.code)) throw timeout_error(failure.phase, context);
  if (failure.code == net::error::closed) throw closed_error(context);
  if (result.status != 0)
    throw decode_error(std::string(), failure.reason, result.status, protocol::excerpt(result.body), context);
  throw transport_error(failure.code, failure.phase, failure.reason, context);
}

task<void> attempts::back_off(protocol::backoff& waits, std::optional<std::chrono::milliseconds> asked) {
  control_.in_attempt = false;
  asio::steady_timer timer(control_.executor(), asked.value_or(waits.next(client_state::random01())));
  co_await until(timer.async_wait(net::plain));
}

task<attempts::entry> attempts::take_turn() {
  const auto began = std::chrono::steady_clock::now();
  control_.waiting_for_turn = true;
  admission::entry got =
      co_await until(admission::enter(handle_.state->admission(), control_.first_in_line, control_.deadline()));
  control_.waiting_for_turn = false;
  entry out;
  out.mine = std::move(got.held);
  out.refused_until = got.refused_until;
  out.waited = std::chrono::steady_clock::now() - began;
  co_return out;
}

void attempts::attempt_ended(const attempt_result& result, turn& mine) {
  control_.in_attempt = false;
  control_.earlier_attempts = combine(control_.earlier_attempts, protocol::may_have_acted(result.outcome));
  // Before the turn is given back: who comes next must find the gate closed.
  if (result.status == 429 && result.outcome.retry_after &&
      handle_.state->admission()->refused(std::chrono::steady_clock::now() + *result.outcome.retry_after))
    handle_.state->counters().gate_closings.fetch_add(1, std::memory_order_relaxed);
  mine.done(result.status != 0 && result.status != 429 && result.status < 500);
}

protocol::retry_means attempts::left(int made) const {
  const retry_options& retry = handle_.retry();
  protocol::retry_means out;
  out.attempts = made < retry.max_attempts;
  out.max_retry_after = retry.max_retry_after;
  out.time =
      std::chrono::duration_cast<std::chrono::milliseconds>(control_.deadline() - std::chrono::steady_clock::now());
  return out;
}

bool attempts::afford(const attempt_result& result) {
  if (!handle_.retry().within_budget || paced_by_gate(result) || handle_.state->retry_budget().take()) return true;
  handle_.state->counters().retries_refused.fetch_add(1, std::memory_order_relaxed);
  return false;
}

protocol::retry_decision attempts::decide(const protocol::request& request, const attempt_result& result, int made) {
  protocol::retry_means means = left(made);
  protocol::retry_decision next = protocol::decide(request.repeat(), result.outcome, means);
  if (next.step == protocol::next_step::repeat && !next.at_once && !afford(result)) {
    means.budget = false;
    next = protocol::decide(request.repeat(), result.outcome, means);
  }
  return next;
}

task<void> attempts::run(const protocol::request& request, doubt_resolver* doubt, std::optional<call_answer>* adopted,
                         attempt_result& result) {
  const retry_options& retry = handle_.retry();
  protocol::backoff waits(retry.initial_backoff, retry.max_backoff);
  bool key_renewed = false;
  for (int made = 1;; ++made) {
    const bool doubtful = control_.earlier_attempts != server_action::no;
    entry turn_of_mine;
    if (!handle_.state->admission()->unrestricted()) turn_of_mine = co_await take_turn();
    if (turn_of_mine.refused_until) {
      control_.retries_ended = retry_end::beyond_deadline;
      if (made == 1) result.refused_until = turn_of_mine.refused_until;
      co_return;
    }
    if (made > 1 || key_renewed) result.clear();
    ++control_.attempts;
    control_.progress = net::progress();
    control_.in_attempt = true;
    try {
      co_await attempt(handle_, request, control_, doubt != nullptr, turn_of_mine.waited, result);
    } catch (...) {
      turn_of_mine.mine.done(false);
      throw;
    }
    attempt_ended(result, turn_of_mine.mine);
    if (result.ok()) co_return;

    if (result.status == 401 && handle_.state->key().renewable() && !key_renewed) {
      handle_.state->key().reject(result.key_generation);
      key_renewed = true;
      --made;
      continue;
    }

    const protocol::retry_decision next = decide(request, result, made);
    control_.retries_ended = next.ended;
    bool again = next.step == protocol::next_step::repeat;
    if (doubt != nullptr && (next.step == protocol::next_step::look || doubt->wants(result, doubtful))) {
      doubt_resolver::verdict verdict = co_await doubt->look(*this, result);
      control_.retries_ended = next.ended;
      if (verdict.answer) {
        *adopted = std::move(verdict.answer);
        co_return;
      }
      again = verdict.send_again && next.ended == retry_end::none;
      if (again && !afford(result)) {
        control_.retries_ended = retry_end::budget;
        again = false;
      }
    }
    if (!again) co_return;
    control_.retries_ended = retry_end::none;
    handle_.state->counters().retries.fetch_add(1, std::memory_order_relaxed);
    if (!next.at_once && !paced_by_gate(result)) co_await back_off(waits, next.not_before);
  }
}

call_operation::call_operation(const call_setup& setup, answer_reader& reader, call_block& block)
    : call_control(setup.handle.state->operation_executor(), setup.request.description().name, block.behind_object()),
      setup_(setup),
      reader_(reader) {}

task<void> call_operation::run() {
  client_state& state = *setup_.handle.state;
  state.counters().calls.fetch_add(1, std::memory_order_relaxed);
  if (!state.live().begin_call(*this)) throw closed_error(context());
  number = setup_.handle.new_call_number();
  first_in_line = setup_.request.repeat() == protocol::safety::ending;
  throw_if_ended_early();
  state.deadlines().add(*this, std::chrono::steady_clock::now() + setup_.handle.deadline(setup_.deadline));

  session::attempts calls(setup_.handle, *this);
  std::optional<call_answer> adopted;
  attempt_result result;
  try {
    co_await calls.run(setup_.request, setup_.doubt.get(), &adopted, result);
  } catch (const error&) {
    throw;
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
    throw_aborted();
  }
  if (!adopted && !result.ok()) calls.fail(setup_.request, result);
  answered_ = true;
  state.retry_budget().succeeded();
  reader_.read(adopted ? *adopted : result, *this);
  net::spare_memory::give_back(result.body);
}

void call_operation::leave() noexcept {
  client_state& state = *setup_.handle.state;
  state.deadlines().remove(*this);
  if (!answered_) state.counters().failures.fetch_add(1, std::memory_order_relaxed);
  state.live().end_call(*this);
}

void call_operation::ended(std::shared_ptr<task_scope> self, std::exception_ptr failure) {
  leave();
  complete(std::move(self), std::move(failure));
}

void call_operation::given_up() noexcept { leave(); }

}  // namespace mistral::workflows::session
