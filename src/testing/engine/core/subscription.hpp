// A place in the event log that moves forward: what is behind it has been taken, what comes is waited for.
// Not a stream of bytes: the front writes SSE from it, one event at a time.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace mistral::workflows::testing {

/// An event as it is kept: the whole SSE payload as JSON text.
struct event_view {
  event_view() = default;

  std::int64_t sequence = 0;  ///< its broker_sequence
  std::string type;           ///< "CUSTOM_TASK_STARTED", ...
  std::string execution_id;   ///< its workflow_exec_id
  std::string
      payload;  ///< {"stream", "timestamp", "data", "workflow_context", "metadata", "broker_sequence"}
};

/// Move-only. May outlive the engine; then it reports no more events.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT subscription {
 public:
  struct state;
  explicit subscription(std::shared_ptr<state> shared);
  ~subscription();
  subscription(subscription&&) noexcept;
  subscription& operator=(subscription&&) noexcept;

  /// Takes the next event, if there is one now.
  bool try_next(event_view& out);
  /// Completes when there may be something to take, or when `ended()` may have changed.
  /// Cancel: total; `operation_aborted`, and nothing is taken.
  boost::asio::awaitable<void> wait();
  /// Of an execution's subscription: it has ended (by whatever status, TERMINATED
  /// and TIMED_OUT too) and every event is taken. Always false for a subscription
  /// to all events. Becomes false again when the execution is started anew.
  bool ended() const;
  /// The engine is gone.
  bool closed() const;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace mistral::workflows::testing
