// A live stream of events that goes on through disconnects: each event once, in order.
// Not a connection: connections come and go underneath; what a service stores is the cursor.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows {

namespace protocol {
class stream_record;
}
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
/// Move-only. Nothing is read while nobody waits, except for the one read buffer that holds the event handed
/// over last. While 8 KB and more come at a time, the stream pauses 200 us between two reads, so that it
/// wakes for many events instead of for a few.
///
/// What a wait has begun outlasts it: an attempt to connect, or a GET that asks for the execution's status,
/// goes on when the operation returns or is cancelled, within its own limit (`stream_options::idle_limit`; a
/// call's deadline), and the next operation finds what came of it. So a limit that is shorter than it takes
/// to connect gets there too. None begins while nobody waits: `io_context::run()` returns when the caller's
/// coroutines are done and what they began has come to its limit at the latest; closing or destroying the
/// stream ends it.
///
/// Lifetime: may be destroyed while an operation is pending, which then ends with `operation_aborted`; may
///           outlive the client and the io_context. Destroying or closing it frees the connection.
/// Threads: one stream is used by one coroutine or strand at a time; `close` may be called from wherever the
///          stream is used.
///
/// An event that has no sequence number, no event id and no SSE id cannot be told from another: after a
/// reconnect it may come again. So may all of a stream whose events have no sequence number, once it has
/// brought more than 512, where the server begins anew in place of behind the id that it is asked for.
///
/// No cancellation swallows an event. Which form is safe where:
///  - `co_await events.next()`: safe. When it is cancelled, the event is still there for the next call.
///  - `co_await events.next_for(1s)`: safe; the time limit is the stream's own and takes nothing with it.
///  - `co_await (events.wait() || timer.async_wait(use_awaitable))`, then `events.try_next()`: safe, `wait`
///    takes nothing.
///  - `co_await (events.next() || timer...)`: NOT safe. When both complete at once, the operator keeps one
///    result and throws the other away, and with it the event.
template <class T>
class MISTRAL_WORKFLOWS_EXPORT basic_event_stream {
 public:
  /// What it brings.
  using value_type = T;

  /// A stream that has ended.
  basic_event_stream() noexcept;
  /// Made by the library.
  explicit basic_event_stream(std::shared_ptr<session::stream_session<T>> session);
  basic_event_stream(basic_event_stream&&) noexcept;
  basic_event_stream& operator=(basic_event_stream&&) noexcept;
  ~basic_event_stream();

  /// The next event; none when the stream has ended.
  /// Errors:   stream_incomplete - the execution has ended, and the event that says so did not come;
  ///           stream_failure - the server reported an error that does not pass, or reconnecting failed for
  ///           too long; api_error - the server refuses the stream for good (404, 422, ...); invalid_argument
  ///           - another operation is pending
  /// Cancel:   terminal, partial, total: no event is lost, and it can be called again.
  boost::asio::awaitable<std::optional<T>> next();

  /// As `next`, but gives up after `limit`: none, and `ended()` tells the two apart. Keeps to the limit
  /// whatever the server does.
  boost::asio::awaitable<std::optional<T>> next_for(std::chrono::milliseconds limit);

  /// Waits until `try_next` has an event (true) or the stream has ended (false). Takes nothing.
  /// Errors, Cancel: as `next`.
  boost::asio::awaitable<bool> wait();

  /// An event that has been received already, or none. Does not suspend and does no I/O.
  /// Errors:   invalid_argument - an operation is pending
  std::optional<T> try_next();

  /// True once `next` has returned none for good.
  bool ended() const noexcept;

  /// Of the event handed over last (or `stream_options::from`): a stream started from here goes on with the
  /// event after it. Store it after the work on that event is done. Opaque; a stream of one execution has
  /// that execution in it, and from the cursor of an execution's own end no further event is expected; one of
  /// `events().stream` says whether it is an id of the server's or a sequence number. Empty before the first
  /// event. Stays when the stream is closed or ended, or its io_context is gone.
  std::string cursor() const;

  /// The execution whose stream brought the event handed over last: after a continue-as-new that may be the
  /// successor. Before the first, the one that was asked for, or that `stream_options::from` is a cursor of.
  /// Empty for a stream that follows none (`events().stream`, a deployment's log). Stays as `cursor` does.
  std::string execution_id() const;

  /// Ends the stream and frees its connection. A pending operation ends with operation_aborted, as do later
  /// ones.
  void close() noexcept;

 private:
  friend class session::merge_core;

  std::shared_ptr<const protocol::stream_record> record_;
  std::weak_ptr<session::stream_session<T>> session_;
  session::stream_session<T>* direct_ = nullptr;  // the same; good unless session_ has expired
  bool alive_ = false;
};

/// Events of workflows.
using event_stream = basic_event_stream<stream_event>;

/// The execution has ended, but the events up to its end did not all come: the last of them, which an end of
/// this status has, did not come within `stream_options::missing_after`, or no connection could be had to
/// look for it. errc::stream_failed. `next()` may be called again: it reads on.
class MISTRAL_WORKFLOWS_EXPORT stream_incomplete : public stream_failure {
 public:
  /// Made by the library.
  stream_incomplete(const std::string& reason, std::string cursor,
                    std::optional<open_enum<execution_status>> status, std::optional<timestamp> end_time,
                    error_context context);
  ~stream_incomplete() override;
  stream_incomplete(const stream_incomplete&);
  stream_incomplete& operator=(const stream_incomplete&);

  /// As the last GET had it; none where the execution was there once and is not found any more.
  const std::optional<open_enum<execution_status>>& status() const noexcept { return status_; }
  /// Of the execution, where the GET had one.
  const std::optional<timestamp>& end_time() const noexcept { return end_time_; }

 private:
  std::optional<open_enum<execution_status>> status_;
  std::optional<timestamp> end_time_;
};

}  // namespace mistral::workflows
