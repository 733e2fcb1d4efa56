// One request and its answer on one connection, as a value that says how it ended.
// Not what to do about that: call.cpp asks protocol/retry.hpp.
#pragma once

#include "protocol/request.hpp"
#include "protocol/retry.hpp"
#include "session/call_control.hpp"
#include "session/client_state.hpp"

#include <mistral/workflows/model/timestamp.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows::session {

/// Why no complete answer came.
struct attempt_failure {
  attempt_failure() = default;

  boost::system::error_code code;
  std::string reason;
  call_phase phase = call_phase::waiting_for_connection;
};

struct attempt_result {
  attempt_result() = default;

  bool ok() const noexcept { return !failure && status >= 200 && status < 300; }

  protocol::attempt_outcome outcome;
  std::optional<attempt_failure> failure;
  std::optional<std::chrono::steady_clock::time_point>
      refused_until;  ///< not sent: the rate gate opens after the deadline
  int status = 0;     ///< 0: not even the head of an answer came
  std::string body;   ///< as much of it as came
  std::string content_type;
  std::string request_id;
  std::string location;
  std::optional<timestamp> date;
  std::uint64_t key_generation = 0;
  std::shared_ptr<const std::string> secret;  ///< what must not be shown of a text that the server sent
};

/// Throws what the key supplier throws, and system_error(operation_aborted) when cancelled;
/// every other failure is in the result. `fresh_after_doubt` closes the connection unless the answer says that the server has dealt with the request.
boost::asio::awaitable<attempt_result> attempt(client_handle handle, const protocol::request* request,
                                               std::shared_ptr<call_control> control, bool fresh_after_doubt,
                                               std::chrono::nanoseconds waited_for_turn);

}  // namespace mistral::workflows::session
