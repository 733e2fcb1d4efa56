#include "base/utf8.hpp"

namespace mistral::workflows {
namespace {

struct part {
  std::size_t size = 1;
  bool good = false;
};

bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The character at the front of a text, or what there is of one (Unicode 15, table 3-7).
part character(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80) return {1, true};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4) return {};
  unsigned char least = 0x80,
                most = 0xBF;  // of the second byte: nothing too long, no surrogate, nothing beyond U+10FFFF
  if (first == 0xE0) least = 0xA0;
  if (first == 0xED) most = 0x9F;
  if (first == 0xF0) least = 0x90;
  if (first == 0xF4) most = 0x8F;
  if (text.size() < 2) return {};
  const auto second = static_cast<unsigned char>(text[1]);
  if (second < least || second > most) return {};
  std::size_t came = 2;
  while (came < size && came < text.size() && continues(text[came])) ++came;
  return {came, came == size};
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const part next = character(text);
    out.append(next.good ? text.substr(0, next.size) : replacement);
    text.remove_prefix(next.size);
  }
  return out;
}

std::string_view front_of(std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  std::size_t at = most;
  while (at > 0 && most - at < 3 && continues(text[at])) --at;
  return text.substr(0, continues(text[at]) ? most : at);
}

}  // namespace mistral::workflows
