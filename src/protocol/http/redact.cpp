#include "protocol/http/redact.hpp"

#include <cstddef>

namespace mistral::workflows::protocol {
namespace {

constexpr std::string_view scheme = "Bearer ";
constexpr std::string_view in_its_place = "[redacted]";
constexpr std::size_t shortest = 8;

void replace(std::string& text, std::string_view secret) {
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + in_its_place.size()))
    text.replace(at, secret.size(), in_its_place);
}

}  // namespace

void redact(std::string& text, std::string_view authorization) {
  std::string_view secret = authorization;
  if (secret.starts_with(scheme)) secret.remove_prefix(scheme.size());
  if (secret.size() < shortest || text.empty()) return;
  replace(text, secret);
  if (secret.find('/') == std::string_view::npos) return;
  std::string escaped;
  for (const char c : secret) {
    if (c == '/') escaped.push_back('\\');
    escaped.push_back(c);
  }
  replace(text, escaped);
}

}  // namespace mistral::workflows::protocol
