// The client: a cheap handle on shared state, from which every operation starts.
// Not the operations themselves: those are in workflows.hpp, executions.hpp and their like.
#pragma once

#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <memory>

namespace mistral::workflows {

namespace session {
class client_handle;
}

class deployments_api;
class events_api;
class executions_api;
class metrics_api;
class registrations_api;
class runs_api;
class schedules_api;
class workers_api;
class workflows_api;

/// What a client has done since it was made. Counters only grow; the last two are of the moment.
class client_stats {
 public:
  client_stats() = default;

  std::uint64_t calls = 0;               ///< operations begun
  std::uint64_t attempts = 0;            ///< requests begun, repeats included
  std::uint64_t failures = 0;            ///< operations that ended with an error
  std::uint64_t connections_opened = 0;  ///< TCP connections made
  std::uint64_t connections_reused = 0;  ///< requests and streams that began on a connection used before
  std::uint64_t handshakes = 0;          ///< TLS handshakes completed, resumed ones included
  std::uint64_t handshakes_resumed = 0;  ///< of those, how many resumed an earlier session
  std::uint64_t connections_idle = 0;
  std::uint64_t connections_in_use = 0;
};

/// Starts operations on an executor of the caller's.
///
/// Copies are cheap and share connections, key and counters. Every member may be called from any thread. An operation is
/// begun when the awaitable that it returned is awaited; handles may be destroyed before that.
///
/// Lifetime: the execution context of `executor` must outlive the operations, not the client.
/// Cancel:   every operation honours `terminal` at any time, `partial` until the first byte of a request is sent and in waits
///           between attempts, `total` until the first byte of the first request is sent. A coroutine accepts only `terminal`
///           unless it says otherwise (`this_coro::reset_cancellation_state`).
/// Threads:  on an io_context that several threads run, `a || b` of Asio's awaitable operators needs the awaiting
///           coroutine to be on a strand; that is Asio's rule for its parallel groups.
class MISTRAL_WORKFLOWS_EXPORT client {
 public:
  /// Errors: invalid_argument naming the option - the options cannot work, or a file they name cannot be read
  explicit client(boost::asio::any_io_executor executor, client_options options = client_options());

  template <class ExecutionContext>
    requires requires(ExecutionContext& context) { context.get_executor(); }
  explicit client(ExecutionContext& context, client_options options = client_options())
      : client(boost::asio::any_io_executor(context.get_executor()), std::move(options)) {}

  client(const client&);
  client(client&&) noexcept;
  client& operator=(const client&);
  client& operator=(client&&) noexcept;
  ~client();

  workflows_api workflows() const;
  executions_api executions() const;
  runs_api runs() const;
  schedules_api schedules() const;
  deployments_api deployments() const;
  registrations_api registrations() const;
  metrics_api metrics() const;
  workers_api workers() const;
  events_api events() const;

  /// A copy that shares everything but these settings. Unset ones keep what this handle has.
  /// Errors: invalid_argument naming the option
  client with(call_options options) const;

  client_stats stats() const;

  /// Closes idle connections now, others when their call or stream ends, and refuses new operations with errc::closed.
  void close() const;

 private:
  explicit client(session::client_handle handle);

  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
