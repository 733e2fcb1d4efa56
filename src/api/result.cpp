#include "api/result.hpp"

#include "api/decode_answer.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/uuid.hpp"
#include "session/client/option_checks.hpp"
#include "session/follow/client_stream_host.hpp"
#include "session/follow/stream.hpp"

#include <boost/system/system_error.hpp>

#include <utility>

namespace mistral::workflows::api {
namespace asio = boost::asio;

namespace {

using session::end_news;
using std::chrono::milliseconds;
using end_stream = basic_event_stream<end_news>;

constexpr auto most_lag = std::chrono::seconds(10);  // that a start may take to show in GETs

error_context context_of(const session::begun_operation& part_of) {
  error_context out(std::string(part_of.name), 1, part_of.acted);
  out.execution_id = part_of.execution_id;
  return out;
}

// False where `give_up` came first. `said`: by the last event that told of a failure.
asio::awaitable<bool> follow(end_stream* events, std::optional<instant> give_up, end_news* said) {
  for (;;) {
    std::optional<end_news> news;
    if (give_up) {
      const auto left = std::chrono::ceil<milliseconds>(*give_up - std::chrono::steady_clock::now());
      if (left <= milliseconds(0)) co_return events->ended();
      news = co_await events->next_for(left);
    } else {
      news = co_await events->next();
    }
    if (!news && events->ended()) co_return true;
    if (news && !news->failure.empty()) *said = std::move(*news);
  }
}

// The execution as the last GET had it that was understood.
void take_state(const std::weak_ptr<end_session>& watched, end_of_execution& out) {
  const auto core = watched.lock();
  const auto state = core ? core->last_state() : nullptr;
  if (!state) return;
  out.state = *state;
  out.over = is_terminal(out.state.status);
}

// What may still go on although a single GET says that it has ended: by a reset, or with the next run.
bool may_go_on(const execution& state, bool followed) {
  const bool continued = state.status == execution_status::continued_as_new;
  return (continued && followed) || state.status == execution_status::terminated ||
         state.status == execution_status::timed_out;
}

}  // namespace

asio::awaitable<execution> get_execution(session::client_handle handle, std::string id,
                                         session::begun_operation part_of) {
  protocol::request get(protocol::operation::executions_get);
  get.segment("execution_id", id, protocol::max_execution_id);
  return call_for<execution>(std::move(handle), std::move(get), std::nullopt, nullptr, std::move(part_of));
}

std::shared_ptr<end_session> open_end_stream(std::shared_ptr<session::stream_host> host, std::string id,
                                             const result_options& options, milliseconds idle_limit,
                                             session::begun_operation part_of, instant lags_until) {
  auto description = session::describe_execution_stream(std::move(id), stream_source::hybrid);
  description.for_result = true;
  description.lags_until = lags_until;
  description.part_of = std::move(part_of);
  stream_options how;
  how.idle_limit = idle_limit;
  how.status_check = options.status_check;
  how.follow_continue_as_new = options.follow_continue_as_new;
  return std::make_shared<end_session>(std::move(host), std::move(description), std::move(how));
}

asio::awaitable<end_of_execution> wait_for_end(std::shared_ptr<end_session> stream, result_options options,
                                               std::optional<instant> give_up,
                                               session::begun_operation part_of) {
  const std::weak_ptr<end_session> watched = stream;
  end_stream events(std::move(stream));  // owned as a caller's is: by its context
  end_of_execution out;
  end_news said;
  try {
    const bool ended = co_await follow(&events, give_up, &said);
    take_state(watched, out);
    if (!ended && may_go_on(out.state, options.follow_continue_as_new)) out.over = false;
  } catch (const stream_incomplete&) {
    take_state(watched, out);
    if (!out.over) throw;
    if (out.state.status == execution_status::continued_as_new)
      said.failure =
          "the run that continues run " + out.state.run_id.value_or("(without an id)") + " did not appear";
  } catch (const cancelled_error&) {
    throw cancelled_error(context_of(part_of));
  } catch (const error& e) {
    if (e.code() == make_error_condition(errc::closed)) throw session::closed_error(context_of(part_of));
    throw;
  }
  const bool of_this_run =
      said.run_id.empty() || !out.state.run_id || protocol::same_run_id(said.run_id, *out.state.run_id);
  if (of_this_run) out.failure = std::move(said.failure);
  co_return out;
}

asio::awaitable<end_of_execution> wait_for_end(session::client_handle handle, std::string id,
                                               result_options options, std::optional<instant> give_up,
                                               session::begun_operation part_of, instant lags_until) {
  auto host = session::make_stream_host(handle, part_of);
  auto stream = open_end_stream(std::move(host), std::move(id), options,
                                handle.state->options().stream_idle_limit, part_of, lags_until);
  if (!handle.state->live().add_stream(*stream)) stream->client_closed();
  end_of_execution out = co_await wait_for_end(std::move(stream), options, give_up, std::move(part_of));
  out.failure = handle.state->shown(std::move(out.failure));
  co_return out;
}

boost::json::value result_of(execution ended, const std::string& failure, error_context context) {
  if (ended.status == execution_status::completed) return std::move(ended.result);
  throw execution_error(std::move(ended), failure, std::move(context));
}

asio::awaitable<boost::json::value> result(session::client_handle handle, std::string id,
                                           result_options options, std::optional<instant> begun_at) {
  const protocol::checks check(protocol::operation::executions_get);
  check.execution_id("execution_id", id);
  if (options.status_check <= milliseconds(0)) check.refuse("status_check", "must be longer than 0 ms");
  if (options.deadline && *options.deadline <= milliseconds(0))
    check.refuse("deadline", "must be longer than 0 ms");
  options.status_check = session::bounded(options.status_check);
  std::optional<instant> give_up;
  if (options.deadline) give_up = std::chrono::steady_clock::now() + session::bounded(*options.deadline);

  session::begun_operation waiting;
  waiting.name = "executions.result";
  waiting.execution_id = id;
  const instant lags_until = begun_at ? *begun_at + most_lag : instant();
  end_of_execution end =
      co_await wait_for_end(std::move(handle), std::move(id), options, give_up, waiting, lags_until);
  if (!end.over) throw timeout_error(call_phase::waiting_for_answer, context_of(waiting));
  co_return result_of(std::move(end.state), end.failure,
                      error_context("executions.result", 1, server_action::yes));
}

}  // namespace mistral::workflows::api
