// One accepted connection as a stream of plain bytes, TLS
// or not, that can be ended in every way a peer may meet.
// Not HTTP: it knows no messages.
#pragma once

#include <mistral/workflows/testing/fault.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <openssl/ssl.h>

#include <span>
#include <string>

namespace mistral::workflows::testing {

/// OpenSSL is driven over memory, not through asio::ssl: its `async_shutdown` waits for
/// the peer, and a fault must be able to close with a close_notify and without waiting,
/// or with none. Used on the server's thread only; one coroutine reads, one writes.
class wire {
 public:
  /// Without a context: plain.
  wire(boost::asio::ip::tcp::socket socket, SSL_CTX* context);
  ~wire();
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
  bool secure() const noexcept { return tls_ != nullptr; }
  /// Whether the handshake took up an earlier session.
  bool resumed() const noexcept;

  /// Completes when there is something to read (or the end); for faults that strike before the handshake.
  boost::asio::awaitable<void> readable();
  /// Reads what has come and forgets it, TLS or not. False: the peer has ended.
  boost::asio::awaitable<bool> swallow();
  /// False: it failed, and the alert has been sent.
  boost::asio::awaitable<bool> handshake();
  /// Adds what has come to `into`. False: the peer has ended,
  /// or the connection broke. `into` outlives the call.
  boost::asio::awaitable<bool> read_more(std::string& into);
  /// False: the connection is gone.
  boost::asio::awaitable<bool> write(std::string bytes);
  /// Ends what this side sends; the peer may go on.
  void end_sending();
  /// Ends the connection; what `ending::clean` needs of HTTP has been written by the caller.
  void close(ending how);

 private:
  boost::asio::awaitable<bool> flush();
  boost::asio::awaitable<std::span<const char>> receive();
  boost::asio::awaitable<bool> receive_tls();
  void flush_now();
  void say_goodbye();

  boost::asio::ip::tcp::socket socket_;
  SSL* tls_ = nullptr;
  BIO* from_peer_ = nullptr;  ///< owned by tls_
  BIO* to_peer_ = nullptr;    ///< owned by tls_
  bool writing_ = false;
  bool broken_ = false;
};

}  // namespace mistral::workflows::testing
