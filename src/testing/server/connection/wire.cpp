#include "testing/server/connection/wire.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/err.h>

#include <array>

namespace mistral::workflows::testing {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
// Never holds anything across a suspension.
thread_local std::array<char, 64 * 1024> scratch;
}  // namespace

wire::wire(asio::ip::tcp::socket socket, SSL_CTX* context) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (!context) return;
  tls_ = SSL_new(context);
  from_peer_ = BIO_new(BIO_s_mem());
  to_peer_ = BIO_new(BIO_s_mem());
  BIO_set_mem_eof_return(from_peer_, -1);
  SSL_set_bio(tls_, from_peer_, to_peer_);
  SSL_set_accept_state(tls_);
}

wire::~wire() { SSL_free(tls_); }

bool wire::resumed() const noexcept { return tls_ && SSL_session_reused(tls_) == 1; }

asio::awaitable<void> wire::readable() {
  error_code ignored;
  co_await socket_.async_wait(asio::socket_base::wait_read,
                              asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<bool> wire::swallow() {
  const std::span<const char> bytes = co_await receive();
  co_return !bytes.empty();
}

asio::awaitable<bool> wire::handshake() {
  if (!tls_) co_return true;
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(tls_);
    const int reason = SSL_get_error(tls_, result);
    const bool sent = co_await flush();
    if (result == 1) co_return sent;
    if (!sent || reason != SSL_ERROR_WANT_READ) co_return false;
    const bool received = co_await receive_tls();
    if (!received) co_return false;
  }
}

asio::awaitable<bool> wire::read_more(std::string& into) {
  if (!tls_) {
    const std::span<const char> bytes = co_await receive();
    into.append(bytes.data(), bytes.size());
    co_return !bytes.empty();
  }
  for (;;) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(tls_, scratch.data(), scratch.size(), &count);
    if (result == 1) {
      into.append(scratch.data(), count);
      co_return true;
    }
    const int reason = SSL_get_error(tls_, result);
    const bool sent = co_await flush();
    if (!sent || reason != SSL_ERROR_WANT_READ) co_return false;
    const bool received = co_await receive_tls();
    if (!received) co_return false;
  }
}

asio::awaitable<bool> wire::write(std::string bytes) {
  if (broken_ || !socket_.is_open()) co_return false;
  if (!tls_) {
    error_code failed;
    co_await asio::async_write(socket_, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, failed));
    co_return !failed;
  }
  if (!bytes.empty()) {
    ERR_clear_error();
    std::size_t count = 0;
    if (SSL_write_ex(tls_, bytes.data(), bytes.size(), &count) != 1) co_return false;
  }
  co_return co_await flush();
}

// The writer and the reader (whose reads may have TLS answer by itself)
// both flush: whoever comes second leaves its bytes to the first.
asio::awaitable<bool> wire::flush() {
  while (!writing_ && !broken_ && BIO_ctrl_pending(to_peer_) > 0) {
    std::string bytes(BIO_ctrl_pending(to_peer_), '\0');
    BIO_read(to_peer_, bytes.data(), static_cast<int>(bytes.size()));
    writing_ = true;
    error_code failed;
    co_await asio::async_write(socket_, asio::buffer(bytes),
                               asio::redirect_error(asio::use_awaitable, failed));
    writing_ = false;
    broken_ = broken_ || failed;
  }
  co_return !broken_;
}

// Waits first and reads then, so that a silent connection holds no buffer.
asio::awaitable<std::span<const char>> wire::receive() {
  for (;;) {
    error_code failed;
    co_await socket_.async_wait(asio::socket_base::wait_read,
                                asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return std::span<const char>();
    const std::size_t count = socket_.read_some(asio::buffer(scratch), failed);
    if (failed == asio::error::would_block || failed == asio::error::try_again) continue;
    if (failed) co_return std::span<const char>();
    co_return std::span<const char>(scratch.data(), count);
  }
}

asio::awaitable<bool> wire::receive_tls() {
  const std::span<const char> bytes = co_await receive();
  if (!bytes.empty()) BIO_write(from_peer_, bytes.data(), static_cast<int>(bytes.size()));
  co_return !bytes.empty();
}

void wire::flush_now() {
  const std::size_t size = BIO_ctrl_pending(to_peer_);
  if (size == 0 || writing_ || broken_) return;
  std::string bytes(size, '\0');
  BIO_read(to_peer_, bytes.data(), static_cast<int>(bytes.size()));
  error_code ignored;
  socket_.write_some(asio::buffer(bytes), ignored);
}

void wire::say_goodbye() {
  if (!tls_ || !SSL_is_init_finished(tls_)) return;
  ERR_clear_error();
  SSL_shutdown(tls_);
  flush_now();
}

void wire::end_sending() {
  error_code ignored;
  say_goodbye();
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void wire::close(ending how) {
  if (!socket_.is_open()) return;
  error_code ignored;
  if (how == ending::reset) {
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  } else {
    if (how != ending::no_close_notify) say_goodbye();
    // Bytes that were never read would turn the FIN of `close` into an RST.
    while (socket_.available(ignored) > 0 && socket_.read_some(asio::buffer(scratch), ignored) > 0) {
    }
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }
  socket_.close(ignored);
  broken_ = true;
}

}  // namespace mistral::workflows::testing
