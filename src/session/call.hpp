// One logical call: attempts, retries, deadline, errors.
// Not the decoding of the answer, and not streams (stream.hpp).
#pragma once

#include "protocol/backoff.hpp"
#include "protocol/request.hpp"
#include "session/attempt.hpp"
#include "session/call_control.hpp"
#include "session/client_state.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows::session {

/// A 2xx answer.
struct call_answer {
  call_answer() = default;

  int status = 0;
  std::string body;
  std::string content_type;
  error_context context;                      ///< for an error that is found in the body later
  std::shared_ptr<const std::string> secret;  ///< what errors must not show of the body
  bool adopted = false;  ///< not an answer to the request itself: an earlier attempt's work was found
};

class attempts;

/// What is done where a repeat of the request is not safe by itself: looks at what the server has, and decides.
class doubt_resolver {
 public:
  virtual ~doubt_resolver() = default;

  struct verdict {
    verdict() = default;

    bool send_again = false;            ///< nothing was done: the request may go out once more
    std::optional<call_answer> answer;  ///< else: it was done, and this is the call's answer
  };

  /// Called after an attempt whose fate is unknown. Sends its own requests through `calls`, within the same deadline. May
  /// throw what the call is to end with.
  virtual boost::asio::awaitable<verdict> look(attempts& calls, attempt_result last) = 0;

  /// Whether an error answer is a reason to look, although it is no failure of the transport (a 409, say).
  /// `doubtful`: an earlier attempt can have reached the server.
  virtual bool wants(const attempt_result& last, bool doubtful) const = 0;
};

/// The attempts of one call, in the frame of its control.
class attempts {
 public:
  attempts(client_handle handle, std::shared_ptr<call_control> control);

  const client_handle& handle() const noexcept { return handle_; }
  call_control& control() noexcept { return *control_; }

  /// Repeats the request as its class allows; the last attempt's result, whatever it is. Throws only what `attempt` and the
  /// resolver throw.
  boost::asio::awaitable<attempt_result> run(const protocol::request* request, doubt_resolver* doubt,
                                             std::optional<call_answer>* adopted);

  /// A random wait, or the one the server asked for; cancellable.
  boost::asio::awaitable<void> back_off(protocol::backoff& waits, std::optional<std::chrono::milliseconds> asked);

  /// Throws the error that a result which is not ok stands for.
  [[noreturn]] void fail(const protocol::request& request, attempt_result result) const;

 private:
  client_handle handle_;
  std::shared_ptr<call_control> control_;

  struct entry {
    entry() = default;

    turn mine;
    std::optional<std::chrono::steady_clock::time_point> refused_until;
    std::chrono::nanoseconds waited{0};
  };
  /// Waits until the rate gate and the client's own limits let a request go.
  boost::asio::awaitable<entry> take_turn();
  void attempt_ended(const attempt_result& result, turn& mine);
  protocol::retry_decision decide(const protocol::request& request, const attempt_result& result, int made);
  protocol::retry_means left(int made) const;
  /// Takes a token of the retry budget where one is due.
  bool afford(const attempt_result& result);
};

/// Sends the request until it is answered with 2xx, or throws what the operation ends with. Runs on an executor of its own
/// (client_state::operation_executor); the caller's cancellation is passed on to it. `operation_deadline` is the operation's
/// own default, in place of the client's.
boost::asio::awaitable<call_answer> call(client_handle handle, protocol::request request,
                                         std::optional<std::chrono::milliseconds> operation_deadline = std::nullopt,
                                         std::shared_ptr<doubt_resolver> doubt = nullptr);

}  // namespace mistral::workflows::session
