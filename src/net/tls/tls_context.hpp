// Trust, client certificate and remembered sessions of the
// TLS connections to one host; read again when files change.
// Not a connection: tls_channel.hpp.
#pragma once

#include "net/common/pool_options.hpp"
#include "net/tls/watched_files.hpp"

#include <mistral/workflows/export.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <string>

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct ssl_session_st SSL_SESSION;

namespace mistral::workflows::net {

struct MISTRAL_WORKFLOWS_INTERNAL_EXPORT openssl_free {
  void operator()(SSL_CTX* context) const noexcept;
  void operator()(SSL* connection) const noexcept;
  void operator()(SSL_SESSION* session) const noexcept;
};

using ssl_context_ptr = std::unique_ptr<SSL_CTX, openssl_free>;
using ssl_ptr = std::unique_ptr<SSL, openssl_free>;
using ssl_session_ptr = std::unique_ptr<SSL_SESSION, openssl_free>;

/// The newest sessions of one host, thread-safe. A TLS 1.3 ticket is handed out once, so that
/// nobody can link two connections by it; a TLS 1.2 session stays until a newer one replaces it.
class session_store {
 public:
  void put(ssl_session_ptr session);
  ssl_session_ptr take();

 private:
  static constexpr std::size_t most_kept =
      64;  // a burst of reconnects finds one each, at 32 connections and 2 tickets

  std::mutex mutex_;
  std::deque<ssl_session_ptr> sessions_;
};

/// Thread-safe.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT tls_context {
 public:
  /// Errors: option_error.
  tls_context(std::string host, const tls_options& options);
  ~tls_context();
  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  /// A client's side of a handshake with the host, resuming a session if there is
  /// one. Keeps no hold on this context but through SSL_CTX: what connections bring
  /// home after it is gone is dropped. Files that have changed are read before.
  /// Errors: failure - the host is none that a certificate can be checked for.
  ssl_ptr new_connection();

  const std::string& host() const noexcept { return host_; }

 private:
  /// What one reading of the options came to. A session goes only with the trust that it was begun with.
  struct settings {
    ssl_context_ptr context;
    std::shared_ptr<session_store> sessions;
  };

  std::string host_;
  bool host_is_address_;
  tls_options options_;

  std::mutex mutex_;
  watched_files files_;
  std::string unread_;  // why the last reading failed, where a file could not be opened or read
  std::shared_ptr<const settings> settings_;

  static std::shared_ptr<const settings> read(const tls_options& options);
  std::shared_ptr<const settings> current();
  void expect_host(SSL* connection) const;
};

}  // namespace mistral::workflows::net
