#include "testing/engine/core/log_subscription.hpp"

#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/logs.hpp"

namespace mistral::workflows::testing {

namespace asio = boost::asio;

log_subscription::log_subscription(std::shared_ptr<state> shared) : state_(std::move(shared)) {}
log_subscription::~log_subscription() = default;
log_subscription::log_subscription(log_subscription&&) noexcept = default;
log_subscription& log_subscription::operator=(log_subscription&&) noexcept = default;

bool log_subscription::try_next(log_view& out) {
  auto core = state_->core.lock();
  if (!core) return false;
  const auto* line = next_line(core->store, state_->filter, state_->position);
  if (!line) return false;
  state_->position = line->sequence;
  out.sequence = line->sequence;
  out.record = to_text(show_line(core->store, *line));
  return true;
}

asio::awaitable<void> log_subscription::wait() {
  // The shared part, not this object: it may be moved or gone while the wait goes on.
  return [](std::shared_ptr<state> shared) -> asio::awaitable<void> { co_await shared->wake.wait(); }(state_);
}

bool log_subscription::ended() const {
  auto core = state_->core.lock();
  if (!core) return true;
  const auto& id = state_->filter.execution_id;
  const auto* execution = id ? core->store.find_execution(*id) : nullptr;
  return execution && execution->latest().over() && !next_line(core->store, state_->filter, state_->position);
}

bool log_subscription::closed() const { return state_->core.expired(); }

}  // namespace mistral::workflows::testing
