// A place in the log that moves forward: what is behind it has been taken, what comes is waited for.
// Not pages of a log: see logs.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace mistral::workflows::testing {

struct log_view {
  log_view() = default;

  std::int64_t sequence = 0;  ///< among all lines of the server; only grows
  std::string record;         ///< ExecutionLogRecord, which is DeploymentLogRecord too, as JSON text
};

/// Move-only. May outlive the engine; then it reports nothing more.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT log_subscription {
 public:
  struct state;
  explicit log_subscription(std::shared_ptr<state> shared);
  ~log_subscription();
  log_subscription(log_subscription&&) noexcept;
  log_subscription& operator=(log_subscription&&) noexcept;

  /// Takes the next line, if there is one now.
  bool try_next(log_view& out);
  /// Completes when there may be something to take, or when `ended()` may have changed.
  /// Cancel: total; `operation_aborted`, and nothing is taken.
  boost::asio::awaitable<void> wait();
  /// Of an execution: it has ended, and every line is taken. Always false for others.
  bool ended() const;
  /// The engine is gone.
  bool closed() const;

 private:
  std::shared_ptr<state> state_;
};

}  // namespace mistral::workflows::testing
