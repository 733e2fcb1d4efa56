#include "api/decode_answer.hpp"

#include "protocol/error_body.hpp"

#include <mistral/workflows/error.hpp>

namespace mistral::workflows::api {

void throw_undecodable(session::call_answer answer, protocol::decode_problem problem) {
  std::string reason = std::move(problem.reason);
  if (!answer.content_type.empty() && answer.content_type.find("json") == std::string::npos)
    reason += " (the answer's content type is " + protocol::excerpt(answer.content_type) + ")";
  throw decode_error(std::move(problem.path), reason, answer.status, protocol::excerpt(answer.body),
                     std::move(answer.context));
}

boost::asio::awaitable<void> call_without_content(session::client_handle handle, protocol::request request,
                                                  std::shared_ptr<session::doubt_resolver> doubt) {
  co_await session::call(std::move(handle), std::move(request), std::nullopt, std::move(doubt));
}

}  // namespace mistral::workflows::api
