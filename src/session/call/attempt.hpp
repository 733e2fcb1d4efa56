// One request and its answer on one connection, as a value that says how it ended.
// Not what to do about that: protocol/calls/machine.hpp decides, call_run.cpp does it.
#pragma once

#include "net/common/failure.hpp"
#include "protocol/calls/facts.hpp"
#include "session/call/attempt_watch.hpp"
#include "session/client/client_state.hpp"
#include "session/frame/call_control.hpp"
#include "session/frame/task.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  protocol::request_end end;
  std::optional<attempt_failure> failure;
  std::chrono::steady_clock::time_point ended_at{};  ///< before any hook hears of it
  std::string request_id;
  std::string location;
};

/// What a request leaves with, for one after another of the same call.
struct attempt_means {
  attempt_means() = default;

  /// Whoever waits for them may go on.
  void give_back();

  turn held;          ///< of the rate gate
  bool well = false;  ///< how its request ended: answered, and neither with 429 nor with a failure of the server
  std::chrono::nanoseconds waited{0};  ///< for it, until a watch has been told
  net::lease lease;
  versioned_key key;
};

/// Sends these bytes of a request on the lease that is held, and reads the answer into `out`, which is as new. Throws
/// system_error(operation_aborted) when cancelled; every other failure is in the result. `needs_date`: the answer's is kept.
/// The lease is still there if another request may follow on it.
task<void> attempt(const client_handle& handle, std::string& bytes, call_control& control, attempt_means& means,
                   attempt_watch& watch, bool needs_date, attempt_result& out);

/// The result of a request that did not leave, or broke off.
void read_failure(const net::failure& failure, const call_control& control, attempt_result& out);

/// Tells the hook, and counts bytes. Once for each watch.
void tell(attempt_watch& watch, const attempt_result& result, boost::system::error_code failure);

/// Whether a content type is JSON of any kind; none at all is.
bool is_json(std::string_view content_type);

}  // namespace mistral::workflows::session
