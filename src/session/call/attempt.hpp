// One request and its answer on one connection, as a value that says how it ended.
// Not what to do about that: protocol/calls/machine.hpp decides, call_run.cpp does it.
#pragma once

#include "net/common/failure.hpp"
#include "protocol/calls/facts.hpp"
#include "protocol/http/request.hpp"
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

/// What both clocks say now.
protocol::call_time read_clocks();

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

  int status = 0;            ///< 0: not even the head of an answer came
  std::string body;          ///< as much of it as came
  std::string content_type;  ///< as it may be shown; empty where it is JSON, or none was named
  std::string coding;        ///< of the body, which is then not read; as it may be shown; empty: none
  std::shared_ptr<const std::string>
      secret;  ///< keys, which must not be shown of a text that the server sent

  std::string_view key() const noexcept { return secret ? std::string_view(*secret) : std::string_view(); }
};

struct attempt_result : call_answer {
  attempt_result() = default;

  bool ok() const noexcept { return !failure && status >= 200 && status < 300; }
  /// As new.
  void clear();

  protocol::request_end end;
  std::optional<attempt_failure> failure;
  protocol::call_time ended_at;  ///< before any hook hears of it
  std::string location;          ///< as it may be shown
  protocol::header_list
      headers;  ///< those that are told, as they may be shown; of an answer that somebody hears of
};

/// What a request leaves with, for one after another of the same call.
struct attempt_means {
  attempt_means() = default;

  /// Whoever waits for them may go on.
  void give_back();

  turn held;  ///< of the rate gate
  bool well =
      false;  ///< how its request ended: answered, and neither with 429 nor with a failure of the server
  std::chrono::nanoseconds waited{0};  ///< for it, until a watch has been told
  net::lease lease;
  versioned_key key;

  has_deadline* patience = nullptr;  ///< told when `patient_for` is over; outlives this
  std::optional<std::chrono::milliseconds>
      patient_for;   /// how long the next request waits for a byte; none: as long as it takes
  bool cut = false;  ///< patience was lost once, and with it a connection
};

/// Sends these bytes of a request on the lease that is held, and reads the answer into
/// `out`, which is as new. Throws system_error(operation_aborted) when cancelled;
/// every other failure is in the result. `needs_date`: the answer's is kept.
/// The lease is still there if another request may follow on it.
task<void> attempt(const client_handle& handle, std::string& bytes, call_control& control,
                   attempt_means& means, attempt_watch& watch, bool needs_date, attempt_result& out);

/// The result of a request that did not leave, or broke off.
void read_failure(const net::failure& failure, const call_control& control, attempt_result& out);

/// Tells the hook, and counts bytes. Once for each watch.
void tell(attempt_watch& watch, const attempt_result& result, boost::system::error_code failure);

/// A coding of the body that nobody asked for; empty where
/// there is none. `key`: not to be shown, here and below.
std::string coding_of(const net::response_head& head, std::string_view key);
/// The headers that hooks and errors tell of.
protocol::header_list told_headers(const net::response_head& head, std::string_view key);
/// What errors say of it.
std::string coded_as(const std::string& coding);

/// Whether a content type is JSON of any kind; none at all is.
bool is_json(std::string_view content_type);

}  // namespace mistral::workflows::session
