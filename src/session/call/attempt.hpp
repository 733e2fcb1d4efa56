// One request and its answer on one connection, as a value that says how it ended.
// Not what to do about that: call.cpp asks protocol/calls/retry.hpp.
#pragma once

#include "protocol/calls/retry.hpp"
#include "protocol/http/request.hpp"
#include "session/client/client_state.hpp"
#include "session/frame/call_control.hpp"
#include "session/frame/task.hpp"

#include <mistral/workflows/model/timestamp.hpp>

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

/// What came back.
struct call_answer {
  call_answer() = default;

  int status = 0;                             ///< 0: not even the head of an answer came
  std::string body;                           ///< as much of it as came
  std::string content_type;                   ///< empty where it is JSON, or none was named
  std::shared_ptr<const std::string> secret;  ///< what must not be shown of a text that the server sent
};

struct attempt_result : call_answer {
  attempt_result() = default;

  bool ok() const noexcept { return !failure && status >= 200 && status < 300; }
  /// As new.
  void clear();

  protocol::attempt_outcome outcome;
  std::optional<attempt_failure> failure;
  std::optional<std::chrono::steady_clock::time_point>
      refused_until;  ///< not sent: the rate gate opens after the deadline
  std::string request_id;
  std::string location;
  std::optional<timestamp> date;  ///< of an error, and where it is not the call's first attempt
  std::uint64_t key_generation = 0;
};

/// `result`, which is as new, becomes whatever came of it. Throws what the key supplier throws, and system_error(operation_aborted) when cancelled;
/// every other failure is in the result. `fresh_after_doubt` closes the connection
/// unless the answer says that the server has dealt with the request.
task<void> attempt(const client_handle& handle, const protocol::request& request, call_control& control,
                   bool fresh_after_doubt, std::chrono::nanoseconds waited_for_turn, attempt_result& result);

/// Whether a content type is JSON of any kind; none at all is.
bool is_json(std::string_view content_type);

}  // namespace mistral::workflows::session
