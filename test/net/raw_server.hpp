// A server on loopback whose every byte a test decides: a function of the test's runs for each
// connection, on a thread of its own. Speaks HTTP only as far as finding where a request ends.
#pragma once

#include "net/pool/pool.hpp"
#include "testing/server/core/certificate.hpp"

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

namespace net = mistral::workflows::net;
using mistral::workflows::testing::certificate_kind;

/// The server's end of a connection; blocking. It is closed without a word when the script returns.
class peer {
 public:
  peer(int fd, SSL* tls, int number) : fd_(fd), tls_(tls), number_(number) {}
  ~peer();
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  /// Which connection of the server this is, from 0.
  int number() const { return number_; }
  /// Head and body of the next request; empty when the client has closed.
  std::string read_request();
  /// The head of the next request; what of its body came with it is lost.
  std::string read_head();
  /// False: the client has gone.
  bool write(const std::string& text);
  /// Passes bytes on in both directions between the client and
  /// that port of loopback until one of them closes; for a proxy.
  void relay(std::uint16_t port);
  /// close_notify, and the end of what this side sends.
  void goodbye();
  /// The end of the connection, now and without a word.
  void cut();
  /// A TLS 1.3 session ticket, now.
  void send_ticket();
  /// So many of them as fast as can be. `told` is called when the system takes no more without waiting, or
  /// all.
  void flood_with_tickets(int count, const std::function<void()>& told);
  /// Until the client has closed; what it still sends is dropped.
  void wait_for_end();
  /// What the client showed in the handshake, as PEM; empty: none.
  std::string certificate() const;
  bool said_goodbye() const { return tls_ && (SSL_get_shutdown(tls_) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  friend class raw_server;
  int fd_;
  SSL* tls_;
  int number_;

  int read(char* into, int size);
};

struct raw_server_options {
  raw_server_options() = default;
  bool tls = true;
  certificate_kind certificate = certificate_kind::good;
  int tickets = 2;  ///< TLS 1.3 session tickets after a handshake
  int highest_tls = TLS1_3_VERSION;
  int lowest_tls = TLS1_2_VERSION;
  bool ask_for_certificate = false;
};

/// With TLS, or without.
inline raw_server_options with_tls(bool tls) {
  raw_server_options options;
  options.tls = tls;
  return options;
}
inline raw_server_options plain() { return with_tls(false); }

class raw_server {
 public:
  using script = std::function<void(peer&)>;

  explicit raw_server(script behave, raw_server_options options = raw_server_options());
  ~raw_server();

  /// How a pool reaches this server and trusts it.
  net::pool_options pool_options() const;
  int connections() const { return connections_; }
  const std::string& ca_pem() const { return ca_pem_; }
  std::uint16_t port() const { return port_; }

 private:
  script behave_;
  raw_server_options options_;
  std::string ca_pem_;
  SSL_CTX* context_ = nullptr;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::mutex mutex_;
  bool stopped_ = false;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread accepting_;

  void accept();
  void serve(int fd, int number);
};

/// A script that answers every request with `answer`.
raw_server::script always(std::string answer);

/// A 200 with that body, kept alive.
std::string ok(const std::string& body = "hello");

}  // namespace test
