#include "api/decode_answer.hpp"

#include "protocol/http/redact.hpp"

#include <mistral/workflows/error.hpp>

namespace mistral::workflows::api {

void throw_undecodable(const session::call_answer& answer, protocol::decode_problem problem,
                       error_context context) {
  std::string reason = std::move(problem.reason);
  if (!answer.coding.empty())
    reason = session::coded_as(answer.coding);
  else if (!session::is_json(answer.content_type))
    reason += " (the answer's content type is " + answer.content_type + ")";
  protocol::redact(reason, answer.key());
  protocol::redact(problem.path, answer.key());
  throw decode_error(std::move(problem.path), reason, answer.status,
                     protocol::excerpt(answer.body, answer.key()), std::move(context));
}

namespace {

class nothing final : public session::answer_reader {
 public:
  std::string_view read(session::call_answer&, const session::call_control&) override { return {}; }
};

}  // namespace

boost::asio::awaitable<void> call_without_content(session::client_handle handle, protocol::request request,
                                                  std::unique_ptr<session::call_subject> subject) {
  session::call_setup setup(std::move(handle), std::move(request));
  setup.subject = std::move(subject);
  nothing reader;
  co_await session::call(setup, reader);
}

}  // namespace mistral::workflows::api
