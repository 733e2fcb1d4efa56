#include "net/tls/pem.hpp"

#include "net/common/pool_options.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstring>
#include <string_view>

namespace mistral::workflows::net {

void pem_free::operator()(X509* certificate) const noexcept { X509_free(certificate); }
void pem_free::operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }

namespace {

struct bio_free {
  void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
};
using bio_ptr = std::unique_ptr<BIO, bio_free>;

constexpr std::string_view beginning = "-----BEGIN ";
constexpr std::string_view ending = "-----END ";
constexpr const char* password_field = "tls.client_key_password";

bio_ptr memory_bio(std::string_view text) {
  return bio_ptr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int count_of(std::string_view what, std::string_view in) {
  int count = 0;
  for (std::size_t at = in.find(what); at != std::string_view::npos; at = in.find(what, at + what.size()))
    ++count;
  return count;
}

/// Of a block that begins `text`; empty where its first line is broken.
std::string_view label_of(std::string_view text) {
  text.remove_prefix(beginning.size());
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const std::size_t end = line.find("-----");
  return end == std::string_view::npos ? std::string_view() : line.substr(0, end);
}

bool may_stand_beside_certificates(std::string_view label) {
  return label.ends_with("PRIVATE KEY") || label.ends_with("PARAMETERS") || label == "X509 CRL";
}

// A certificate can be encrypted as well, as far as the
// format goes: without this, OpenSSL asks on the terminal.
int no_password(char*, int, int, void*) { return -1; }

certificate_ptr read_certificate(std::string_view block) {
  ERR_clear_error();
  return certificate_ptr(PEM_read_bio_X509_AUX(memory_bio(block).get(), nullptr, &no_password, nullptr));
}

[[noreturn]] void refuse_block(const std::string& field, int number, const std::string& reason) {
  throw option_error(field,
                     "block " + std::to_string(number) + " is not a certificate that can be read: " + reason);
}

struct password_question {
  explicit password_question(const std::string& text) : password(text) {}

  const std::string& password;
  bool asked = false;
  bool too_long = false;
};

int answer_with_password(char* into, int room, int, void* question) {
  auto& told = *static_cast<password_question*>(question);
  told.asked = true;
  told.too_long = told.password.size() > static_cast<std::size_t>(room);
  if (told.password.empty() || told.too_long) return -1;
  std::memcpy(into, told.password.data(), told.password.size());
  return static_cast<int>(told.password.size());
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return text ? text : "not usable";
}

std::vector<certificate_ptr> read_certificates(const std::string& pem, const std::string& field) {
  std::vector<certificate_ptr> out;
  std::string_view left = pem;
  std::size_t at = left.find(beginning);
  if (at == std::string_view::npos) throw option_error(field, "holds no certificate");
  if (count_of(ending, left.substr(0, at)) > 0) refuse_block(field, 1, "its first line is missing");
  for (int number = 1; at != std::string_view::npos; ++number) {
    left.remove_prefix(at);
    at = left.find(beginning, beginning.size());
    const std::string_view block = left.substr(0, at);
    if (count_of(ending, block) > 1) refuse_block(field, number + 1, "its first line is missing");
    if (may_stand_beside_certificates(label_of(block))) continue;
    certificate_ptr one = read_certificate(block);
    if (!one) refuse_block(field, number, openssl_reason());
    out.push_back(std::move(one));
  }
  ERR_clear_error();
  if (out.empty()) throw option_error(field, "holds no certificate");
  return out;
}

private_key_ptr read_private_key(const std::string& pem, const std::string& password,
                                 const std::string& field) {
  ERR_clear_error();
  password_question question(password);
  private_key_ptr key(
      PEM_read_bio_PrivateKey(memory_bio(pem).get(), nullptr, &answer_with_password, &question));
  if (key) return key;
  const std::string reason = openssl_reason();
  if (!question.asked) throw option_error(field, reason);
  if (question.too_long) throw option_error(password_field, "is longer than a password can be");
  if (password.empty()) throw option_error(password_field, "is needed: the client key is encrypted");
  throw option_error(password_field, "does not open the client key");
}

}  // namespace mistral::workflows::net
