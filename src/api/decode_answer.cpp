#include "api/decode_answer.hpp"

#include "protocol/error_body.hpp"
#include "protocol/redact.hpp"

#include <mistral/workflows/error.hpp>

#include <algorithm>

namespace mistral::workflows::api {

bool is_json(std::string_view content_type) {
  constexpr std::string_view wanted = "json";
  return content_type.empty() || std::search(content_type.begin(), content_type.end(), wanted.begin(), wanted.end(),
                                             [](char a, char b) { return (a | 0x20) == b; }) != content_type.end();
}

void throw_undecodable(session::call_answer answer, protocol::decode_problem problem) {
  std::string reason = std::move(problem.reason);
  if (!is_json(answer.content_type))
    reason += " (the answer's content type is " + protocol::excerpt(answer.content_type) + ")";
  if (answer.secret) protocol::redact(answer.body, *answer.secret);
  throw decode_error(std::move(problem.path), reason, answer.status, protocol::excerpt(answer.body),
                     std::move(answer.context));
}

boost::asio::awaitable<void> call_without_content(session::client_handle handle, protocol::request request,
                                                  std::shared_ptr<session::doubt_resolver> doubt) {
  co_await session::call(std::move(handle), std::move(request), std::nullopt, std::move(doubt));
}

}  // namespace mistral::workflows::api
