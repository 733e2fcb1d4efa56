// What a subscription shares with the engine: where it stands, what it wants, and how it is woken.
// Not its interface: that is subscription.hpp.
#pragma once

#include "testing/engine/common/requests.hpp"
#include "testing/engine/core/subscription.hpp"
#include "testing/engine/store/state.hpp"

#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <memory>
#include <optional>

namespace mistral::workflows::testing {

class engine_core;

/// A wait that ends when it is woken or cancelled, and never by
/// time. Woken while nobody waits, the next wait ends at once.
class wake_up {
 public:
  explicit wake_up(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  /// Cancel: total; `operation_aborted`.
  boost::asio::awaitable<void> wait();
  void wake() {
    woken_ = true;
    timer_.cancel();
  }

 private:
  bool woken_ = false;
  boost::asio::steady_timer timer_;
};

bool fits(const event_filter& filter, const stored_event& event);

struct subscription::state {
  state(const std::shared_ptr<engine_core>& engine, const boost::asio::any_io_executor& executor)
      : core(engine), wake(executor) {}

  std::weak_ptr<engine_core> core;
  const execution_state* execution = nullptr;  ///< null: all events
  event_filter filter;
  std::size_t position =
      0;  ///< of an execution: in its list of events; of all: the sequence of the last event looked at
  wake_up wake;
};

}  // namespace mistral::workflows::testing
