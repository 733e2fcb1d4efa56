#include "testing/server/message/metadata_filter.hpp"

#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <algorithm>
#include <string_view>

namespace mistral::workflows::testing {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.get_string())
                           : protocol::encode(value, protocol::nulls::write);
}

// As a client writes a list or an object into one parameter: a,b and key,a,key,b, less what is null.
std::string joined(const json::value& value) {
  std::string out;
  const auto add = [&out](std::string_view text) { out.append(out.empty() ? "" : ",").append(text); };
  if (value.is_array()) {
    for (const json::value& each : value.get_array())
      if (!each.is_null()) add(text_of(each));
  } else {
    for (const auto& each : value.get_object()) {
      if (each.value().is_null()) continue;
      add(each.key());
      add(text_of(each.value()));
    }
  }
  return out;
}

bool says(const std::string& text, const json::value& value) {
  if (value.is_string()) return value.get_string() == text;
  if (value.is_structured() && joined(value) == text) return true;
  json::value meant;
  return !protocol::decode(text, meant) && meant == value;
}

}  // namespace

bool metadata_filter::fits(const json::object& metadata) const {
  const bool values_fit = std::ranges::all_of(values_, [&](const auto& each) {
    const json::value* found = metadata.if_contains(each.key());
    return found && *found == each.value();
  });
  return values_fit && std::ranges::all_of(texts_, [&](const auto& each) {
           const json::value* found = metadata.if_contains(each.first);
           return found && says(each.second, *found);
         });
}

}  // namespace mistral::workflows::testing
