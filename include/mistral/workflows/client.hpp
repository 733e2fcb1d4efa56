// The client: a cheap handle on shared state, from which every operation starts.
// Not the operations themselves: those are in workflows.hpp, executions.hpp and their like.
#pragma once

#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace mistral::workflows {

namespace session {
class client_handle;
}

class deployments_api;
class events_api;
class execution_handle;
class executions_api;
class metrics_api;
class registrations_api;
class runs_api;
class schedules_api;
class workers_api;
class workflows_api;

/// What a client has done since it was made. Counters only grow; the last five are of the moment.
class client_stats {
 public:
  client_stats() = default;

  std::uint64_t calls = 0;               ///< operations begun
  std::uint64_t attempts = 0;            ///< requests begun, repeats included
  std::uint64_t failures = 0;            ///< operations that ended with an error
  std::uint64_t retries = 0;             ///< attempts that repeated an earlier one
  std::uint64_t retries_refused = 0;     ///< repeats for which the retry budget had nothing left
  std::uint64_t rate_limited = 0;        ///< answers 429
  std::uint64_t gate_closings = 0;       ///< times that a 429 with Retry-After closed the rate gate
  std::uint64_t stream_attempts = 0;     ///< connections of streams begun, reconnects included
  std::uint64_t bytes_sent = 0;          ///< of HTTP, before TLS; of ended requests and streams
  std::uint64_t bytes_received = 0;      ///< of HTTP, after TLS; of ended requests and streams
  std::uint64_t hook_failures = 0;       ///< hooks that threw, and headers of theirs that were left out
  std::uint64_t connections_opened = 0;  ///< TCP connections made
  std::uint64_t connections_reused = 0;  ///< requests and streams that began on a connection used before
  std::uint64_t connections_stale = 0;   ///< idle connections that turned out closed by the server
  std::uint64_t connect_failures = 0;    ///< connections that could not be made
  std::uint64_t handshakes = 0;          ///< TLS handshakes completed, resumed ones included
  std::uint64_t handshakes_resumed = 0;  ///< of those, how many resumed an earlier session

  std::uint64_t calls_under_way = 0;  ///< operations that have not ended

  /// Attempts held back by the rate gate or by `client_options::rate`.
  std::uint64_t waiting_for_turn = 0;
  std::uint64_t waiting_for_connection = 0;  ///< attempts and streams in line for a connection
  std::uint64_t connections_idle = 0;        ///< kept for the next call
  std::uint64_t connections_in_use = 0;      ///< of calls and of streams
};

/// Starts operations on an executor of the caller's.
///
/// Copies are cheap and share connections, key and counters. Every member may be called from any thread. An
/// operation is begun when the awaitable that it returned is awaited; handles may be destroyed before that.
///
/// Fork:     a child of the process that made a client makes its own: there every operation of this one ends
///           with invalid_argument. Its connections stay the parent's: the child sends, reads and shuts down
///           nothing on them, whether it closes, trims or destroys the client or not.
/// Lifetime: the execution context of `executor` must outlive the operations, not the client. A connect that
///           a call has begun goes on for the client when that call is over before it, within
///           `max_connections` and at most until `connect_limit`; `run()` may return that much later. close()
///           and the end of the last copy end it.
/// Repeat:   an operation says its class, which decides with the failure what is repeated
///           (src/doc/guide/repeats.md): *read* and *repeatable* as long as attempts and deadline last;
///           *ending* and *keyed* after a look at what the server has; *once* only where the server cannot
///           have acted. Beside it stands its deadline by default, of `client_options`; a deadline of
///           `client::with` takes its place.
/// Cancel:   every operation honours `terminal` at any time, `partial` until the first byte of a request is
///           sent and in waits between attempts, `total` until the first byte of the first request is sent,
///           and in waits behind requests that were refused. A coroutine accepts only `terminal` unless it
///           says otherwise (`this_coro::reset_cancellation_state`).
/// Threads:  on an io_context that several threads run, `a || b` of Asio's awaitable operators needs the
///           awaiting coroutine to be on a strand; that is Asio's rule for its parallel groups.
class MISTRAL_WORKFLOWS_EXPORT client {
 public:
  /// Errors: invalid_argument naming the option - the options cannot work, or a file they name cannot be read
  explicit client(boost::asio::any_io_executor executor, client_options options = client_options());

  /// On the executor of an execution context, an `io_context` for example.
  template <class ExecutionContext>
    requires requires(ExecutionContext& context) { context.get_executor(); }
  explicit client(ExecutionContext& context, client_options options = client_options())
      : client(boost::asio::any_io_executor(context.get_executor()), std::move(options)) {}

  client(const client&);
  client(client&&) noexcept;
  client& operator=(const client&);
  client& operator=(client&&) noexcept;
  ~client();

  /// What there is, changing it, and starting it; see workflows.hpp.
  workflows_api workflows() const;
  /// Executions: reading, talking to, ending and following them; see executions.hpp.
  executions_api executions() const;
  /// One execution, by its id; see execution_handle.hpp. Nothing is sent.
  execution_handle execution(std::string id) const;
  /// Single runs of executions; see runs.hpp.
  runs_api runs() const;
  /// Schedules; see schedules.hpp.
  schedules_api schedules() const;
  /// Deployments and their workers; see deployments.hpp.
  deployments_api deployments() const;
  /// Registered versions of workflows; see registrations.hpp.
  registrations_api registrations() const;
  /// Counts of executions; see metrics.hpp.
  metrics_api metrics() const;
  /// Where workers connect; see workers.hpp.
  workers_api workers() const;
  /// Events across executions; see events.hpp.
  events_api events() const;

  /// A copy that shares everything but these settings. Unset ones keep what this handle has.
  /// Errors: invalid_argument naming the option
  client with(call_options options) const;

  /// What this client and its copies have done so far.
  client_stats stats() const;

  /// The executor that it was made with; an empty one when its execution context has gone.
  boost::asio::any_io_executor executor() const;
  /// One on which handlers run one after the other: a new strand of `executor()`, or that itself where
  /// `client_options::single_threaded` says that one thread runs it. What a stream, a generator or a batch of
  /// this client runs on; for code of one's own that follows them. Empty as `executor()`.
  boost::asio::any_io_executor serial_executor() const;

  /// Closes idle connections and ends connects that nobody waits for now, closes others when their call or
  /// stream ends, and refuses new operations with errc::closed. Needs no executor, so it may be called when
  /// that is gone.
  void close() const;

  /// Closes idle connections that are past a limit of `client_options`, or of their server's, now. By itself
  /// that happens only when the client is used: one that rests keeps them, at most `max_connections`. Needs
  /// no executor, as close().
  void trim() const;

  /// Ends all that this client and its copies do, in bounded time: new operations are refused at once with
  /// errc::closed, streams end with it (what they have received is still handed over), and calls that are
  /// under way have `grace` to end, their repeats included. Then they are cancelled and end with
  /// errc::closed, and all connections are closed. Completes when the last call has ended, or a second after
  /// it was cancelled. An `api_key_supplier` that takes no cancellation is left behind: `io_context::run()`
  /// returns when it does. An operation made of several calls (`result()`, pages) is refused its next call.
  ///
  /// With nothing under way it completes without touching the client's executor, which may be gone by then.
  /// `grace` of 0 or less cancels at once. May be repeated, also while another one waits.
  /// Cancel: any type; ends the wait as if `grace` were over, and throws cancelled_error when all is
  ///         cancelled.
  boost::asio::awaitable<void> close(std::chrono::milliseconds grace) const;

 private:
  explicit client(session::client_handle handle);

  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
