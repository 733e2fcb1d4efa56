#include "testing/server/message/model_body.hpp"

#include <charconv>

namespace mistral::workflows::testing {
namespace {

std::string unescape(std::string_view part) {
  std::string plain;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] == '~' && i + 1 < part.size())
      plain += part[++i] == '1' ? '/' : '~';
    else
      plain += part[i];
  }
  return plain;
}

/// ["body", "schedule", "intervals", 0]
boost::json::array location_of(std::string_view pointer) {
  boost::json::array location;
  location.emplace_back("body");
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const auto part = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(part.size());
    std::int64_t index = 0;
    const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), index);
    if (failed == std::errc() && end == part.data() + part.size())
      location.emplace_back(index);
    else
      location.emplace_back(unescape(part));
  }
  return location;
}

}  // namespace

void refuse_member(std::string_view pointer, std::string message, std::string type) {
  std::vector<problem> problems;
  problems.emplace_back(location_of(pointer), std::move(message), std::move(type));
  throw bad_request(std::move(problems));
}

void refuse_body(const protocol::decode_problem& found) {
  if (found.reason == "missing") refuse_member(found.path, "Field required", "missing");
  refuse_member(found.path, "Input is not valid: " + found.reason, "value_error");
}

bool is_without_body(const request& from) { return from.seen.body.empty() || from.seen.body == "null"; }

}  // namespace mistral::workflows::testing
