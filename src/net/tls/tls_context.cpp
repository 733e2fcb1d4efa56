#include "net/tls/tls_context.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>

namespace mistral::workflows::net {

void openssl_free::operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
void openssl_free::operator()(SSL* connection) const noexcept { SSL_free(connection); }
void openssl_free::operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }

namespace {

// In seconds since 1970. OpenSSL 3.4 deprecates the call that came before 3.3's (whose `long` is too small for 2038 on some).
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
    if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION) {
      SSL_SESSION_up_ref(newest.get());
      sessions_.emplace_back(newest.get());
    }
    return newest;
  }
  return nullptr;
}

namespace {

struct bio_free {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using bio_ptr = std::unique_ptr<BIO, bio_free>;

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return text ? text : "not usable";
}

/// The PEM text that an option gives, itself or in a file.
std::string pem_text(const std::string& name, const std::string& file, const std::string& text) {
  if (file.empty()) return text;
  if (!text.empty()) throw option_error("tls." + name + "_file", "excludes tls." + name + "_pem");
  std::ifstream in(file, std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(in), {});
  if (!in || content.empty()) throw option_error("tls." + name + "_file", "cannot read \"" + file + "\"");
  return content;
}

bio_ptr memory_bio(const std::string& text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void trust(SSL_CTX* context, const tls_options& options) {
  const std::string pem = pem_text("ca", options.ca_file, options.ca_pem);
  if (pem.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  const bio_ptr bio = memory_bio(pem);
  int count = 0;
  while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
    X509_free(certificate);
    ++count;
  }
  ERR_clear_error();
  if (count == 0) throw option_error(options.ca_file.empty() ? "tls.ca_pem" : "tls.ca_file", "holds no certificate");
}

void identify(SSL_CTX* context, const tls_options& options) {
  const std::string chain =
      pem_text("client_certificate", options.client_certificate_file, options.client_certificate_pem);
  const std::string key = pem_text("client_key", options.client_key_file, options.client_key_pem);
  if (chain.empty() && key.empty()) return;
  if (chain.empty()) throw option_error("tls.client_certificate_file", "is needed with a client key");
  if (key.empty()) throw option_error("tls.client_key_file", "is needed with a client certificate");

  ERR_clear_error();
  const bio_ptr chain_bio = memory_bio(chain);
  const std::unique_ptr<X509, decltype(&X509_free)> own(PEM_read_bio_X509(chain_bio.get(), nullptr, nullptr, nullptr),
                                                        &X509_free);
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1)
    throw option_error("tls.client_certificate_file", openssl_reason());
  while (X509* const issuer = PEM_read_bio_X509(chain_bio.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, issuer) != 1) X509_free(issuer);
  }
  ERR_clear_error();
  const bio_ptr key_bio = memory_bio(key);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> secret(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, const_cast<char*>("")), &EVP_PKEY_free);
  if (!secret || SSL_CTX_use_PrivateKey(context, secret.get()) != 1)
    throw option_error("tls.client_key_file", openssl_reason());
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

// A copy, because OpenSSL marks the original as not resumable when its connection ends without a close_notify,
// which is how connections end when a server restarts: just when resumption is wanted.
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

}  // namespace

tls_context::tls_context(std::string host, const tls_options& options)
    : host_(std::move(host)),
      host_is_address_(is_address(host_)),
      sessions_(std::make_shared<session_store>()),
      context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_read_ahead(context, 1);  // one recv() for a record, not one for its header and one for the rest
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  trust(context, options);
  identify(context, options);

  auto data = std::make_unique<attached>();
  data->sessions = sessions_;
  if (!options.key_log_file.empty()) {
    data->key_log.reset(std::fopen(options.key_log_file.c_str(), "ae"));
    if (!data->key_log) throw option_error("tls.key_log_file", "cannot write \"" + options.key_log_file + "\"");
    SSL_CTX_set_keylog_callback(context, &log_key);
  }
  SSL_CTX_set_ex_data(context, attached_index(), data.release());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, &remember_session);
}

tls_context::~tls_context() = default;

ssl_ptr tls_context::new_connection() {
  ssl_ptr connection(SSL_new(context_.get()));
  SSL_set_connect_state(connection.get());
  if (host_is_address_) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()), host_.c_str());
  } else {
    SSL_set_hostflags(connection.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    SSL_set1_host(connection.get(), host_.c_str());
    SSL_set_tlsext_host_name(connection.get(), host_.c_str());
  }
  if (const ssl_session_ptr session = sessions_->take()) SSL_set_session(connection.get(), session.get());
  return connection;
}

}  // namespace mistral::workflows::net
