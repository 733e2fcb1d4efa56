#include "session/client/closing.hpp"

#include "net/common/time_limit.hpp"
#include "session/client/option_checks.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mistral::workflows::session {
namespace asio = boost::asio;

namespace {

using std::chrono::milliseconds;

// What a cancelled call may still take: the way back to its caller.
constexpr milliseconds aftermath{1'000};

// Until no call is left, the time is over, or the caller cancels: then true.
asio::awaitable<bool> wait_for_calls(client_state_ptr state, milliseconds time) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto gate = state->live().when_no_call();
  net::time_limit limit(executor, bounded(time));
  limit.on_end([gate] { gate->open(asio::error::timed_out); });
  const std::tuple<boost::system::error_code> came = co_await gate->async_wait(net::no_throw);
  co_return std::get<0>(came) == asio::error::operation_aborted;
}

// On an executor and with a cancellation state of its own.
asio::awaitable<bool> end_calls(client_state_ptr state, milliseconds grace) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  bool cancelled = false;
  if (grace > milliseconds(0)) cancelled = co_await wait_for_calls(state, grace);
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  state->live().end_calls();
  co_await wait_for_calls(state, aftermath);
  state->pool().abort();
  co_return cancelled;
}

}  // namespace

asio::awaitable<void> close(client_state_ptr state, milliseconds grace) {
  if (state->in_child()) {
    state->pool().abort();
    co_return;
  }
  live_operations& live = state->live();
  live.refuse_calls();
  live.end_streams();
  if (live.calls() == 0) {
    state->pool().abort();
    co_return;
  }
  asio::awaitable<bool> ending = end_calls(state, grace);
  const bool cancelled =
      co_await asio::co_spawn(state->operation_executor(), std::move(ending), asio::use_awaitable);
  if (cancelled) throw cancelled_error(error_context("close", 0, server_action::no));
}

}  // namespace mistral::workflows::session
