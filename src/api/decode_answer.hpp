// The 2xx answer of a call into the type that the operation returns.
// Not error answers: those never get here.
#pragma once

#include "protocol/json/decode.hpp"
#include "session/call/call_initiation.hpp"

#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/schedule.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace mistral::workflows::api {

[[noreturn]] void throw_undecodable(const session::call_answer& answer, protocol::decode_problem problem,
                                    error_context context);

/// The id of the execution or the schedule that an answer is about; empty where it names none.
template <class T>
std::string_view id_in(const T& answer) noexcept {
  if constexpr (requires { std::string_view(answer.execution_id); })
    return answer.execution_id;
  else if constexpr (std::is_same_v<T, execute_answer>)
    return std::visit([](const auto& one) { return std::string_view(one.execution_id); }, answer.value);
  else if constexpr (std::is_same_v<T, schedule>)
    return answer.schedule_id ? std::string_view(*answer.schedule_id) : std::string_view();
  else if constexpr (requires { std::string_view(answer.schedule_id); })
    return answer.schedule_id;
  else
    return {};
}

/// Decodes the answer of a call. Not into the frame of the coroutine that awaits it: that has left
/// the caches while the call waited, but the memory which the last result was freed from is in them.
template <class T>
class result_reader final : public session::answer_reader {
 public:
  explicit result_reader(std::size_t max_depth) : max_depth_(max_depth) {}

  std::string_view read(session::call_answer& answer, const session::call_control& control) override {
    attempts_ = control.attempts;
    if (!answer.coding.empty() || !session::is_json(answer.content_type))
      throw_undecodable(answer, {"", "the answer is not JSON"}, control.context());
    out_ = std::make_unique<T>();
    if (auto problem =
            protocol::decode(std::string_view(answer.body), *out_, protocol::decode_limits(max_depth_)))
      throw_undecodable(answer, std::move(*problem), control.context());
    return id_in(*out_);
  }

  /// Once it has been read.
  T&& result() noexcept { return std::move(*out_); }
  /// Requests that the call had begun then.
  int attempts() const noexcept { return attempts_; }

 private:
  std::unique_ptr<T> out_;
  int attempts_ = 0;
  const std::size_t max_depth_;
};

/// Sends the request and decodes its answer.
template <class T>
boost::asio::awaitable<T> call_for(session::client_handle handle, protocol::request request,
                                   std::optional<std::chrono::milliseconds> deadline = std::nullopt,
                                   std::unique_ptr<session::call_subject> subject = nullptr,
                                   session::begun_operation part_of = session::begun_operation()) {
  session::call_setup setup(std::move(handle), std::move(request));
  setup.deadline = deadline;
  setup.subject = std::move(subject);
  setup.part_of = std::move(part_of);
  result_reader<T> reader(setup.handle.state->options().max_json_depth);
  co_await session::call(setup, reader);
  co_return reader.result();
}

/// Sends the request; its answer has no content, or some JSON that says nothing more. Another 2xx ends as
/// decode_error.
boost::asio::awaitable<void> call_without_content(session::client_handle handle, protocol::request request,
                                                  std::unique_ptr<session::call_subject> subject = nullptr);

/// Makes the request when it is awaited, so that invalid_argument
/// is thrown there and a call that nobody awaits does nothing.
template <class T, class Make>
boost::asio::awaitable<T> deferred(session::client_handle handle, Make make,
                                   std::optional<std::chrono::milliseconds> deadline = std::nullopt) {
  session::call_setup setup(std::move(handle), make());
  setup.deadline = deadline;
  result_reader<T> reader(setup.handle.state->options().max_json_depth);
  co_await session::call(setup, reader);
  co_return reader.result();
}

}  // namespace mistral::workflows::api
