// Headers of answers, looked up by name.
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/hooks.hpp>

#include <algorithm>

namespace mistral::workflows {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

template <class List>
const std::string* find(const List& headers, std::string_view name) {
  for (const auto& header : headers)
    if (same_name(header.first, name)) return &header.second;
  return nullptr;
}

}  // namespace

std::optional<std::string> api_error::header(std::string_view name) const {
  const std::string* const value = find(details_.headers, name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(*value);
}

std::string_view attempt_report::header(std::string_view name) const noexcept {
  const std::string* const value = find(headers, name);
  return value == nullptr ? std::string_view() : std::string_view(*value);
}

}  // namespace mistral::workflows
