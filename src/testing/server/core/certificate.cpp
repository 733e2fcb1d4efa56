#include "testing/server/core/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/error.hpp>

#include <array>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>

namespace mistral::workflows::testing {
namespace {

struct free_key {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct free_certificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct free_bio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, free_key>;
using certificate_pointer = std::unique_ptr<X509, free_certificate>;

constexpr long day = 24 * 60 * 60;

void require(bool ok, const char* what) {
  if (ok) return;
  boost::system::error_code code(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
  throw boost::system::system_error(code, what);
}

key_pointer make_key() {
  key_pointer key(EVP_EC_gen("P-256"));
  require(key != nullptr, "making a key");
  return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  require(extension != nullptr, "making a certificate extension");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

struct blank {
  std::string common_name;
  bool authority = false;
  std::string alternative_names;
  long valid_from = -day;  ///< seconds from now
  long valid_to = 30 * day;
};

// Signed by itself where no issuer is given.
certificate_pointer make_certificate(const blank& wanted, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  certificate_pointer made(X509_new());
  X509* certificate = made.get();
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wanted.valid_from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wanted.valid_to);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(wanted.common_name.c_str());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0);
  X509* signer = issuer ? issuer : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  add_extension(certificate, signer, NID_subject_key_identifier, "hash");
  if (issuer) add_extension(certificate, signer, NID_authority_key_identifier, "keyid");
  if (wanted.authority) {
    add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(certificate, signer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, signer, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, signer, NID_ext_key_usage, "serverAuth");
    if (!wanted.alternative_names.empty())
      add_extension(certificate, signer, NID_subject_alt_name, wanted.alternative_names);
  }
  require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "signing a certificate");
  return made;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string to_pem(X509* certificate) {
  std::unique_ptr<BIO, free_bio> bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), certificate) == 1, "writing a certificate");
  return text_of(bio.get());
}

std::string to_pem(EVP_PKEY* key) {
  std::unique_ptr<BIO, free_bio> bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "writing a key");
  return text_of(bio.get());
}

constexpr std::string_view pem_begin = "-----BEGIN ";

// The three texts of a set, one after the other; none where it is not that, or will soon be of no use.
std::optional<certificate_set> read_kept(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  std::array<std::string, 3> parts;
  std::size_t at = text.find(pem_begin);
  for (std::string& part : parts) {
    if (at == std::string::npos) return std::nullopt;
    const std::size_t next = text.find(pem_begin, at + 1);
    part = text.substr(at, next == std::string::npos ? next : next - at);
    at = next;
  }
  std::unique_ptr<BIO, free_bio> bio(BIO_new_mem_buf(parts[1].data(), static_cast<int>(parts[1].size())));
  const certificate_pointer shown(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  std::time_t tomorrow = std::time(nullptr) + day;
  if (!shown || X509_cmp_time(X509_get0_notAfter(shown.get()), &tomorrow) <= 0) return std::nullopt;
  certificate_set kept;
  kept.ca_pem = std::move(parts[0]);
  kept.chain_pem = std::move(parts[1]);
  kept.key_pem = std::move(parts[2]);
  return kept;
}

blank authority(const std::string& name) {
  blank wanted;
  wanted.common_name = name;
  wanted.authority = true;
  return wanted;
}

blank leaf(certificate_kind kind) {
  blank wanted;
  wanted.common_name = kind == certificate_kind::wrong_host ? "wrong.example" : "localhost";
  wanted.alternative_names =
      kind == certificate_kind::wrong_host ? "DNS:wrong.example" : "DNS:localhost,IP:127.0.0.1,IP:::1";
  if (kind == certificate_kind::common_name) wanted.alternative_names.clear();
  if (kind == certificate_kind::expired) {
    wanted.valid_from = -3 * day;
    wanted.valid_to = -2 * day;
  }
  return wanted;
}

}  // namespace

certificate_set make_certificates(certificate_kind kind) {
  const key_pointer ca_key = make_key();
  const certificate_pointer ca =
      make_certificate(authority("Local Workflows server CA"), ca_key.get(), nullptr, ca_key.get());
  const key_pointer leaf_key = make_key();

  certificate_set made;
  made.ca_pem = to_pem(ca.get());
  made.key_pem = to_pem(leaf_key.get());
  if (kind == certificate_kind::self_signed) {
    made.chain_pem = to_pem(make_certificate(leaf(kind), leaf_key.get(), nullptr, leaf_key.get()).get());
  } else if (kind == certificate_kind::unknown_ca) {
    const key_pointer other_key = make_key();
    const certificate_pointer other =
        make_certificate(authority("Another CA"), other_key.get(), nullptr, other_key.get());
    made.chain_pem = to_pem(make_certificate(leaf(kind), leaf_key.get(), other.get(), other_key.get()).get());
  } else {
    made.chain_pem = to_pem(make_certificate(leaf(kind), leaf_key.get(), ca.get(), ca_key.get()).get());
  }
  return made;
}

certificate_set keep_certificates(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  const fs::path file = folder / "certificates.pem";
  if (std::optional<certificate_set> kept = read_kept(file)) return *kept;
  certificate_set made = make_certificates(certificate_kind::good);
  // Renamed when it is whole: a server that is killed here must not leave a part.
  const fs::path unfinished = folder / "certificates.new";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  fs::permissions(unfinished, fs::perms::owner_read | fs::perms::owner_write);
  out << made.ca_pem << made.chain_pem << made.key_pem;
  out.close();
  if (!out)
    throw boost::system::system_error(make_error_code(boost::system::errc::io_error),
                                      "writing " + file.string());
  fs::rename(unfinished, file);
  return made;
}

}  // namespace mistral::workflows::testing
