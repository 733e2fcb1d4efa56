#include "testing/server/core/core.hpp"

#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace mistral::workflows::testing {
namespace {

void require_openssl(bool ok, const char* what) {
  if (ok) return;
  const boost::system::error_code code(static_cast<int>(ERR_get_error()),
                                       boost::asio::error::get_ssl_category());
  throw boost::system::system_error(code, what);
}

int number_of(tls_version version) {
  switch (version) {
    case tls_version::tls_1_0:
      return TLS1_VERSION;
    case tls_version::tls_1_1:
      return TLS1_1_VERSION;
    case tls_version::tls_1_2:
      return TLS1_2_VERSION;
    case tls_version::tls_1_3:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

BIO* memory(const std::string& text) { return BIO_new_mem_buf(text.data(), static_cast<int>(text.size())); }

void use(SSL_CTX* context, const certificate_set& certificates) {
  BIO* chain = memory(certificates.chain_pem);
  X509* leaf = PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
  BIO_free(chain);
  BIO* key_text = memory(certificates.key_pem);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(key_text, nullptr, nullptr, nullptr);
  BIO_free(key_text);
  const bool used = SSL_CTX_use_certificate(context, leaf) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1;
  X509_free(leaf);
  EVP_PKEY_free(key);
  require_openssl(used, "using the certificate");
}

int choose_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned int size, void*) {
  static constexpr unsigned char known[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, known, sizeof known, offered, size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

int take_any_certificate(int, X509_STORE_CTX*) { return 1; }

}  // namespace

tls_context make_tls_context(const certificate_set& certificates, const local_server_options& options) {
  tls_context made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made.get();
  require_openssl(context != nullptr, "making a TLS context");
  // OpenSSL 3 refuses TLS 1.0 and 1.1 above this level.
  if (options.minimum_tls < tls_version::tls_1_2) SSL_CTX_set_cipher_list(context, "DEFAULT@SECLEVEL=0");
  require_openssl(SSL_CTX_set_min_proto_version(context, number_of(options.minimum_tls)) == 1,
                  "setting the least TLS version");
  require_openssl(SSL_CTX_set_max_proto_version(context, number_of(options.maximum_tls)) == 1,
                  "setting the highest TLS version");
  use(context, certificates);
  SSL_CTX_set_alpn_select_cb(context, choose_http_1_1, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  static constexpr unsigned char name[] = "local_server";
  SSL_CTX_set_session_id_context(context, name, sizeof name - 1);
  if (options.session_tickets) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
  } else {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  if (options.client_certificate)
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, take_any_certificate);
  return made;
}

}  // namespace mistral::workflows::testing
