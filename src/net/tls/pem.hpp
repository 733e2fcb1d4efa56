// Certificates and a private key out of PEM text: all of it, or the option that it comes from is refused.
// Not what they are used for: tls_context.cpp.
#pragma once

#include <memory>
#include <string>
#include <vector>

typedef struct x509_st X509;
typedef struct evp_pkey_st EVP_PKEY;

namespace mistral::workflows::net {

struct pem_free {
  void operator()(X509* certificate) const noexcept;
  void operator()(EVP_PKEY* key) const noexcept;
};

using certificate_ptr = std::unique_ptr<X509, pem_free>;
using private_key_ptr = std::unique_ptr<EVP_PKEY, pem_free>;

/// Every certificate of `pem`, in order, at least one. Private
/// keys, parameters and revocation lists may stand beside them;
/// any other block that cannot be read is refused by its number.
/// Errors: option_error naming `field`
std::vector<certificate_ptr> read_certificates(const std::string& pem, const std::string& field);

/// Nobody is asked for a password: `password` opens the key, or is not needed.
/// Errors: option_error naming `field`, or "tls.client_key_password"
private_key_ptr read_private_key(const std::string& pem, const std::string& password,
                                 const std::string& field);

/// What OpenSSL says of its last failure on this thread, which is then forgotten.
std::string openssl_reason();

}  // namespace mistral::workflows::net
