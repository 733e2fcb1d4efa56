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
#include <string>
#include <string_view>

namespace mistral::workflows {

/// Where an execution's events are taken from.
enum class stream_source {
  hybrid,    ///< all events since the execution began, then the live ones; the default, and what a resume needs
  database,  ///< stored events only
  live,      ///< what happens from now on; misses all that came before the connection, also across a reconnect
};

/// Why a connection was left.
enum class disconnect_reason {
  cut,            ///< the connection broke, or ended within an event
  clean_end,      ///< the server ended the answer
  idle,           ///< nothing came for the idle limit, not even a comment
  not_connected,  ///< no connection could be made
  refused,        ///< the server answered with a status that promises better luck later (408, 425, 429, 5xx)
  key_rejected,   ///< 401 or 403, and another API key can be had
  stream_error,   ///< the server reported an error inside the stream that may pass
  checking_end,   ///< the execution has ended: one more connection shows whether events are left
};

MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(disconnect_reason reason) noexcept;

/// What the `disconnected` hook is told.
class MISTRAL_WORKFLOWS_EXPORT stream_disconnect {
 public:
  stream_disconnect() = default;

  disconnect_reason reason = disconnect_reason::cut;
  boost::system::error_code code;         ///< of the transport, where that failed
  int status = 0;                         ///< HTTP status, where the server answered with one that is not 200
  std::chrono::milliseconds retry_in{0};  ///< the wait before the next attempt
};

/// A `broker_sequence` that does not follow the one before.
class MISTRAL_WORKFLOWS_EXPORT sequence_step {
 public:
  sequence_step() = default;

  std::int64_t before = 0;    ///< of the event handed over last
  std::int64_t now = 0;       ///< of this event; smaller than `before` where the sequence ran backwards
  bool after_resume = false;  ///< the first new event of a resumed connection
  /// The stream shows a part of the sequence only (one execution's events, or filters), so steps over numbers are its nature
  /// and say nothing about a loss. False on an unfiltered stream: there a step over numbers means events that were not sent.
  bool filtered = false;

  bool backwards() const noexcept { return now <= before; }
};

/// Called on the stream's own executor, from within the `next()` (or `wait()`, ...) that is pending, or by `try_next()`. What
/// a hook throws, that call throws.
class MISTRAL_WORKFLOWS_EXPORT stream_hooks {
 public:
  stream_hooks();
  stream_hooks(const stream_hooks&);
  stream_hooks(stream_hooks&&) noexcept;
  stream_hooks& operator=(const stream_hooks&);
  stream_hooks& operator=(stream_hooks&&) noexcept;
  ~stream_hooks();

  std::function<void()> connected;                             ///< an answer 200 has begun
  std::function<void(const stream_disconnect&)> disconnected;  ///< its end, or an attempt that did not get so far
  std::function<void(const std::string& cursor)> resumed;      ///< as `connected`, when it goes on after a cursor
  std::function<void(std::int64_t sequence)> duplicate;        ///< an event that came again after a resume was dropped
  std::function<void(const sequence_step&)> sequence;          ///< numbers were stepped over, or ran backwards
};

/// Options of one stream. Durations must be positive where nothing else is said.
class MISTRAL_WORKFLOWS_EXPORT stream_options {
 public:
  stream_options();
  stream_options(const stream_options&);
  stream_options(stream_options&&) noexcept;
  stream_options& operator=(const stream_options&);
  stream_options& operator=(stream_options&&) noexcept;
  ~stream_options();

  /// Start after this cursor (`event_stream::cursor()`, or that of an event). Empty: at the beginning.
  std::string from;
  /// Of `executions().stream` only.
  stream_source source = stream_source::hybrid;
  /// Whether the stream goes on with the run that continues the execution. False: it ends with the run that was continued.
  bool follow_continue_as_new = true;

  /// Reconnect when nothing came for so long, not even a comment; runs only while somebody waits. 0: as the client has it
  /// (`client_options::stream_idle_limit`).
  std::chrono::milliseconds idle_limit{0};
  /// While no event comes, a GET asks so often whether the execution has ended (each time between half and all of it).
  std::chrono::milliseconds status_check{30'000};
  /// How long the last connection must stay silent before the end is believed.
  std::chrono::milliseconds drain_time{5'000};

  std::chrono::milliseconds initial_backoff{250};  ///< ceiling of the first wait; the first reconnect does not wait
  std::chrono::milliseconds max_backoff{
      20'000};  ///< ceiling of every wait, also of one that the server asked for with `retry:`
  /// Attempts to connect in a row without progress before `next()` throws; 0: no limit.
  int max_attempts = 0;
  /// Time without progress before `next()` throws, counted from the first failed attempt.
  std::chrono::milliseconds reconnect_budget{10 * 60 * 1'000};

  std::size_t max_event = 16 * 1024 * 1024;  ///< bytes of one event; an event is about 1 MB at most today

  stream_hooks hooks;
};

/// A stream cannot go on: the server said so inside the stream (`errc::stream_failed`), or the budget for reconnecting is spent
/// (`errc::transport`, or `errc::unavailable` where the server kept refusing). `next()` may be called again: it connects anew,
/// after the cursor.
class MISTRAL_WORKFLOWS_EXPORT stream_failure : public error {
 public:
  stream_failure(boost::system::error_code code, const std::string& reason, std::string cursor, error_context context);
  ~stream_failure() override;
  stream_failure(const stream_failure&);
  stream_failure& operator=(const stream_failure&);

  /// Where to go on, for `stream_options::from`; empty before the first event.
  const std::string& cursor() const noexcept { return cursor_; }

 private:
  std::string cursor_;
};

}  // namespace mistral::workflows
