#include "session/doubt/ending.hpp"

#include "session/doubt/start.hpp"

#include <mistral/workflows/unknown_outcome.hpp>

#include <utility>

namespace mistral::workflows::session {

ending_subject::ending_subject(std::string execution_id, std::optional<std::string> run_id)
    : id_(std::move(execution_id)), run_id_(std::move(run_id)) {}

protocol::call_identity ending_subject::identity() const { return protocol::call_identity::ending(run_id_); }

protocol::request ending_subject::look() const { return look_at_execution(id_); }

std::optional<protocol::found_thing> ending_subject::see(const call_answer& answer) {
  return see_execution(answer, id_, seen_);
}

call_answer ending_subject::found(bool) {
  call_answer out;
  out.status = 204;
  return out;
}

void ending_subject::throw_unknown(error_context context,
                                   const std::optional<protocol::doubt_window>& window) {
  std::optional<ending_window> sent;
  if (window) sent.emplace(window->begin, window->end);
  throw ending_unknown_error(std::move(seen_), sent, std::move(context));
}

}  // namespace mistral::workflows::session
