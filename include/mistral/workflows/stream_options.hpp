// How a live stream is followed: from where, how patiently, and who is told about its connections.
// Not which stream: that is said by the operation that opens it.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows {

/// Where an execution's events are taken from.
enum class stream_source {
  /// All events since the execution began, then the live ones; the default, and what a resume needs.
  hybrid,
  database,  ///< stored events only

  /// What happens from now on; misses all that came before the connection, also across a reconnect.
  live,
};

/// What an execution that has ended without the event that says so is to its stream.
enum class missing_event {
  error,  ///< `stream_incomplete`: events may be missing; the default
  end,    ///< the end; for executions whose events have expired
};

/// Why a connection was left.
enum class disconnect_reason {
  cut,            ///< the connection broke, or ended within an event
  clean_end,      ///< the server ended the answer
  idle,           ///< nothing came for the idle limit, not even a comment
  not_connected,  ///< no connection could be made

  /// A status that promises better luck later (408, 425, 429, 5xx), or a 200 that is no event stream.
  refused,
  key_rejected,  ///< 401 or 403, and another API key can be had
  stream_error,  ///< the server reported an error inside the stream that may pass
  checking_end,  ///< the execution has ended: one more connection shows whether events are left
  ended,         ///< the stream has ended, and the connection is not needed any more
};

/// The name, for people.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(disconnect_reason reason) noexcept;

/// What the `disconnected` hook is told.
class MISTRAL_WORKFLOWS_EXPORT stream_disconnect {
 public:
  stream_disconnect() = default;

  disconnect_reason reason = disconnect_reason::cut;  ///< what it was left for
  boost::system::error_code code;                     ///< of the transport, where that failed
  int status = 0;                         ///< HTTP status, where the server answered with one that is not 200
  std::chrono::milliseconds retry_in{0};  ///< the wait before the next attempt; 0 where none follows

  /// What the server said: of an error event its text, of a refusal its detail or the type that it answered
  /// with; else what broke the connection. Not longer than a few hundred bytes; for people.
  std::string text;
};

/// A `broker_sequence` that does not follow the one before.
class MISTRAL_WORKFLOWS_EXPORT sequence_step {
 public:
  sequence_step() = default;

  std::int64_t before = 0;    ///< of the event handed over last
  std::int64_t now = 0;       ///< of this event; smaller than `before` where the sequence ran backwards
  bool after_resume = false;  ///< the first new event of a resumed connection

  /// The stream shows a part of the sequence only (one execution's events, or filters), so steps over numbers
  /// are its nature and say nothing about a loss. False on an unfiltered stream: there a step over numbers
  /// means events that were not sent.
  bool filtered = false;

  /// Whether the sequence ran backwards.
  bool backwards() const noexcept { return now <= before; }
};

/// Called on the stream's own executor, from within the `next()` (or `wait()`, ...) that is pending, or by
/// `try_next()`. What a hook throws, that call throws.
///
/// Each `connected` or `resumed` is followed by one `disconnected`, also where the stream ends by itself;
/// none where it is closed, destroyed, or its client is closed.
class MISTRAL_WORKFLOWS_EXPORT stream_hooks {
 public:
  stream_hooks();
  stream_hooks(const stream_hooks&);
  stream_hooks(stream_hooks&&) noexcept;
  stream_hooks& operator=(const stream_hooks&);
  stream_hooks& operator=(stream_hooks&&) noexcept;
  ~stream_hooks();

  std::function<void()> connected;  ///< an answer 200 has begun

  /// Its end, or an attempt that did not get so far.
  std::function<void(const stream_disconnect&)> disconnected;
  /// As `connected`, when it goes on after a cursor.
  std::function<void(const std::string& cursor)> resumed;
  /// An event that came again after a resume was dropped.
  std::function<void(std::int64_t sequence)> duplicate;

  /// Numbers were stepped over, or ran backwards. Not told of numbers that are stepped over behind an event
  /// without a number (an unknown one, say), which may have had one of them.
  std::function<void(const sequence_step&)> sequence;
};

/// Options of one stream. Durations must be positive where nothing else is said, and count as 100 years where
/// they are longer.
///
/// Two things hold a stream back that does not get on. The *pace* of its attempts: by back-off, and whatever
/// the server does at most 20 connections and 20 GETs at once and one more of each a second (ten a second
/// while new events come). The *budget*: after `reconnect_budget` or `max_attempts` without a sign of life it
/// gives up. Signs of life are a 200 event stream that held for 10 s (or `idle_limit`, if that is less) or
/// brought a record, and a GET that says RUNNING after silence or a clean end. Where GETs alone are left (an
/// end without an event is confirmed, a run that goes on is looked for), it is spent without an answer.
class MISTRAL_WORKFLOWS_EXPORT stream_options {
 public:
  stream_options();
  stream_options(const stream_options&);
  stream_options(stream_options&&) noexcept;
  stream_options& operator=(const stream_options&);
  stream_options& operator=(stream_options&&) noexcept;
  ~stream_options();

  /// Start after this cursor (`event_stream::cursor()`, or that of an event), or after an id of the server's.
  /// Empty: at the beginning. A cursor of an execution's stream goes on in the execution that it was taken
  /// in, whichever is asked for: after a continue-as-new that may be the successor.
  std::string from;
  /// Of `executions().stream` and `executions().stream_raw` only.
  stream_source source = stream_source::hybrid;
  /// Whether the stream goes on with the run that continues the execution. One that an event names and that
  /// the API does not know 10 s later is none; as long as nobody answers it is looked for, up to
  /// `reconnect_budget`. False: the stream ends with the run that was continued.
  bool follow_continue_as_new = true;

  /// Give a connection up when nothing came for so long, not even a comment; runs only while somebody waits.
  /// Also the longest an attempt to connect may take, up to the head of the answer. 0: as the client has it
  /// (`client_options::stream_idle_limit`).
  std::chrono::milliseconds idle_limit{0};
  /// While no event comes that moves the cursor, a GET asks so often whether the execution has ended (each
  /// time between half and all of it). Runs on through disconnects and comments, and only while somebody
  /// waits. At most 4 such GETs of a client are under way at a time, behind its calls, so with many streams
  /// it takes longer. Shorter than a second: 20 GETs, then one a second.
  std::chrono::milliseconds status_check{30'000};
  /// How long the last connection must stay silent before the end is believed, where no event says it for
  /// certain.
  std::chrono::milliseconds drain_time{5'000};
  /// How long the stream waits for the event of an end that a GET has told of (all but TERMINATED and
  /// TIMED_OUT have one): the time that a connection was open, or between connections that the server ended
  /// cleanly, all opened after that GET. Not on logs and with `stream_source::live`, where no event is owed.
  std::chrono::milliseconds missing_after{60'000};
  /// What then follows.
  missing_event on_missing_event = missing_event::error;

  /// Ceiling of the first wait; the first reconnect after an event that moved the cursor does not wait.
  std::chrono::milliseconds initial_backoff{250};
  /// Ceiling of each wait. One that the server asks for with `retry:` is clamped to this and to half of what
  /// is left of `reconnect_budget`; a Retry-After is kept to, and where it is longer than what is left,
  /// `next()` throws without waiting.
  std::chrono::milliseconds max_backoff{20'000};
  /// How many losses in a row, without a sign of life, are followed by another attempt; the next one makes
  /// `next()` throw. 0: no limit. Where the answer only ended, a GET is asked first.
  int max_attempts = 0;
  /// Time without a sign of life before `next()` throws, counted from the first loss. Refusals and error
  /// events spend it even if the execution runs.
  std::chrono::milliseconds reconnect_budget{10 * 60 * 1'000};

  std::size_t max_event = 16 * 1024 * 1024;  ///< bytes of one event; an event is about 1 MB at most today

  stream_hooks hooks;  ///< told of connections, losses and gaps; by default none
};

/// A stream cannot go on (errc::stream_failed: the server reported an error that does not pass, or the same
/// three times at one cursor; errc::decode: an event is larger than `max_event`), or the budget for
/// reconnecting is spent (errc::unavailable where the server kept refusing, else the transport's code or
/// errc::transport), or a third answer 200 was no event stream, with none between them (errc::transport).
/// `next()` may be called again: it goes on after the cursor, at the pace that has been reached.
///
/// `execution_id()` is the execution that was followed; empty for a stream that follows none.
class MISTRAL_WORKFLOWS_EXPORT stream_failure : public error {
 public:
  /// Made by the library.
  stream_failure(boost::system::error_code code, const std::string& reason, std::string cursor,
                 error_context context, std::optional<std::chrono::milliseconds> retry_after = std::nullopt);
  ~stream_failure() override;
  stream_failure(const stream_failure&);
  stream_failure& operator=(const stream_failure&);

  /// Where to go on, for `stream_options::from`; empty before the first event.
  const std::string& cursor() const noexcept { return cursor_; }
  /// The wait that the server asked for with its last refusal, where it did: `next()` does not connect before
  /// it is over.
  const std::optional<std::chrono::milliseconds>& retry_after() const noexcept { return retry_after_; }

 private:
  std::string cursor_;
  std::optional<std::chrono::milliseconds> retry_after_;
};

}  // namespace mistral::workflows
