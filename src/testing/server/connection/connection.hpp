// One client's connection: handshake, requests one after
// the other, answers, and what faults do to all of that.
// Not the operations (operations.hpp) nor the text of streams (stream_writer.hpp).
#pragma once

#include "testing/server/connection/wire.hpp"
#include "testing/server/core/core.hpp"
#include "testing/server/message/message.hpp"

#include <boost/asio/steady_timer.hpp>

namespace mistral::workflows::testing {

using struck_fault = std::shared_ptr<fault_handle::state>;  ///< null: none

class connection : public std::enable_shared_from_this<connection> {
 public:
  static void start(core& server, boost::asio::ip::tcp::socket socket);
  connection(core& server, boost::asio::ip::tcp::socket socket);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  core& server() noexcept { return server_; }
  bool idle() const noexcept { return idle_; }
  /// The client has ended its side, or this side was closed.
  bool gone() const noexcept { return gone_; }
  void close(ending how);

  // --- for what works on a request

  /// Ends a `wait`, now or when it begins.
  void wake();
  /// Until woken or until then; may return too early.
  boost::asio::awaitable<void> wait(
      boost::asio::steady_timer::time_point limit = boost::asio::steady_timer::time_point::max());
  /// Until that time has passed or the server stops; a client that
  /// has gone does not end it, as it would not end real work.
  boost::asio::awaitable<void> pause(std::chrono::milliseconds time);
  /// Until the fault lets go or the server stops.
  boost::asio::awaitable<void> held(struck_fault fault);
  /// Until the fault lets go or the client has gone.
  boost::asio::awaitable<void> stalled(struck_fault fault);
  /// False: the connection is gone.
  boost::asio::awaitable<bool> write(std::string bytes);

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> shake_hands();
  boost::asio::awaitable<void> read_on();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<std::shared_ptr<request>> read_request();
  boost::asio::awaitable<bool> handle(std::shared_ptr<request> asked);
  boost::asio::awaitable<answer> carry_out(std::size_t operation, std::shared_ptr<request> asked);
  boost::asio::awaitable<answer> await_end(awaited_end awaited);
  boost::asio::awaitable<bool> send(std::shared_ptr<request> asked, std::shared_ptr<answer> given,
                                    struck_fault fault);
  boost::asio::awaitable<bool> send_text(std::string head, std::string body, struck_fault fault);
  boost::asio::awaitable<void> refuse(int status, std::string detail);
  boost::asio::awaitable<void> drain();
  void set_idle(bool idle);

  core& server_;
  std::shared_ptr<watch> seen_;
  wire wire_;
  boost::asio::steady_timer woken_;
  boost::asio::steady_timer room_;
  std::string in_;
  bool wake_pending_ = false;
  bool gone_ = false;
  bool idle_ = false;
};

/// The head of an answer, with `Date` and `x-request-id`.
class head_writer {
 public:
  head_writer(int status, core& server);
  void add(std::string_view name, std::string_view value);
  std::string finish();

 private:
  std::string text_;
};

/// As HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(clock::time_point time);

}  // namespace mistral::workflows::testing
