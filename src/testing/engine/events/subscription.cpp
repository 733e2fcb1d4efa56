#include "testing/engine/core/subscription.hpp"

#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/subscription_state.hpp"
#include "testing/engine/store/event_text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <string_view>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

asio::awaitable<void> wake_up::wait() {
  if (!woken_) {
    boost::system::error_code aborted;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
  }
  // Woken and cancelled look alike to a timer; only the coroutine's own state tells.
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
  woken_ = false;
}

bool fits(const event_filter& filter, const stored_event& event) {
  const auto& run = event.run->identity;
  auto is = [](const std::optional<std::string>& wanted, std::string_view has) {
    return !wanted || *wanted == has;
  };
  if (!is(filter.workflow_name, run.workflow_name) || !is(filter.workflow_exec_id, run.execution_id) ||
      !is(filter.root_workflow_exec_id, run.root_execution_id) || !is(filter.workflow_run_id, run.run_id) ||
      !is(filter.parent_workflow_exec_id, *run.parent_execution_id) || !is(filter.stream, "workflow_events"))
    return false;
  const auto& types = filter.event_types;
  if (!types.empty() && std::find(types.begin(), types.end(), event.type) == types.end()) return false;
  auto of_activity = event.type.starts_with("ACTIVITY_TASK_");
  if (filter.scope && *filter.scope != (of_activity ? "activity" : "workflow")) return false;
  if (!filter.activity_name && !filter.activity_id) return true;
  if (!of_activity) return false;
  auto payload = from_text(payload_of(event));
  const auto& attributes = payload.at("data").at("attributes").as_object();
  return is(filter.activity_name, text_of(attributes, "activity_name")) &&
         is(filter.activity_id, text_of(attributes, "task_id"));
}

subscription::subscription(std::shared_ptr<state> shared) : state_(std::move(shared)) {}
subscription::~subscription() = default;
subscription::subscription(subscription&&) noexcept = default;
subscription& subscription::operator=(subscription&&) noexcept = default;

bool subscription::try_next(event_view& out) {
  auto core = state_->core.lock();
  if (!core) return false;
  if (state_->execution) {
    const auto& events = state_->execution->events;
    if (state_->position == events.size()) return false;
    out.sequence = events[state_->position++];
  } else {
    auto last = static_cast<std::size_t>(core->store.last_sequence());
    bool found = false;
    while (!found && state_->position < last)
      found = fits(state_->filter, core->store.event(static_cast<std::int64_t>(++state_->position)));
    if (!found) return false;
    out.sequence = static_cast<std::int64_t>(state_->position);
  }
  const auto& event = core->store.event(out.sequence);
  out.type = event.type;
  out.execution_id = event.run->identity.execution_id;
  out.payload = payload_of(event);
  return true;
}

asio::awaitable<void> subscription::wait() {
  // The shared part, not this object: it may be moved or gone while the wait goes on.
  return [](std::shared_ptr<state> shared) -> asio::awaitable<void> { co_await shared->wake.wait(); }(state_);
}

bool subscription::ended() const {
  auto core = state_->core.lock();
  if (!core) return true;
  if (!state_->execution) return false;
  return state_->execution->latest().over() && state_->position == state_->execution->events.size();
}

bool subscription::closed() const { return state_->core.expired(); }

}  // namespace mistral::workflows::testing
