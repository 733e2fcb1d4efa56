// What a stream needs of its surroundings: connections, a look at an execution, another key, randomness.
// Not the logic of a stream (stream.hpp). Tests put a scripted one in its place.
#pragma once

#include "protocol/follow/stream_end.hpp"
#include "protocol/http/request.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

/// What the head of an answer says, as far as a stream asks.
struct stream_head {
  stream_head() = default;

  int status = 0;
  std::string content_type;
  std::string request_id;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// The answer to a stream's request. Its end closes the connection.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_connection {
 public:
  virtual ~stream_connection();

  virtual const stream_head& head() const noexcept = 0;

  /// The next part of the body that has been received, good until more is; empty where there is none. Does no I/O.
  virtual std::string_view next_piece() noexcept = 0;
  /// The body has come to its regular end, and all of it has been taken.
  virtual bool complete() const noexcept = 0;

  /// Waits for more, once there is no piece; what comes may be less than a piece. Throws boost::system::system_error when the
  /// connection breaks. Cancel: costs nothing; the next call goes on where this one waited.
  virtual boost::asio::awaitable<void> receive() = 0;
  /// The same without waiting; false where nothing is there yet, or where `receive` would throw.
  /// `after_pause`: some time has passed since the last time, so something may be there although all was taken then.
  virtual bool try_receive(bool after_pause) noexcept = 0;
  /// Bytes come in quick succession, so that a short pause brings more of them at a time than `receive`, which costs more.
  virtual bool flowing() const noexcept = 0;
};

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_host {
 public:
  virtual ~stream_host();

  /// Where the stream runs: a strand, unless the context has one thread only.
  virtual boost::asio::any_io_executor executor() = 0;

  /// Sends the request and reads the answer's head. Throws boost::system::system_error. Called for one stream at a time.
  virtual boost::asio::awaitable<std::unique_ptr<stream_connection>> open(protocol::request request) = 0;

  /// How the execution stands; `known` is false where it could not be found out. Throws when cancelled only.
  virtual boost::asio::awaitable<protocol::status_facts> status(std::string execution_id) = 0;

  /// The execution that a run belongs to; empty where it could not be found out. Throws when cancelled only.
  virtual boost::asio::awaitable<std::string> execution_of(std::string run_id) = 0;

  /// The server refused the key of the last `open`. True if another can be had.
  virtual bool renew_key() = 0;

  /// Takes the key out of a text of the server's that is to be shown.
  virtual void hide_key(std::string& text) const;

  /// Uniform in [0, 1).
  virtual double random01() = 0;
};

}  // namespace mistral::workflows::session
