// A live stream of events that goes on through disconnects: each event once, in order.
// Not a connection: connections come and go underneath; what a service stores is the cursor.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows {

namespace session {
template <class T>
class stream_session;
class merge_core;
}  // namespace session

/// Live events, pulled one at a time:
///
///     auto events = client.executions().stream(id);
///     while (auto event = co_await events.next()) use(*event);
///
/// Move-only. Nothing is read while nobody waits, except for the one read buffer that holds the event handed over last. While 8 KB and
/// more come at a time, the stream pauses 200 us between two reads, so that it wakes for many events instead of for a few.
/// Lifetime: may be destroyed while an operation is pending, which then ends with `operation_aborted`; may outlive the client and
/// the io_context. Destroying or closing it frees the connection.
/// Threads: one stream is used by one coroutine or strand at a time; `close` may be called from wherever the stream is used.
///
/// No cancellation swallows an event. Which form is safe where:
///  - `co_await events.next()`: always. When it is cancelled, the event is still there for the next call.
///  - `co_await events.next_for(1s)`: always; the time limit is the stream's own and takes nothing with it.
///  - `co_await (events.wait() || timer.async_wait(use_awaitable))`, then `events.try_next()`: always, `wait` takes nothing.
///  - `co_await (events.next() || timer...)`: NOT safe. When both complete at once, the operator keeps one result and throws the
///    other away, and with it the event.
///
/// A cancellation while the stream is connecting gives that attempt up, and the next call begins another: a limit that is
/// shorter than it takes to connect never gets anywhere. `next_for` knows and lets an attempt finish.
template <class T>
class MISTRAL_WORKFLOWS_EXPORT basic_event_stream {
 public:
  using value_type = T;

  /// A stream that has ended.
  basic_event_stream() noexcept;
  explicit basic_event_stream(std::shared_ptr<session::stream_session<T>> session);
  basic_event_stream(basic_event_stream&&) noexcept;
  basic_event_stream& operator=(basic_event_stream&&) noexcept;
  ~basic_event_stream();

  /// The next event; none when the stream has ended.
  /// Errors:   stream_failure - the server reported an error in the stream, or reconnecting failed for too long; api_error - the
  ///           server refuses the stream for good (404, 422, ...); invalid_argument - another operation is pending
  /// Cancel:   terminal, partial, total: no event is lost, and it can be called again.
  boost::asio::awaitable<std::optional<T>> next();

  /// As `next`, but gives up after `limit`: none, and `ended()` tells the two apart. An attempt to connect or to ask for the
  /// execution's status that is under way is waited for, so it may last longer by the connect limit or a call's deadline.
  boost::asio::awaitable<std::optional<T>> next_for(std::chrono::milliseconds limit);

  /// Waits until `try_next` has an event (true) or the stream has ended (false). Takes nothing.
  /// Errors, Cancel: as `next`.
  boost::asio::awaitable<bool> wait();

  /// An event that has been received already, or none. Does not suspend and does no I/O.
  /// Errors:   invalid_argument - an operation is pending
  std::optional<T> try_next();

  /// True once `next` has returned none for good.
  bool ended() const noexcept;

  /// Of the event handed over last (or `stream_options::from`): a stream started from here goes on with the event after it. Store it
  /// after the work on that event is done. Empty before the first event.
  std::string cursor() const;

  /// Ends the stream and frees its connection. A pending operation ends with operation_aborted, as do later ones.
  void close() noexcept;

 private:
  friend class session::merge_core;

  std::weak_ptr<session::stream_session<T>> session_;
  session::stream_session<T>* direct_ = nullptr;  // the same; good unless session_ has expired
  bool alive_ = false;
};

/// Events of workflows.
using event_stream = basic_event_stream<stream_event>;

}  // namespace mistral::workflows
