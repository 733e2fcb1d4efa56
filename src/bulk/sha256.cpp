#include "bulk/sha256.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace mistral::workflows::bulk_core {

namespace {

/// Fetched once: to look an algorithm up by each use costs more than a short text's hash.
const EVP_MD* algorithm() {
  static const std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> fetched(EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                                  &EVP_MD_free);
  return fetched.get();
}

}  // namespace

sha256_digest sha256(std::string_view bytes) {
  sha256_digest digest;
  unsigned int size = 0;
  const EVP_MD* const which = algorithm();
  // Only a build of OpenSSL that leaves SHA-256 out fails here.
  if (which == nullptr || EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, which, nullptr) != 1 ||
      size != digest.size())
    throw std::runtime_error("OpenSSL offers no SHA-256");
  return digest;
}

std::string hex_of(const sha256_digest& digest, std::size_t digits) {
  static constexpr char digit[] = "0123456789abcdef";
  std::string out;
  out.reserve(digits);
  for (std::size_t i = 0; i < digits; ++i) {
    const std::uint8_t byte = digest[i / 2];
    out += digit[i % 2 == 0 ? byte >> 4 : byte & 15];
  }
  return out;
}

std::uint64_t number_in(const sha256_digest& digest, std::size_t first, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = first; i < first + bytes; ++i) number = number << 8 | digest[i];
  return number;
}

}  // namespace mistral::workflows::bulk_core
