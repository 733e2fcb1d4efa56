#include "protocol/http/redact.hpp"

#include "base/utf8.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace mistral::workflows::protocol {
namespace {

constexpr std::string_view scheme = "Bearer ";
constexpr std::string_view in_its_place = "[redacted]";
constexpr std::size_t shortest = 8;

// How many bytes at the front of a text are this character in some notation; 0: another one stands there.
using notation = std::size_t (*)(std::string_view text, char wanted);

bool is_hex(std::string_view digits, std::size_t count, char wanted) {
  if (digits.size() < count) return false;
  unsigned value = 0;
  const char* const end = digits.data() + count;
  const auto read = std::from_chars(digits.data(), end, value, 16);
  return read.ec == std::errc() && read.ptr == end && value == static_cast<unsigned char>(wanted);
}

std::size_t plain(std::string_view text, char wanted) {
  return !text.empty() && text.front() == wanted ? 1 : 0;
}

std::size_t in_json(std::string_view text, char wanted) {
  if (!text.starts_with('\\')) return plain(text, wanted);
  if (text.size() > 1 && text[1] == wanted && (wanted == '"' || wanted == '\\' || wanted == '/')) return 2;
  return text.size() > 1 && text[1] == 'u' && is_hex(text.substr(2), 4, wanted) ? 6 : 0;
}

std::size_t in_percent(std::string_view text, char wanted) {
  if (!text.starts_with('%')) return plain(text, wanted);
  return is_hex(text.substr(1), 2, wanted) ? 3 : 0;
}

// As a member's name stands in a JSON pointer (RFC 6901).
std::size_t in_pointer(std::string_view text, char wanted) {
  if (!text.starts_with('~')) return plain(text, wanted);
  const char stands = wanted == '~' ? '0' : wanted == '/' ? '1' : '\0';
  return stands != '\0' && text.size() > 1 && text[1] == stands ? 2 : 0;
}

std::size_t matched(std::string_view text, std::string_view secret, notation how) {
  std::size_t size = 0;
  for (const char c : secret) {
    const std::size_t next = how(text.substr(size), c);
    if (next == 0) return 0;
    size += next;
  }
  return size;
}

void replace(std::string& text, std::string_view secret, notation how) {
  std::string out;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = matched(std::string_view(text).substr(at), secret, how);
    if (size == 0) {
      ++at;
      continue;
    }
    out.append(text, kept, at - kept).append(in_its_place);
    kept = at += size;
  }
  if (kept == 0) return;
  out.append(text, kept);
  text = std::move(out);
}

// Takes the first line away: the secret in it, or nothing.
std::string_view take_secret(std::string_view& authorization) {
  const std::size_t end = std::min(authorization.find('\n'), authorization.size());
  std::string_view line = authorization.substr(0, end);
  authorization.remove_prefix(std::min(end + 1, authorization.size()));
  if (line.starts_with(scheme)) line.remove_prefix(scheme.size());
  return line.size() < shortest ? std::string_view() : line;
}

void replace(std::string& text, std::string_view secret) {
  if (text.find(secret) != std::string::npos) replace(text, secret, plain);
  if (text.find('\\') != std::string::npos) replace(text, secret, in_json);
  if (text.find('%') != std::string::npos) replace(text, secret, in_percent);
  if (text.find('~') != std::string::npos) replace(text, secret, in_pointer);
}

boost::json::string_view redacted(boost::json::string_view text, std::string_view authorization,
                                  std::string& memory) {
  memory.assign(text.data(), text.size());
  redact(memory, authorization);
  return {memory.data(), memory.size()};
}

}  // namespace

void redact(std::string& text, std::string_view authorization) {
  while (!authorization.empty()) {
    const std::string_view secret = take_secret(authorization);
    if (!secret.empty()) replace(text, secret);
  }
}

void redact(boost::json::value& document, std::string_view authorization) {
  std::string memory;
  if (auto* const text = document.if_string()) {
    *text = redacted(*text, authorization, memory);
  } else if (auto* const list = document.if_array()) {
    for (auto& element : *list) redact(element, authorization);
  } else if (auto* const object = document.if_object()) {
    boost::json::object out;
    for (auto& member : *object) {
      redact(member.value(), authorization);
      out.insert_or_assign(redacted(member.key(), authorization, memory), std::move(member.value()));
    }
    *object = std::move(out);
  }
}

std::string excerpt(std::string_view text, std::string_view authorization) {
  std::string shown;
  if (!authorization.empty()) {
    shown = text;
    redact(shown, authorization);
    text = shown;
  }
  std::string out = valid_utf8(front_of(text, excerpt_size));
  out.resize(front_of(out, excerpt_size).size());
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

}  // namespace mistral::workflows::protocol
