#include "net/raw_server.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>

#include <algorithm>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

namespace test {

peer::~peer() {
  if (tls_) {
    SSL_set_quiet_shutdown(tls_, 1);
    SSL_free(tls_);
  }
}

int peer::read(char* into, int size) {
  return tls_ ? SSL_read(tls_, into, size)
              : static_cast<int>(::recv(fd_, into, static_cast<std::size_t>(size), 0));
}

std::string peer::read_request() {
  std::string request;
  for (;;) {
    if (const auto head = request.find("\r\n\r\n"); head != std::string::npos) {
      const auto length = request.find("Content-Length: ");
      const std::size_t body = length == std::string::npos ? 0 : std::stoul(request.substr(length + 16));
      if (request.size() >= head + 4 + body) return request;
    }
    char buffer[4096];
    const int got = read(buffer, sizeof buffer);
    if (got <= 0) return {};
    request.append(buffer, static_cast<std::size_t>(got));
  }
}

std::string peer::read_head() {
  std::string head;
  char buffer[4096];
  while (head.find("\r\n\r\n") == std::string::npos) {
    const int got = read(buffer, sizeof buffer);
    if (got <= 0) return {};
    head.append(buffer, static_cast<std::size_t>(got));
  }
  return head.substr(0, head.find("\r\n\r\n") + 4);
}

namespace {

bool send_all(int fd, const char* from, std::size_t size) {
  for (std::size_t at = 0; at < size;) {
    const auto put = ::send(fd, from + at, size - at, MSG_NOSIGNAL);
    if (put <= 0) return false;
    at += static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace

bool peer::write(const std::string& text) {
  if (text.empty()) return true;
  if (tls_) return SSL_write(tls_, text.data(), static_cast<int>(text.size())) > 0;
  return send_all(fd_, text.data(), text.size());
}

void peer::relay(std::uint16_t port) {
  const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  where.sin_port = htons(port);
  bool open = ::connect(other, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
  while (open) {
    pollfd ends[] = {{fd_, POLLIN, 0}, {other, POLLIN, 0}};
    open = ::poll(ends, 2, -1) > 0;
    for (const pollfd& one : ends) {
      if (!open || one.revents == 0) continue;
      char buffer[4096];
      const auto got = ::recv(one.fd, buffer, sizeof buffer, 0);
      open = got > 0 && send_all(one.fd == fd_ ? other : fd_, buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(other);
}

void peer::goodbye() {
  if (tls_) SSL_shutdown(tls_);
  ::shutdown(fd_, SHUT_WR);
}

void peer::cut() { ::shutdown(fd_, SHUT_RDWR); }

void peer::send_ticket() {
  SSL_new_session_ticket(tls_);
  SSL_do_handshake(tls_);
}

// Written into memory first.
void peer::flood_with_tickets(int count, const std::function<void()>& told) {
  BIO* const to_client = SSL_get_wbio(tls_);
  BIO_up_ref(to_client);
  BIO* const memory = BIO_new(BIO_s_mem());
  SSL_set0_wbio(tls_, memory);
  for (int i = 0; i < count; ++i) send_ticket();
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  const std::string bytes(data, static_cast<std::size_t>(size));
  SSL_set0_wbio(tls_, to_client);
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const auto put = ::send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put <= 0) break;
    sent += static_cast<std::size_t>(put);
  }
  told();
  send_all(fd_, bytes.data() + sent, bytes.size() - sent);
}

std::string peer::certificate() const {
  X509* const shown = tls_ ? SSL_get1_peer_certificate(tls_) : nullptr;
  BIO* const text = BIO_new(BIO_s_mem());
  if (shown) PEM_write_bio_X509(text, shown);
  char* data = nullptr;
  const long size = BIO_get_mem_data(text, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(text);
  X509_free(shown);
  return out;
}

void peer::wait_for_end() {
  char buffer[4096];
  while (read(buffer, sizeof buffer) > 0) {
  }
}

namespace {

SSL_CTX* make_context(const raw_server_options& options,
                      const mistral::workflows::testing::certificate_set& made) {
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");  // else OpenSSL has no TLS below 1.2 to offer
  SSL_CTX_set_min_proto_version(context, options.lowest_tls);
  SSL_CTX_set_max_proto_version(context, options.highest_tls);
  SSL_CTX_set_num_tickets(context, static_cast<std::size_t>(options.tickets));
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("raw"), 3);
  BIO* const chain = BIO_new_mem_buf(made.chain_pem.data(), -1);
  X509* const certificate = PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
  BIO* const key_text = BIO_new_mem_buf(made.key_pem.data(), -1);
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, certificate);
  SSL_CTX_use_PrivateKey(context, key);
  X509_free(certificate);
  EVP_PKEY_free(key);
  BIO_free(chain);
  BIO_free(key_text);
  if (options.ask_for_certificate) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       [](int, X509_STORE_CTX*) { return 1; });
  }
  return context;
}

}  // namespace

raw_server::raw_server(script behave, raw_server_options options)
    : behave_(std::move(behave)), options_(options) {
  if (options_.tls) {
    const auto made = mistral::workflows::testing::make_certificates(options_.certificate);
    ca_pem_ = made.ca_pem;
    context_ = make_context(options_, made);
  }
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  if (::bind(listening_, reinterpret_cast<sockaddr*>(&where), size) != 0 || ::listen(listening_, 128) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  ::getsockname(listening_, reinterpret_cast<sockaddr*>(&where), &size);
  port_ = ntohs(where.sin_port);
  // A server thread that writes to a client that has gone must
  // not end the test program; the client has to see to itself.
  sigset_t pipe, before;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, &before);
  accepting_ = std::thread([this] { accept(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

raw_server::~raw_server() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  for (auto& one : threads_) one.join();
  ::close(listening_);
  SSL_CTX_free(context_);
}

net::pool_options raw_server::pool_options() const {
  net::pool_options options(net::origin(options_.tls, "localhost", port_));
  options.tls.ca_pem = ca_pem_;
  options.resolve = [](std::string, net::resolve_done done) {
    done({}, {boost::asio::ip::make_address("127.0.0.1")});
  };
  return options;
}

void raw_server::accept() {
  for (;;) {
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (fd >= 0 && !stopped_) {
      open_.push_back(fd);
      threads_.emplace_back([this, fd, number = connections_++] { serve(fd, number); });
      continue;
    }
    if (fd >= 0) ::close(fd);
    if (stopped_) return;
  }
}

void raw_server::serve(int fd, int number) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  {
    SSL* tls = nullptr;
    if (context_) {
      tls = SSL_new(context_);
      SSL_set_fd(tls, fd);
    }
    peer end(fd, tls, number);
    if (!tls || SSL_accept(tls) == 1) behave_(end);
  }
  const std::lock_guard lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

raw_server::script always(std::string answer) {
  return [answer = std::move(answer)](peer& client) {
    while (!client.read_request().empty()) client.write(answer);
  };
}

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace test
