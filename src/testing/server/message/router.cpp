#include "testing/server/message/router.hpp"

namespace mistral::workflows::testing {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  if (path.empty() || path.front() != '/') return segments;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i)
    if (is_parameter(pattern[i]) ? segments[i].empty() : pattern[i] != segments[i]) return false;
  return true;
}

// Whether `one`, matching the same path as `other`, is literal where `other` first is not.
bool more_literal(const std::vector<std::string_view>& one, const std::vector<std::string_view>& other) {
  for (std::size_t i = 0; i < one.size(); ++i)
    if (is_parameter(one[i]) != is_parameter(other[i])) return is_parameter(other[i]);
  return false;
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

routing find_route(std::span<const route> table, std::string_view method, std::string_view path) {
  routing found;
  std::vector<std::string> segments;
  for (const std::string_view segment : segments_of(path)) {
    std::optional<std::string> decoded = percent_decode(segment);
    if (!decoded) {
      found.result = routing::outcome::bad_path;
      return found;
    }
    segments.push_back(std::move(*decoded));
  }
  std::vector<std::string_view> best;
  for (std::size_t row = 0; row < table.size(); ++row) {
    std::vector<std::string_view> pattern = segments_of(table[row].pattern);
    if (!matches(pattern, segments)) continue;
    if (table[row].method != method) {
      if (!found.allow.empty()) found.allow += ", ";
      found.allow += table[row].method;
    } else if (found.result != routing::outcome::found || more_literal(pattern, best)) {
      found.result = routing::outcome::found;
      found.index = row;
      best = std::move(pattern);
    }
  }
  if (found.result == routing::outcome::found) {
    for (std::size_t i = 0; i < best.size(); ++i)
      if (is_parameter(best[i])) found.values.push_back(std::move(segments[i]));
  } else if (!found.allow.empty()) {
    found.result = routing::outcome::method_not_allowed;
  }
  return found;
}

}  // namespace mistral::workflows::testing
