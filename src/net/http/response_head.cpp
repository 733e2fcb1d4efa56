#include "net/http/response_head.hpp"

#include <algorithm>

namespace mistral::workflows::net {
namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same_name(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

response_head::response_head() = default;
response_head::~response_head() = default;
response_head::response_head(response_head&&) noexcept = default;
response_head& response_head::operator=(response_head&&) noexcept = default;

void response_head::begin(int status, int version) {
  status_ = status;
  version_ = version;
  text_.clear();
  fields_.clear();
}

void response_head::add(std::string_view name, std::string_view value) {
  field added{};
  added.name_begin = static_cast<std::uint32_t>(text_.size());
  text_.append(name);
  added.value_begin = static_cast<std::uint32_t>(text_.size());
  text_.append(value);
  added.end = static_cast<std::uint32_t>(text_.size());
  fields_.push_back(added);
}

std::string_view response_head::name(std::size_t index) const noexcept {
  const field& at = fields_[index];
  return std::string_view(text_).substr(at.name_begin, at.value_begin - at.name_begin);
}

std::string_view response_head::value(std::size_t index) const noexcept {
  const field& at = fields_[index];
  return std::string_view(text_).substr(at.value_begin, at.end - at.value_begin);
}

const response_head::field* response_head::find(std::string_view wanted) const noexcept {
  for (const field& at : fields_) {
    if (same_name(std::string_view(text_).substr(at.name_begin, at.value_begin - at.name_begin), wanted))
      return &at;
  }
  return nullptr;
}

bool response_head::has(std::string_view wanted) const noexcept { return find(wanted) != nullptr; }

std::string_view response_head::header(std::string_view wanted) const noexcept {
  const field* const at = find(wanted);
  return at ? std::string_view(text_).substr(at->value_begin, at->end - at->value_begin) : std::string_view();
}

}  // namespace mistral::workflows::net
