// Connections to one server, shared by many coroutines on
// many threads: take a lease, exchange bytes, let it go.
// Knows no deadline of a call, no retry and no workflow:
// whoever waits too long cancels, and decides what to do next.
#pragma once

#include "net/common/failure.hpp"
#include "net/common/pool_options.hpp"
#include "net/http/response_head.hpp"
#include "protocol/pool/pool_state.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::net {

class channel;
class connection;
class pool_core;
enum class readiness;

/// Calls are short and limited in number; streams live long and
/// have a limit of their own, so neither starves the other.
using kind = protocol::lease_kind;

/// The part of an exchange that is going on; the same names as wf::call_phase.
enum class phase {
  waiting_for_connection,
  resolving,
  connecting,
  proxy,
  tls_handshake,
  sending,
  waiting_for_answer,
  reading_body
};

/// How long each phase took, for those who want to know. Starts with the first.
class phase_clock {
 public:
  phase_clock() : since_(std::chrono::steady_clock::now()) {}

  using time_point = std::chrono::steady_clock::time_point;

  void enter(phase next, time_point at = std::chrono::steady_clock::now()) noexcept {
    stop(at);
    now_ = next;
  }
  /// The time since the last phase began counts for it.
  void stop(time_point at = std::chrono::steady_clock::now()) noexcept {
    spent_[static_cast<std::size_t>(now_)] += at - since_;
    since_ = at;
  }
  std::chrono::nanoseconds spent(phase in) const noexcept { return spent_[static_cast<std::size_t>(in)]; }

 private:
  std::array<std::chrono::nanoseconds, 8> spent_{};
  phase now_ = phase::waiting_for_connection;
  time_point since_;
};

/// The phase that is reached; a clock, where there is one, hears of each.
class phase_mark {
 public:
  phase_mark() = default;

  phase_mark& operator=(phase next) noexcept {
    now_ = next;
    if (clock != nullptr) clock->enter(next);
    return *this;
  }
  void enter(phase next, phase_clock::time_point at) noexcept {
    now_ = next;
    if (clock != nullptr) clock->enter(next, at);
  }
  operator phase() const noexcept {
    return now_;
  }  // NOLINT(google-explicit-constructor): it stands for the phase

  phase_clock* clock = nullptr;  ///< must outlive the operations that the progress is handed to

 private:
  phase now_ = phase::waiting_for_connection;
};

/// How far an attempt got. Owned by the caller, written while the operations
/// below run, and still true after they threw or were cancelled. Must
/// outlive the lease. Touched only on the executor of the calling coroutine.
struct progress {
  progress() = default;

  /// As new, but with the same clock.
  void reset() noexcept {
    phase_clock* const kept = reached.clock;
    *this = progress();
    reached.clock = kept;
  }

  phase_mark reached;
  bool request_may_have_left = false;  ///< at least one byte of the request was handed to the system
  bool request_sent = false;           ///< all of it was
  bool answer_began = false;           ///< at least one byte came back after the request began
  bool reused = false;                 ///< the connection had served an exchange before
  std::uint64_t bytes_sent = 0;        ///< of HTTP, before TLS
  std::uint64_t bytes_received = 0;    ///< of HTTP, after TLS
};

/// A connection on loan, for one exchange after another. One
/// operation at a time; neither moved nor destroyed during one.
///
/// Errors: failure - the system's, Asio's or OpenSSL's code or a net::error, with a reason.
/// The connection is then done for. Cancel: terminal, partial and total alike end the wait
/// at once with system_error(operation_aborted), as far as the calling coroutine's
/// cancellation state lets them through; an exchange that had begun costs the connection. A
/// lease that outlives its io_context does no harm, but cannot be used any more.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT lease {
 public:
  lease() noexcept;
  /// Gives the connection back if the answer was read to its end and the server
  /// keeps the connection open, and also if nothing was sent; else closes it.
  ~lease();
  lease(lease&& other) noexcept;
  lease& operator=(lease&& other) noexcept;

  explicit operator bool() const noexcept { return connection_ != nullptr; }

  /// Sends head and body of a request in one piece. `bytes` must stay alive until this is done.
  boost::asio::awaitable<void> send(std::string_view bytes);

  /// Reads up to the end of the head of the final answer; 1xx answers are passed over.
  /// The reference is good until the next send() or the end of the lease.
  boost::asio::awaitable<const response_head*> read_head();

  /// Appends what of the body is there, waiting for the first byte: how many bytes
  /// were appended, 0 when the body is complete. Chunk framing is taken off.
  boost::asio::awaitable<std::size_t> read_some(std::string& append_to);

  /// The body without a copy: the next part of it among the bytes that have been received, framing
  /// taken off; empty where there is none. Good until the next receive() or try_receive().
  std::string_view next_piece() noexcept;
  /// Waits for more of it, after next_piece() had none; returns
  /// at once if the body is complete(). May bring no piece.
  boost::asio::awaitable<void> receive();
  /// The same without waiting: false where nothing is there yet, or where receive() would fail.
  /// `after_pause`: asks the system also where the last read took all there was.
  bool try_receive(bool after_pause = false) noexcept;
  /// For a stream: bytes come in quick succession, so that
  /// a pause brings more of them at a time than receive().
  bool flowing() const noexcept;

  /// Appends the rest of the body. One coroutine for all of it: cheaper than read_some() in a loop.
  boost::asio::awaitable<void> read_body(std::string& append_to);

  // The same in steps, for coroutines of another kind. Each goes as far as it can:
  // nullopt when it is through, else what to wait for on bytes() before the next try.
  void begin_send(std::string_view bytes);
  std::optional<readiness> send_step();
  std::optional<readiness> head_step();
  /// Through when something was appended or the body is complete.
  std::optional<readiness> body_step(std::string& append_to);
  channel& bytes();

  /// The limit on the body of the next answer; nullopt: none. Until
  /// set, pool_options::body_limit for calls, none for streams.
  void body_limit(std::optional<std::uint64_t> bytes) noexcept;

  /// After read_head(): what the last one returned.
  const response_head& head() const noexcept;
  /// The answer has been read to its end.
  bool complete() const noexcept;

  /// Between two exchanges: still open, and silent.
  bool alive() const noexcept;
  /// Another exchange may follow, as far as this side knows.
  bool reusable() const noexcept;

  /// Closes the connection and ends the lease.
  void close() noexcept;

 private:
  friend class pool;
  friend class pool_core;
  lease(std::shared_ptr<pool_core> core, connection* taken, int id) noexcept;

  std::shared_ptr<pool_core> core_;
  connection* connection_ = nullptr;
  int id_ = 0;
};

/// What a pool did since it was made, and what it holds now.
struct pool_stats {
  pool_stats() = default;

  std::uint64_t opened = 0;  ///< connections that were made, TLS included
  std::uint64_t reused = 0;  ///< leases given on a connection that was there
  std::uint64_t stale = 0;   ///< idle connections found closed by the server, or with bytes nobody asked for
  std::uint64_t connect_failures = 0;    ///< attempts to open one that failed; cancelled ones not counted
  std::uint64_t handshakes = 0;          ///< TLS handshakes completed, resumed ones included
  std::uint64_t resumed_handshakes = 0;  ///< those that resumed a session
  int idle = 0;
  int in_use = 0;   ///< on loan or being opened
  int waiting = 0;  ///< coroutines that wait for a connection
};

/// Thread-safe. Keeps no operation pending while nobody uses it, so
/// `io_context::run()` returns with idle connections in it; but a connection that is
/// being made is made, or ends by the connect limit, whether or not its caller waits.
/// Connections belong to a service of the executor's context: they are
/// closed when that goes away, and a pool that outlives it does no harm.
///
/// Reuse is most recently used first, checked on every taking. When all connections are on loan, waiters are
/// served in the order they came. Whoever may open a connection has it opened by a coroutine beside it; if
/// it leaves before that is done, the connection is the pool's. Look-ups of a name are shared, cached for 30
/// s, and left behind by who is cancelled or out of time; a getaddrinfo that has begun cannot be stopped, it
/// holds neither a caller nor run(), and the destructor of the io_context until it is a second old.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT pool {
 public:
  /// `executor` is what sockets are made on: the context's own, not a strand.
  /// Errors: option_error - a file cannot be read, a limit makes no sense.
  pool(boost::asio::any_io_executor executor, pool_options options);
  /// As close(); leases on loan stay usable.
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// A connection that is ready to send on. `record` is reset first.
  /// Errors: failure - record.reached says where; net::error::closed after close().
  /// Cancel: any type that the caller's state lets through; costs nothing.
  boost::asio::awaitable<lease> acquire(kind use, progress& record);

  /// The same if it takes no waiting and no connecting, else
  /// an empty lease. Saves a coroutine on the common path.
  lease try_acquire(kind use, progress& record);

  /// Closes idle connections, ends those being made for nobody, ends waiters
  /// and later acquire()s with net::error::closed, and closes those on loan
  /// as they return. Needs no operation and does not wait. May be repeated.
  void close() noexcept;

  /// As close(), and ends what is on loan or being opened: whoever waits there
  /// gets net::error::closed, as does who uses such a lease later. Does not wait:
  /// everybody has been told when it returns. May be repeated, also after close().
  void abort() noexcept;

  /// Closes idle connections that are past a limit, as also happens by itself on every taking and return.
  void trim() noexcept;

  pool_stats stats() const;

 private:
  std::shared_ptr<pool_core> core_;
};

}  // namespace mistral::workflows::net
