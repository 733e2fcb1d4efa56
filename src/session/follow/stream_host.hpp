// What a stream needs of its surroundings: connections, looks at executions and runs, keys, randomness.
// Not the logic of a stream (stream.hpp). Tests put a scripted one in its place.
#pragma once

#include "protocol/follow/watcher.hpp"
#include "protocol/http/request.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

/// What the head of an answer says, as far as a stream asks.
struct stream_head {
  stream_head() = default;

  int status = 0;
  std::string content_type;       ///< this and all below: as they may be shown
  std::string coding;             ///< one that nobody asked for; empty: none
  protocol::header_list headers;  ///< those that errors tell of
  std::string location;           ///< of a redirection
  std::optional<std::chrono::milliseconds> retry_after;
};

/// What a GET of an execution brought.
struct status_answer {
  status_answer() = default;

  protocol::status_facts facts;
  std::shared_ptr<const execution> state;  ///< where it was understood
  std::exception_ptr failure;              ///< where it is missing or refused: what a call ends with
};

/// The answer to a stream's request. Its end closes the connection.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_connection {
 public:
  virtual ~stream_connection();

  virtual const stream_head& head() const noexcept = 0;

  /// The next part of the body that has been received, good
  /// until more is; empty where there is none. Does no I/O.
  virtual std::string_view next_piece() noexcept = 0;
  /// The body has come to its regular end, and all of it has been taken.
  virtual bool complete() const noexcept = 0;

  /// Waits for more, once there is no piece; what comes may be less than a
  /// piece. Throws boost::system::system_error when the connection breaks.
  /// Cancel: costs nothing; the next call goes on where this one waited.
  virtual boost::asio::awaitable<void> receive() = 0;
  /// The same without waiting; false where nothing is there yet, or where `receive` would throw.
  /// `after_pause`: some time has passed since the last time,
  /// so something may be there although all was taken then.
  virtual bool try_receive(bool after_pause) noexcept = 0;
  /// Bytes come in quick succession, so that a short pause brings
  /// more of them at a time than `receive`, which costs more.
  virtual bool flowing() const noexcept = 0;
};

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_host {
 public:
  virtual ~stream_host();

  /// Where the stream runs: a strand, unless the context has one thread only.
  virtual boost::asio::any_io_executor executor() = 0;

  /// Sends the request and reads the answer's head. Throws
  /// boost::system::system_error. Called for one stream at a time.
  virtual boost::asio::awaitable<std::unique_ptr<stream_connection>> open(protocol::request request) = 0;

  /// How the execution stands: one attempt, which may wait for its turn. Throws when cancelled only.
  virtual boost::asio::awaitable<status_answer> status(std::string execution_id) = 0;

  /// The execution that a run belongs to. One attempt.
  virtual boost::asio::awaitable<protocol::run_facts> execution_of(std::string run_id) = 0;

  /// How long one of these may take in all.
  virtual std::chrono::milliseconds look_limit() const;

  /// The server refused the key of the last `open`. True if another can be had.
  virtual bool renew_key() = 0;

  /// The key that the last `open` was made with and those before it, as redact()
  /// takes them: what must not be shown in any text of the server's; empty: none.
  virtual std::string_view key() const;

  /// The environment variable that the key came from; empty: none.
  virtual std::string_view key_variable() const;

  /// Uniform in [0, 1).
  virtual double random01() = 0;

  /// Throws invalid_argument in a child of the process that
  /// the stream belongs to. Called on the caller's executor.
  virtual void check_process() const;
};

}  // namespace mistral::workflows::session
