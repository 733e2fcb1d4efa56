#include "net/tls/tls_channel.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <openssl/x509.h>

#include <cerrno>
#include <climits>
#include <utility>

#include <sys/socket.h>

namespace mistral::workflows::net {

// A BIO of our own for two reasons: OpenSSL's socket BIO writes without MSG_NOSIGNAL, so that a peer that
// closed kills the process with SIGPIPE; and errno and the end of the stream are wanted exactly as they were.
struct tls_channel::bio_functions {
  static BIO* make(tls_channel* owner) {
    static BIO_METHOD* const method = make_method();
    BIO* const bio = BIO_new(method);
    BIO_set_data(bio, owner);
    BIO_set_init(bio, 1);
    return bio;
  }

  static BIO_METHOD* make_method() {
    BIO_METHOD* const method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    BIO_meth_set_read(method, &read);
    BIO_meth_set_write(method, &write);
    BIO_meth_set_ctrl(method, &control);
    return method;
  }

  static int read(BIO* bio, char* into, int size) {
    auto* const owner = static_cast<tls_channel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    if (owner->reads_left_ == 0) {  // of no whole record here: who waits for the socket misses nothing
      BIO_set_retry_read(bio);
      return -1;
    }
    --owner->reads_left_;
    ssize_t got = 0;
    do got = ::recv(owner->socket_.native_handle(), into, static_cast<std::size_t>(size), 0);
    while (got < 0 && errno == EINTR);
    owner->drained_ = got < size;
    if (got == 0) owner->peer_gone_ = true;
    if (got < 0) {
      owner->last_errno_ = errno;
      if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_read(bio);
    }
    return static_cast<int>(got);
  }

  static int write(BIO* bio, const char* from, int size) {
    auto* const owner = static_cast<tls_channel*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    ssize_t put = 0;
    do put = ::send(owner->socket_.native_handle(), from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
    while (put < 0 && errno == EINTR);
    if (put < 0) {
      owner->last_errno_ = errno;
      if (errno == EAGAIN || errno == EWOULDBLOCK) BIO_set_retry_write(bio);
    }
    return static_cast<int>(put);
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return static_cast<tls_channel*>(BIO_get_data(bio))->peer_gone_ ? 1 : 0;
    return 0;
  }
};

namespace {

// Errors that somebody left on this thread would be taken for
// ours. There are none almost always, and asking is cheap.
void forget_errors() noexcept {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

tls_channel::tls_channel(tcp_socket socket, ssl_ptr connection)
    : channel(&socket_), socket_(std::move(socket)), ssl_(std::move(connection)) {
  error_code ignored;
  socket_.native_non_blocking(true, ignored);
  BIO* const bio = bio_functions::make(this);
  SSL_set_bio(ssl_.get(), bio, bio);
}

tls_channel::~tls_channel() = default;

// OpenSSL reads on where it finds nothing for us, such as session tickets: who
// sends those without end would have the thread to itself, past every deadline.
void tls_channel::begin_try() noexcept {
  forget_errors();
  reads_left_ = most_reads;
}

io_result tls_channel::translate(int returned) noexcept {
  const int kind = SSL_get_error(ssl_.get(), returned);
  if (kind == SSL_ERROR_WANT_READ) return io_result(io_result::what::want_read);
  if (kind == SSL_ERROR_WANT_WRITE) return io_result(io_result::what::want_write);
  if (kind == SSL_ERROR_ZERO_RETURN) return io_result(io_result::what::end);
  broken_ = true;
  if (peer_gone_) {
    ERR_clear_error();
    return io_result(io_result::what::cut);
  }
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (kind == SSL_ERROR_SYSCALL || code == 0) {
    const error_code why(last_errno_ != 0 ? last_errno_ : ECONNRESET, boost::system::system_category());
    return io_result(why, why.message());
  }
  const char* const text = ERR_reason_error_string(code);
  return io_result(error_code(static_cast<int>(code), asio::error::get_ssl_category()),
                   text ? text : "TLS error");
}

io_result tls_channel::try_handshake() noexcept {
  begin_try();
  const int returned = SSL_do_handshake(ssl_.get());
  return returned == 1 ? io_result(std::size_t{0}) : translate(returned);
}

io_result tls_channel::try_read(std::span<char> into) noexcept {
  begin_try();
  const int returned =
      SSL_read(ssl_.get(), into.data(), static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX)));
  return returned > 0 ? io_result(static_cast<std::size_t>(returned)) : translate(returned);
}

io_result tls_channel::try_write(std::string_view from) noexcept {
  begin_try();
  const int returned =
      SSL_write(ssl_.get(), from.data(), static_cast<int>(std::min<std::size_t>(from.size(), INT_MAX)));
  return returned > 0 ? io_result(static_cast<std::size_t>(returned)) : translate(returned);
}

bool tls_channel::worth_reading() const noexcept { return !drained_ || SSL_has_pending(ssl_.get()) == 1; }

// Mostly the socket has nothing at all, which one system call tells. Else a peek takes in what
// the peer may send at any time, such as a late session ticket, and says "later" after it;
// where that takes all the reads of a try, it is more than anybody has reason to send.
bool tls_channel::alive() noexcept {
  char byte = 0;
  const bool nothing_kept = !broken_ && SSL_has_pending(ssl_.get()) == 0;
  if (nothing_kept && ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
      (errno == EAGAIN || errno == EWOULDBLOCK))
    return true;
  begin_try();
  const int returned = SSL_peek(ssl_.get(), &byte, 1);
  return returned <= 0 && translate(returned).blocked() && reads_left_ > 0;
}

void tls_channel::farewell() noexcept {
  if (broken_ || !SSL_is_init_finished(ssl_.get())) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void tls_channel::keep_alive() noexcept { channel::keep_alive(socket_); }

// Room for four whole records of TLS: header, 16 KB, tag, and what TLS 1.2 has beside it; OpenSSL leaves
// out up to 7 bytes at the beginning. A few bytes less, and each four records would take two system calls.
constexpr std::size_t record_size = 5 + 8 + 16 * 1024 + 16;
constexpr std::size_t stream_buffer_size = 4 * record_size + 7;

// A stream reads several records with a system call, and gives back the large buffer whenever that is empty.
// A call keeps its buffers: to allocate them for each record costs more than all of the library's own work.
void tls_channel::resize_buffers(bool for_stream) noexcept {
  const use next = for_stream ? use::stream : use::call;
  if (std::exchange(buffers_for_, next) == next) return;
  SSL_set_default_read_buffer_len(ssl_.get(), for_stream ? stream_buffer_size : 0);
  if (for_stream)
    SSL_set_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
  else
    SSL_clear_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
}

void tls_channel::release_buffers() noexcept { SSL_free_buffers(ssl_.get()); }

void tls_channel::shut_down() noexcept { channel::shut_down(socket_); }

void tls_channel::stop_waiting() noexcept {
  error_code ignored;
  socket_.cancel(ignored);
}

bool tls_channel::resumed() const noexcept { return SSL_session_reused(ssl_.get()) == 1; }

std::string tls_channel::explain(const io_result& came) {
  if (came.code.category() != asio::error::get_ssl_category()) return came.reason;
  switch (ERR_GET_REASON(static_cast<unsigned long>(came.code.value()))) {
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
      return "the server does not speak TLS of version 1.2 or later (" + came.reason + ")";
    case SSL_R_WRONG_VERSION_NUMBER:
      return "what answers there does not speak TLS (" + came.reason + ")";
    default:
      return came.reason;
  }
}

std::string tls_channel::certificate_problem() const {
  const long result = SSL_get_verify_result(ssl_.get());
  switch (result) {
    case X509_V_OK:
      return {};
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "it has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "it is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "it is for another host (what counts is its subjectAltName)";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "it is self-signed";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "it is signed by an unknown CA";
    default:
      return X509_verify_cert_error_string(result);
  }
}

}  // namespace mistral::workflows::net
