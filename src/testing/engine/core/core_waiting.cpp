// Callers that wait: for the next event, or for an execution to end.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/logs.hpp"
#include "testing/engine/core/subscription_state.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

class end_waiter {
 public:
  explicit end_waiter(const asio::any_io_executor& executor) : wake(executor) {}

  wake_up wake;
  bool timed_out = false;
};

namespace {

/// The timer of a wait, which goes with it however it ends.
class timer_guard {
 public:
  timer_guard(std::shared_ptr<clock> time, clock::timer_id id) : time_(std::move(time)), id_(id) {}
  timer_guard(const timer_guard&) = delete;
  timer_guard& operator=(const timer_guard&) = delete;
  ~timer_guard() { time_->forget(id_); }

 private:
  std::shared_ptr<clock> time_;
  clock::timer_id id_;
};

/// Those who have gone, in the long run no more work than adding them was.
template <class Map>
void drop_expired(Map& map, std::size_t& sweep_at) {
  if (map.size() < sweep_at) return;
  std::erase_if(map, [](const auto& entry) { return entry.second.expired(); });
  sweep_at = std::max<std::size_t>(64, 2 * map.size());
}

}  // namespace

asio::awaitable<bool> engine_core::wait_for_end(std::shared_ptr<engine_core> core, std::string execution_id,
                                                std::optional<std::chrono::nanoseconds> limit) {
  const auto& waited_for = core->execution(execution_id);
  if (limit && *limit <= std::chrono::nanoseconds(0)) co_return waited_for.latest().over();
  auto waiter = std::make_shared<end_waiter>(core->executor);
  drop_expired(core->end_waiters_, core->sweep_end_waiters_at_);
  core->end_waiters_.emplace(execution_id, waiter);
  std::optional<timer_guard> guard;
  if (limit) {
    auto due = core->time->now() + *limit;
    auto id = core->time->call_at(due, [waiter] {
      waiter->timed_out = true;
      waiter->wake.wake();
    });
    guard.emplace(core->time, id);
  }
  while (!core->shut_down_ && !waited_for.latest().over() && !waiter->timed_out) co_await waiter->wake.wait();
  if (core->shut_down_) throw boost::system::system_error(asio::error::operation_aborted);
  co_return waited_for.latest().over();
}

void engine_core::add_subscription(const std::shared_ptr<subscription::state>& made) {
  if (made->execution) {
    drop_expired(by_execution_, sweep_by_execution_at_);
    by_execution_.emplace(made->execution->id, made);
    return;
  }
  std::erase_if(to_all_, [](const auto& one) { return one.expired(); });
  to_all_.push_back(made);
}

void engine_core::tell(const stored_event& event) {
  for (const auto* execution : store.lineage(*event.run)) {
    auto [begin, end] = by_execution_.equal_range(execution->id);
    for (; begin != end; ++begin)
      if (auto subscriber = begin->second.lock()) subscriber->wake.wake();
  }
  for (const auto& one : to_all_)
    if (auto subscriber = one.lock(); subscriber && fits(subscriber->filter, event)) subscriber->wake.wake();
}

void engine_core::add_log_reader(const std::shared_ptr<log_subscription::state>& made) {
  std::erase_if(log_readers_, [](const auto& one) { return one.expired(); });
  log_readers_.push_back(made);
}

void engine_core::tell(const stored_log& line) {
  for (const auto& one : log_readers_)
    if (auto reader = one.lock(); reader && fits(reader->filter, line)) reader->wake.wake();
}

void engine_core::tell_ended(const run_state& run) {
  const auto& id = run.identity.execution_id;
  auto [begin, end] = end_waiters_.equal_range(id);
  for (; begin != end; ++begin)
    if (auto waiter = begin->second.lock()) waiter->wake.wake();
  // There is no event for some ends, but who streams the execution may want to know.
  auto [first, last] = by_execution_.equal_range(id);
  for (; first != last; ++first)
    if (auto subscriber = first->second.lock()) subscriber->wake.wake();
  for (const auto& one : log_readers_)
    if (auto reader = one.lock(); reader && reader->filter.execution_id == id) reader->wake.wake();
}

void engine_core::wake_all() {
  for (const auto& [id, one] : end_waiters_)
    if (auto waiter = one.lock()) waiter->wake.wake();
  for (const auto& [id, one] : by_execution_)
    if (auto subscriber = one.lock()) subscriber->wake.wake();
  for (const auto& one : to_all_)
    if (auto subscriber = one.lock()) subscriber->wake.wake();
  for (const auto& one : log_readers_)
    if (auto reader = one.lock()) reader->wake.wake();
}

}  // namespace mistral::workflows::testing
