#include "net/tls/tls_context.hpp"

#include "net/common/failure.hpp"
#include "net/tls/pem.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace mistral::workflows::net {

void openssl_free::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
void openssl_free::operator()(SSL* connection) const noexcept { SSL_free(connection); }
void openssl_free::operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }

namespace {

// In seconds since 1970. OpenSSL 3.4 deprecates the call that
// came before 3.3's (whose `long` is too small for 2038 on some).
std::time_t made_at(const SSL_SESSION* session) {
#if OPENSSL_VERSION_NUMBER >= 0x30300000L
  return SSL_SESSION_get_time_ex(session);
#else
  return SSL_SESSION_get_time(session);
#endif
}

}  // namespace

void session_store::put(ssl_session_ptr session) {
  ssl_session_ptr dropped;  // freed after the lock
  const std::lock_guard lock(mutex_);
  sessions_.push_back(std::move(session));
  if (sessions_.size() > most_kept) {
    dropped = std::move(sessions_.front());
    sessions_.pop_front();
  }
}

ssl_session_ptr session_store::take() {
  const std::lock_guard lock(mutex_);
  while (!sessions_.empty()) {
    ssl_session_ptr newest = std::move(sessions_.back());
    sessions_.pop_back();
    const std::time_t end_of_life = made_at(newest.get()) + SSL_SESSION_get_timeout(newest.get());
    if (end_of_life <= std::time(nullptr) || SSL_SESSION_is_resumable(newest.get()) == 0) continue;
    if (SSL_SESSION_get_protocol_version(newest.get()) >= TLS1_3_VERSION) return newest;
    // A copy again: its connection may be cut as well.
    ssl_session_ptr copy(SSL_SESSION_dup(newest.get()));
    sessions_.push_back(std::move(newest));
    return copy;
  }
  return nullptr;
}

namespace {

/// A file could not be opened or read: it may be there the next time without having changed.
class file_error : public option_error {
 public:
  using option_error::option_error;
};

/// The PEM text that an option gives, itself or in a file.
std::string pem_text(const std::string& name, const std::string& file, const std::string& text) {
  if (file.empty()) return text;
  if (!text.empty()) throw option_error("tls." + name + "_file", "excludes tls." + name + "_pem");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  content << in.rdbuf();  // fails where nothing can be read, as of a folder (an iterator throws there)
  if (!in || !content) throw file_error("tls." + name + "_file", "cannot read \"" + file + "\"");
  return std::move(content).str();
}

/// The option that it was.
std::string field_of(const std::string& name, const std::string& file) {
  return "tls." + name + (file.empty() ? "_pem" : "_file");
}

void trust(SSL_CTX* context, const tls_options& options) {
  const std::string pem = pem_text("ca", options.ca_file, options.ca_pem);
  if (pem.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  const std::string field = field_of("ca", options.ca_file);
  for (const certificate_ptr& one : read_certificates(pem, field)) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1)
      throw option_error(field, openssl_reason());
  }
}

void identify(SSL_CTX* context, const tls_options& options) {
  const std::string chain =
      pem_text("client_certificate", options.client_certificate_file, options.client_certificate_pem);
  const std::string key = pem_text("client_key", options.client_key_file, options.client_key_pem);
  if (chain.empty() && key.empty()) return;
  if (chain.empty()) throw option_error("tls.client_certificate_file", "is needed with a client key");
  if (key.empty()) throw option_error("tls.client_key_file", "is needed with a client certificate");

  const std::string chain_field = field_of("client_certificate", options.client_certificate_file);
  const std::vector<certificate_ptr> certificates = read_certificates(chain, chain_field);
  for (const certificate_ptr& one : certificates) {
    const bool own = &one == &certificates.front();
    const auto taken =
        own ? SSL_CTX_use_certificate(context, one.get()) : SSL_CTX_add1_chain_cert(context, one.get());
    if (taken != 1) throw option_error(chain_field, openssl_reason());
  }
  const std::string key_field = field_of("client_key", options.client_key_file);
  const private_key_ptr secret = read_private_key(key, options.client_key_password, key_field);
  // OpenSSL's context has a place for each algorithm, and compares what stands in the same place alone.
  if (X509_check_private_key(certificates.front().get(), secret.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, secret.get()) != 1)
    throw option_error(key_field, openssl_reason());
}

// What hangs on an SSL_CTX, and is deleted with it: connections keep that alive for as long as they live.
struct attached {
  std::weak_ptr<session_store> sessions;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> key_log{nullptr, &std::fclose};
  std::mutex key_log_mutex;
};

int attached_index() {
  static const int index = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* data, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<attached*>(data); });
  return index;
}

attached* attached_to(const SSL* connection) {
  return static_cast<attached*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), attached_index()));
}

// A copy, because OpenSSL marks the original as not resumable when its connection ends without a
// close_notify, which is how connections end when a server restarts: just when resumption is wanted.
int remember_session(SSL* connection, SSL_SESSION* session) {
  if (const auto store = attached_to(connection)->sessions.lock()) {
    if (SSL_SESSION* const copy = SSL_SESSION_dup(session)) store->put(ssl_session_ptr(copy));
  }
  return 0;
}

void log_key(const SSL* connection, const char* line) {
  attached* const context = attached_to(connection);
  const std::lock_guard lock(context->key_log_mutex);
  std::fprintf(context->key_log.get(), "%s\n", line);
  std::fflush(context->key_log.get());
}

bool is_address(const std::string& host) {
  boost::system::error_code no_address;
  boost::asio::ip::make_address(host, no_address);
  return !no_address;
}

std::vector<std::string> files_of(const tls_options& options) {
  return {options.ca_file, options.client_certificate_file, options.client_key_file};
}

void tell(const tls_options& options, const option_error& problem) noexcept {
  try {
    if (options.reload_failed) options.reload_failed(problem);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a connection does not fail by it
  }
}

}  // namespace

tls_context::tls_context(std::string host, const tls_options& options)
    : host_(std::move(host)),
      host_is_address_(is_address(host_)),
      options_(options),
      files_(files_of(options)) {
  files_.changed();
  settings_ = read(options_);
}

tls_context::~tls_context() = default;

std::shared_ptr<const tls_context::settings> tls_context::read(const tls_options& options) {
  auto made = std::make_shared<settings>();
  made->context.reset(SSL_CTX_new(TLS_client_method()));
  made->sessions = std::make_shared<session_store>();
  SSL_CTX* const context = made->context.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_read_ahead(context, 1);  // one recv() for a record, not one for its header and one for the rest
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  trust(context, options);
  identify(context, options);

  auto data = std::make_unique<attached>();
  data->sessions = made->sessions;
  if (!options.key_log_file.empty()) {
    data->key_log.reset(std::fopen(options.key_log_file.c_str(), "ae"));
    if (!data->key_log) throw file_error("tls.key_log_file", "cannot write \"" + options.key_log_file + "\"");
    SSL_CTX_set_keylog_callback(context, &log_key);
  }
  SSL_CTX_set_ex_data(context, attached_index(), data.release());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &remember_session);
  return made;
}

// What cannot be used is not tried again until it changes once more: certificate and key come
// one after the other. What cannot be read is, as when no file could be opened; it is told once.
std::shared_ptr<const tls_context::settings> tls_context::current() {
  std::optional<option_error> problem;
  std::shared_ptr<const settings> out;
  {
    const std::lock_guard lock(mutex_);
    const bool changed = files_.changed();
    if (changed || !unread_.empty()) {
      const std::string told = changed ? std::string() : unread_;
      unread_.clear();
      try {
        settings_ = read(options_);
      } catch (const file_error& thrown) {
        unread_ = thrown.what();
        if (unread_ != told) problem = thrown;
      } catch (const option_error& thrown) {
        problem = thrown;
      }
    }
    out = settings_;
  }
  if (problem) tell(options_, *problem);
  return out;
}

// What OpenSSL does not take, such as the zone of an address, it would not check either, and say nothing.
void tls_context::expect_host(SSL* connection) const {
  bool taken = false;
  if (host_is_address_) {
    taken = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host_.c_str()) == 1;
  } else {
    // The subject's CN names no host (RFC 9525, 2).
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    taken = SSL_set1_host(connection, host_.c_str()) == 1 &&
            SSL_set_tlsext_host_name(connection, host_.c_str()) == 1;
  }
  if (taken) return;
  ERR_clear_error();
  throw failure(error::tls_failed, "a certificate cannot be checked for the host \"" + host_ + "\"");
}

ssl_ptr tls_context::new_connection() {
  const std::shared_ptr<const settings> now = current();
  ssl_ptr connection(SSL_new(now->context.get()));
  SSL_set_connect_state(connection.get());
  expect_host(connection.get());
  if (const ssl_session_ptr session = now->sessions->take()) SSL_set_session(connection.get(), session.get());
  return connection;
}

}  // namespace mistral::workflows::net
