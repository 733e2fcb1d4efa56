#include <mistral/workflows/from_json.hpp>

#include "protocol/http/redact.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/json/kind.hpp>
#include <boost/json/serialize.hpp>

namespace mistral::workflows {

namespace json = boost::json;

std::string json_place::path() const {
  if (around_ == nullptr) return std::string();
  std::string out = around_->path();
  out.push_back('/');
  if (key_.data() == nullptr) return out + std::to_string(index_);
  for (const char c : key_) {
    if (c == '~')
      out += "~0";
    else if (c == '/')
      out += "~1";
    else
      out.push_back(c);
  }
  return out;
}

void json_place::refuse(const std::string& reason) const {
  const json_place* root = this;
  while (root->around_ != nullptr) root = root->around_;
  throw decode_error(path(), reason, 0, protocol::excerpt(json::serialize(*root->document_)),
                     error_context(std::string(root->operation_), 1, server_action::yes));
}

void json_place::mismatch(std::string_view expected, const json::value& found) const {
  const auto kind = json::to_string(found.kind());
  refuse("expected " + std::string(expected) + ", found " + std::string(kind.data(), kind.size()));
}

std::int64_t read_signed(const json::value& from, std::int64_t least, std::int64_t most,
                         const json_place& place) {
  if (from.is_uint64())
    return static_cast<std::int64_t>(read_unsigned(from, static_cast<std::uint64_t>(most), place));
  if (!from.is_int64()) place.mismatch("an integer", from);
  if (from.get_int64() < least || from.get_int64() > most) place.refuse("an integer out of range");
  return from.get_int64();
}

std::uint64_t read_unsigned(const json::value& from, std::uint64_t most, const json_place& place) {
  if (!from.is_int64() && !from.is_uint64()) place.mismatch("an integer", from);
  if (from.is_int64() && from.get_int64() < 0) place.refuse("an integer out of range");
  const std::uint64_t value =
      from.is_uint64() ? from.get_uint64() : static_cast<std::uint64_t>(from.get_int64());
  if (value > most) place.refuse("an integer out of range");
  return value;
}

double read_double(const json::value& from, const json_place& place) {
  if (from.is_double()) return from.get_double();
  if (from.is_int64()) return static_cast<double>(from.get_int64());
  if (from.is_uint64()) return static_cast<double>(from.get_uint64());
  place.mismatch("a number", from);
}

std::string_view read_text(const json::value& from, const json_place& place) {
  if (!from.is_string()) place.mismatch("a string", from);
  return std::string_view(from.get_string().data(), from.get_string().size());
}

}  // namespace mistral::workflows
