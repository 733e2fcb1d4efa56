#include "api/result.hpp"

#include "api/decode_answer.hpp"
#include "protocol/http/checks.hpp"

#include <mistral/workflows/runs.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>
#include <variant>

namespace mistral::workflows::api {
namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;
using wait_time = std::optional<milliseconds>;

// What an event says about the end of the execution with this id.
struct news {
  news() = default;

  bool ended = false;
  std::string successor;  // the run that goes on
  std::string failure;
};

news news_of(const workflow_event& event, const std::string& execution_id) {
  news out;
  if (event.workflow_exec_id != execution_id) return out;
  switch (event.event_type.value()) {
    case workflow_event_type::workflow_execution_completed:
    case workflow_event_type::workflow_execution_canceled:
      out.ended = true;
      break;
    case workflow_event_type::workflow_execution_failed:
      out.ended = true;
      if (const auto* body = std::get_if<workflow_execution_failed>(&event.attributes))
        out.failure = body->failure.message;
      break;
    case workflow_event_type::workflow_execution_continued_as_new:
      out.ended = true;
      if (const auto* body = std::get_if<workflow_execution_continued_as_new>(&event.attributes))
        out.successor = body->new_execution_run_id;
      break;
    default:
      break;
  }
  return out;
}

class end_watch {
 public:
  end_watch(session::client_handle handle, std::string id, result_options options, std::optional<instant> give_up,
            session::begun_operation part_of)
      : handle_(std::move(handle)),
        executions_(std::make_shared<const session::client_handle>(handle_)),
        id_(std::move(id)),
        options_(options),
        give_up_(give_up),
        part_of_(std::move(part_of)) {}

  asio::awaitable<end_of_execution> run() {
    co_await look();
    while (!over() && stream_usable_) co_await follow();
    for (milliseconds pause(250); !over(); pause = std::min(pause * 2, options_.status_check)) {
      co_await sleep(std::min(pause, options_.status_check));
      co_await look();
    }
    co_return std::move(end_);
  }

 private:
  bool continued() const {
    return options_.follow_continue_as_new && end_.state.status == execution_status::continued_as_new;
  }
  bool ended() const { return is_terminal(end_.state.status) && !continued(); }
  bool over() const { return ended() || (give_up_ && std::chrono::steady_clock::now() >= *give_up_); }

  // What is left, at least a moment: a limit of nothing is no limit.
  wait_time left() const {
    if (!give_up_) return std::nullopt;
    const auto rest = std::chrono::ceil<milliseconds>(*give_up_ - std::chrono::steady_clock::now());
    return std::max(rest, milliseconds(1));
  }

  error_context context() const {
    error_context out(std::string(part_of_.name), 1, part_of_.acted);
    out.execution_id = part_of_.execution_id;
    return out;
  }

  asio::awaitable<void> look() { end_.state = co_await get_execution(handle_, id_, part_of_); }

  asio::awaitable<void> sleep(milliseconds time) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, left() ? std::min(time, *left()) : time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  // Until the execution has ended, its successor is found, the time is over, or the stream turns out to be unusable.
  asio::awaitable<void> follow() {
    stream_options options;
    options.status_check = options_.status_check;
    options.follow_continue_as_new = options_.follow_continue_as_new;
    event_stream events = executions_.stream(id_, options);
    std::string successor;
    bool asked = false;
    while (!over() && successor.empty() && !asked) {
      std::optional<stream_event> event;
      if (!co_await pull(events, event)) co_return;
      if (!event) {
        if (!events.ended()) continue;  // the time is over
        // An end without an event, or one that GETs do not show yet.
        co_await look();
        stream_usable_ = continued();
        asked = true;
        continue;
      }
      const news said = news_of(event->data, id_);
      if (!said.ended) continue;
      if (!said.failure.empty()) end_.failure = said.failure;
      successor = said.successor;
      if (successor.empty() || !options_.follow_continue_as_new) co_await look();
    }
    if (!successor.empty() && !ended()) co_await move_to(std::move(successor));
  }

  // False where the stream cannot be used.
  asio::awaitable<bool> pull(event_stream& events, std::optional<stream_event>& event) {
    bool usable = true;
    try {
      if (const wait_time rest = left())
        event = co_await events.next_for(*rest);
      else
        event = co_await events.next();
    } catch (const cancelled_error&) {
      throw cancelled_error(context());
    } catch (const error& e) {
      if (e.code() == make_error_condition(errc::closed)) throw session::closed_error(context());
      usable = false;
    }
    stream_usable_ = stream_usable_ && usable;
    co_return usable;
  }

  // The run that continues the execution may be one of another execution id.
  asio::awaitable<void> move_to(std::string run_id) {
    protocol::request get(protocol::operation::runs_get);
    get.segment("run_id", run_id);
    const execution next = co_await call_for<execution>(handle_, std::move(get), std::nullopt, nullptr, part_of_);
    id_ = next.execution_id;
    co_await look();
  }

  session::client_handle handle_;
  executions_api executions_;
  std::string id_;
  result_options options_;
  std::optional<instant> give_up_;
  session::begun_operation part_of_;
  end_of_execution end_;
  bool stream_usable_ = true;
};

}  // namespace

asio::awaitable<execution> get_execution(session::client_handle handle, std::string id,
                                         session::begun_operation part_of) {
  protocol::request get(protocol::operation::executions_get);
  get.segment("execution_id", id, protocol::max_execution_id);
  return call_for<execution>(std::move(handle), std::move(get), std::nullopt, nullptr, std::move(part_of));
}

asio::awaitable<end_of_execution> wait_for_end(session::client_handle handle, std::string id, result_options options,
                                               std::optional<instant> give_up, session::begun_operation part_of) {
  end_watch watch(std::move(handle), std::move(id), options, give_up, std::move(part_of));
  co_return co_await watch.run();
}

boost::json::value result_of(execution ended, const std::string& failure, error_context context) {
  if (ended.status == execution_status::completed) return std::move(ended.result);
  throw execution_error(std::move(ended), failure, std::move(context));
}

asio::awaitable<boost::json::value> result(session::client_handle handle, std::string id, result_options options) {
  const protocol::checks check(protocol::operation::executions_get);
  check.execution_id("execution_id", id);
  if (options.status_check <= milliseconds(0)) check.refuse("status_check", "must be longer than 0 ms");
  if (options.deadline && *options.deadline <= milliseconds(0)) check.refuse("deadline", "must be longer than 0 ms");
  std::optional<instant> give_up;
  if (options.deadline) give_up = std::chrono::steady_clock::now() + *options.deadline;

  session::begun_operation waiting;
  waiting.name = "executions.result";
  end_of_execution end = co_await wait_for_end(std::move(handle), std::move(id), options, give_up, std::move(waiting));
  if (!is_terminal(end.state.status))
    throw timeout_error(call_phase::waiting_for_answer, error_context("executions.result", 1, server_action::no));
  co_return result_of(std::move(end.state), end.failure, error_context("executions.result", 1, server_action::yes));
}

}  // namespace mistral::workflows::api
