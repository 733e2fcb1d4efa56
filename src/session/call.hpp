// One logical call: attempts, retries, deadline, errors.
// Not the decoding of the answer, and not streams (stream.hpp).
#pragma once

#include "protocol/request.hpp"
#include "session/client_state.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::session {

/// A 2xx answer.
struct call_answer {
  call_answer() = default;

  int status = 0;
  std::string body;
  std::string content_type;
  std::optional<timestamp> date;  ///< the answer's Date header
  error_context context;          ///< for an error that is found in the body later
};

/// Sends the request until it is answered with 2xx, or throws what the operation ends with. Runs on an executor of
/// its own (client_state::operation_executor); the caller's cancellation is passed on to it.
boost::asio::awaitable<call_answer> call(client_state_ptr state, protocol::request request,
                                         std::optional<std::chrono::milliseconds> deadline = std::nullopt);

}  // namespace mistral::workflows::session
