// What a client tells about every request it makes, and the headers that a tracer adds to them.
// Not what a stream tells about its connections: that is in stream_options.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows {

/// Which request of which call. The views are good until the hook returns. No key is in it, and no header of
/// the request.
class MISTRAL_WORKFLOWS_EXPORT attempt_info {
 public:
  attempt_info();

  std::string_view operation;  ///< of the request, for example "executions.get"

  /// Of the call it is made for: another one where an `execute` looks for what it started.
  std::string_view call;
  std::string_view method;        ///< "GET", ...
  std::string_view path;          ///< as sent, percent-encoded, without the query
  std::uint64_t call_number = 0;  ///< one for each call and each stream of a client, from 1
  int attempt = 0;  ///< 1-based; counts every request of the call. With `call_number` a key for one attempt
};

/// How long each part of an attempt took; zero for a part that there was none of, as on a reused connection.
class MISTRAL_WORKFLOWS_EXPORT phase_times {
 public:
  phase_times();

  std::chrono::nanoseconds waiting_for_turn{0};        ///< for the rate gate or the client's own limits
  std::chrono::nanoseconds waiting_for_connection{0};  ///< for the API key, and for a connection of the pool
  std::chrono::nanoseconds resolving{0};               ///< looking up the name
  std::chrono::nanoseconds connecting{0};              ///< TCP
  std::chrono::nanoseconds proxy{0};                   ///< the tunnel through a proxy
  std::chrono::nanoseconds tls_handshake{0};           ///< the TLS handshake
  std::chrono::nanoseconds sending{0};                 ///< from the first byte of the request to its last
  std::chrono::nanoseconds waiting_for_answer{0};      ///< from the end of the request to that of the head
  std::chrono::nanoseconds reading_body{0};            ///< from the end of the head to the end of the body
};

/// One attempt that has ended; for a stream, when its answer has begun or failed to.
class MISTRAL_WORKFLOWS_EXPORT attempt_report : public attempt_info {
 public:
  attempt_report();

  int status = 0;  ///< HTTP status; 0: no answer

  /// Why no complete answer came; operation_aborted: cancelled, or out of time.
  boost::system::error_code failure;
  std::string_view request_id;  ///< as `api_error_details::request_id`; may be empty

  /// Those of the answer that tell of limits and of the request: as `api_error_details::headers`.
  std::span<const std::pair<std::string, std::string>> headers;
  std::chrono::system_clock::time_point began;  ///< by the system's clock
  std::chrono::nanoseconds duration{0};         ///< of the whole attempt
  phase_times times;                            ///< of each part
  std::uint64_t bytes_sent = 0;                 ///< of HTTP, head and body
  std::uint64_t bytes_received = 0;             ///< of HTTP, as it came
  bool reused = false;                          ///< on a connection that had served a request before

  /// The first of `headers` of that name (case does not matter); empty where the answer had none.
  std::string_view header(std::string_view name) const noexcept;
};

/// Functions of the caller's; unset ones cost nothing.
///
/// They are called on the executor of the call, within it, and hold it up as long as they take. With an
/// io_context that several threads run they are called by several at once. They may begin other calls, but
/// not wait for them.
/// Errors:   what a hook throws is dropped and counted (`client_stats::hook_failures`): a call never fails by
///           its hooks.
class MISTRAL_WORKFLOWS_EXPORT call_hooks {
 public:
  /// Names and values.
  using header_list = std::vector<std::pair<std::string, std::string>>;

  call_hooks();
  call_hooks(const call_hooks&);
  call_hooks(call_hooks&&) noexcept;
  call_hooks& operator=(const call_hooks&);
  call_hooks& operator=(call_hooks&&) noexcept;
  ~call_hooks();

  /// After each attempt of a call, each request that is made to find out what an earlier one did, and each
  /// connection of a stream.
  std::function<void(const attempt_report&)> attempt;

  /// Headers for this one request, `traceparent` for example; asked right before it is sent. They win over
  /// those of the options. One that the options refuse (`Authorization`, `Host`, ..., or bytes that no header
  /// may hold) is left out and counted as a failure of the hook.
  std::function<header_list(const attempt_info&)> headers;
};

}  // namespace mistral::workflows
