// What a stream has under way beside its reading: a connect, or a GET. Outlives the wait that began it, has a
// limit of its own, and is ended by the close of the stream.
// Not what is made of the answer: stream_connect.cpp.
#pragma once

#include "session/follow/stream_host.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <string>

namespace mistral::workflows::session {

/// Touched on the stream's executor only, until it is done.
/// Owned by the coroutine that it stands for, and by the stream.
struct exchange {
  explicit exchange(const boost::asio::any_io_executor& executor) : limit(executor) {}

  /// From now on it may last so long.
  static void limit_to(const std::shared_ptr<exchange>& one, std::chrono::milliseconds time) {
    one->limit.expires_after(time);
    one->limit.async_wait([one](const boost::system::error_code& cancelled) {
      if (cancelled || one->done) return;
      one->late = true;
      one->end();
    });
  }
  void end() {
    if (!done) stop.emit(boost::asio::cancellation_type::terminal);
  }

  boost::asio::cancellation_signal stop;
  boost::asio::steady_timer limit;
  std::atomic<bool> done{false};  ///< also for who closes the stream, on any thread
  bool late = false;              ///< ended by its limit
  std::exception_ptr failure;     ///< once it is done
};

struct connect_exchange : exchange {
  using exchange::exchange;

  std::unique_ptr<stream_connection> connection;  ///< none: no head of an answer came
  std::string refusal;                            ///< the body of an answer that is no event stream
};

struct status_exchange : exchange {
  using exchange::exchange;

  status_answer answer;
};

struct run_exchange : exchange {
  using exchange::exchange;

  protocol::run_facts answer;
};

}  // namespace mistral::workflows::session
