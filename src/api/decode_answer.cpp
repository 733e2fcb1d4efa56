#include "api/decode_answer.hpp"

#include "protocol/http/redact.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/json/value.hpp>

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

// Of an operation that answers nothing to read, the API may say some JSON; a page of something in front of it
// does not say that the operation was carried out.
class nothing final : public session::answer_reader {
 public:
  explicit nothing(std::size_t max_depth) : max_depth_(max_depth) {}

  std::string_view read(session::call_answer& answer, const session::call_control& control) override {
    constexpr int no_content = 204;
    const bool says_nothing = answer.body.empty() && answer.coding.empty();
    if (answer.status == no_content || says_nothing) return {};
    if (!answer.coding.empty() || !session::is_json(answer.content_type))
      throw_undecodable(answer, {"", "the answer is neither empty nor JSON"}, control.context());
    boost::json::value any;
    if (auto problem = protocol::decode(answer.body, any, protocol::decode_limits(max_depth_)))
      throw_undecodable(answer, std::move(*problem), control.context());
    return {};
  }

 private:
  const std::size_t max_depth_;
};

}  // namespace

boost::asio::awaitable<void> call_without_content(session::client_handle handle, protocol::request request,
                                                  std::unique_ptr<session::call_subject> subject) {
  session::call_setup setup(std::move(handle), std::move(request));
  setup.subject = std::move(subject);
  nothing reader(setup.handle.state->options().max_json_depth);
  co_await session::call(setup, reader);
}

}  // namespace mistral::workflows::api
