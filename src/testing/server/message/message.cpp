#include "testing/server/message/message.hpp"

#include "protocol/json/encode.hpp"

#include <boost/beast/http/status.hpp>

#include <algorithm>

namespace mistral::workflows::testing {

const std::string* request::header(std::string_view name) const {
  const auto found = std::find_if(seen.headers.rbegin(), seen.headers.rend(),
                                  [&](const auto& h) { return h.first == name; });
  return found == seen.headers.rend() ? nullptr : &found->second;
}

answer no_content() {
  answer made;
  made.status = 204;
  return made;
}

answer json_answer(int status, const boost::json::value& body) {
  answer made;
  made.status = status;
  made.body = protocol::encode(body, protocol::nulls::write);
  return made;
}

answer error_answer(int status, std::string_view code, std::string_view detail,
                    const boost::json::object& extras) {
  boost::json::object body;
  body["detail"] = detail;
  if (!code.empty()) body["code"] = code;
  for (const auto& extra : extras) body[extra.key()] = extra.value();
  return json_answer(status, body);
}

answer validation_answer(const std::vector<problem>& problems) {
  boost::json::array detail;
  for (const problem& found : problems) {
    boost::json::object item;
    item["loc"] = found.location;
    item["msg"] = found.message;
    item["type"] = found.type;
    detail.push_back(std::move(item));
  }
  boost::json::object body;
  body["detail"] = std::move(detail);
  return json_answer(422, body);
}

std::string_view reason_phrase(int status) {
  const boost::beast::string_view text =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  return std::string_view(text.data(), text.size());
}

}  // namespace mistral::workflows::testing
