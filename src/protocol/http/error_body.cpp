#include "protocol/http/error_body.hpp"

#include "protocol/http/redact.hpp"
#include "protocol/json/decode.hpp"

#include <boost/json/serialize.hpp>

namespace mistral::workflows::protocol {
namespace {

std::string text_of(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(*text);
  return boost::json::serialize(value);
}

std::string joined_location(const boost::json::value& location) {
  const auto* parts = location.if_array();
  if (parts == nullptr) return text_of(location);
  std::string out;
  for (const auto& part : *parts) {
    if (!out.empty()) out.push_back('.');
    out += text_of(part);
  }
  return out;
}

validation_item read_item(const boost::json::value& value) {
  validation_item item;
  const auto* object = value.if_object();
  if (object == nullptr) {
    item.message = text_of(value);
    return item;
  }
  if (const auto* location = object->if_contains("loc")) item.location = joined_location(*location);
  if (const auto* message = object->if_contains("msg")) item.message = text_of(*message);
  if (const auto* type = object->if_contains("type")) item.type = text_of(*type);
  return item;
}

}  // namespace

void read_error_body(std::string_view body, std::string_view authorization, api_error_details& details) {
  boost::json::value document;
  if (decode(body, document) || !document.is_object()) {
    details.detail = excerpt(body, authorization);
    return;
  }
  // Not before it is decoded: what stands there may be escaped in more than one way.
  redact(document, authorization);
  const auto& object = document.get_object();
  if (const auto* code = object.if_contains("code"); code != nullptr && code->is_string())
    details.code = text_of(*code);
  if (const auto* detail = object.if_contains("detail"); detail != nullptr && !detail->is_null()) {
    if (const auto* items = detail->if_array())
      for (const auto& item : *items) details.validation.push_back(read_item(item));
    else
      details.detail = text_of(*detail);
  } else if (detail == nullptr) {
    details.detail = excerpt(body, authorization);
  }
  details.body = std::move(document);
}

}  // namespace mistral::workflows::protocol
