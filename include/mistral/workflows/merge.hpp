// Many event streams as one: fan-in for a service that follows several executions in one loop.
// Not a broker: each stream keeps its own order, cursor and connection; between streams there is no order.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

namespace session {
class merge_core;
}

/// An event and the stream that it came from.
class MISTRAL_WORKFLOWS_EXPORT merged_event {
 public:
  merged_event() = default;

  /// What `add` returned, or the stream's place in the vector given to `merge`, from 0.
  std::size_t source = 0;
  std::string source_name;  ///< what `add` was given; else empty
  stream_event event;       ///< the event itself
};

/// One of the streams ended with an error and is no longer part of the merge; the others go on with the next
/// `next()`. `code()` is the cause's; errc::stream_failed where the cause is no
/// `boost::system::system_error`. `execution_id()` is the execution that the stream followed.
class MISTRAL_WORKFLOWS_EXPORT merge_failure : public error {
 public:
  /// Made by the library.
  merge_failure(std::size_t source, std::string name, std::string execution_id, std::string cursor,
                std::exception_ptr cause);
  ~merge_failure() override;
  merge_failure(const merge_failure&);
  merge_failure& operator=(const merge_failure&);

  /// The number of the stream, as `event_merge::add` returned it.
  std::size_t source() const noexcept { return source_; }
  /// The name that `event_merge::add` was given; may be empty.
  const std::string& source_name() const noexcept { return name_; }
  /// Where that stream can go on, for `stream_options::from`; empty before its first event.
  const std::string& cursor() const noexcept { return cursor_; }
  /// What the stream threw.
  const std::exception_ptr& cause() const noexcept { return cause_; }

 private:
  std::size_t source_;
  std::string name_;
  std::string cursor_;
  std::exception_ptr cause_;
};

/// Events of several streams, pulled one at a time:
///
///     auto all = wf::merge(std::move(streams));
///     while (auto one = co_await all.next()) use(one->source, one->event);
///
/// Move-only. An operation waits on all streams at once, each for itself: one that hangs in connecting, or
/// whose GET is slow, delays no other. A stream whose events are there already is not served twice before the
/// others that have some. The waits outlast the operation by up to 50 ms, in which the next one usually
/// comes; `io_context::run()` returns that much later. What they receive is kept for the next operation. A
/// merge costs a coroutine for each stream, and an event the same beside one stream and beside thousands.
///
/// Lifetime: may be destroyed while an operation is pending, which then ends with `operation_aborted`; may
///           outlive the client and the io_context. Destroying or closing it closes its streams. Threads:
///           used by one coroutine or strand at a time; `add`, `remove` and `close` may be called, from
///           there, while an operation is pending. All streams must run on one io_context.
class MISTRAL_WORKFLOWS_EXPORT event_merge {
 public:
  /// A merge without streams.
  event_merge() noexcept;
  event_merge(event_merge&&) noexcept;
  event_merge& operator=(event_merge&&) noexcept;
  ~event_merge();

  /// Adds a stream, on which nothing may be pending, and returns its number; numbers are not used again. A
  /// pending operation goes on with it. Errors: cancelled_error - the merge was closed
  std::size_t add(event_stream stream, std::string name = std::string());

  /// Closes a stream and leaves it out; false if there is none of that number (any more). No event of it
  /// comes afterwards. What it had received and nobody took, a stream started from the cursor of its last
  /// event brings again.
  bool remove(std::size_t source);

  /// How many streams are part of it. One that has ended is left out when an operation meets its end.
  std::size_t size() const;

  /// The next event of any stream; none when no stream is left. After `add`, it can be called again.
  /// Errors:   merge_failure - a stream ended with an error; invalid_argument - another operation is pending
  /// Cancel:   terminal, partial, total: no event is lost, and it can be called again. `next() || timer` is
  /// not safe, as with
  ///           event_stream: use `wait`.
  boost::asio::awaitable<std::optional<merged_event>> next();

  /// Waits until `try_next` has something, an event or an error (true), or no stream is left (false). Takes
  /// nothing.
  /// Errors:   invalid_argument - another operation is pending
  /// Cancel:   as `next`
  boost::asio::awaitable<bool> wait();

  /// An event that has been received already, or none. Does not suspend and does no I/O.
  /// Errors:   as `next`
  std::optional<merged_event> try_next();

  /// Closes all streams. A pending operation ends with operation_aborted, as do later ones.
  void close() noexcept;

 private:
  std::weak_ptr<session::merge_core> core_;
  std::size_t next_number_ = 0;
  bool alive_ = false;
};

/// The events of all of `streams`, each numbered by its place. Takes them over; nothing may be pending on
/// them.
MISTRAL_WORKFLOWS_EXPORT event_merge merge(std::vector<event_stream> streams);

}  // namespace mistral::workflows
