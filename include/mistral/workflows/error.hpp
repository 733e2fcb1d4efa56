// The exceptions that operations end with, and the codes to compare them by.
// Not the wire format of an error body: that is decoded in src/protocol.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows {

/// What went wrong, as conditions that can be compared with `error::code()`.
enum class errc {
  invalid_argument = 1,  ///< refused before anything was sent
  api_error,             ///< the server answered with an error status not named below
  unauthorized,          ///< 401: the API key is missing, wrong or expired
  forbidden,             ///< 403
  not_found,             ///< 404 without one of the codes below
  validation_failed,     ///< 422
  rate_limited,          ///< 429; also a call not sent, as the server's Retry-After outlasts its deadline
  unavailable,           ///< 502, 503 or 504
  unknown_server_error,  ///< WF_1000
  invalid_request,       ///< WF_1001
  workflow_not_found,    ///< WF_1100
  execution_already_started,  ///< WF_1101: an execution with this id is running
  execution_not_running,      ///< WF_1102
  platform_request_failed,    ///< WF_1103
  registration_failed,        ///< WF_1104
  execution_missing,          ///< WF_1105
  schedule_failed,            ///< WF_1200
  schedule_not_found,         ///< WF_1201
  platform_client_failed,     ///< WF_1300, WF_1301
  payload_encoding_required,  ///< WF_1302
  streaming_failed,           ///< WF_1400
  trace_failed,               ///< WF_1500
  event_store_failed,         ///< WF_1600
  transport,                  ///< the connection could not be made or broke
  timeout,                    ///< a deadline passed; `timeout_error::phase()` says where
  decode,                     ///< an answer could not be read
  execution_failed,           ///< `result()`: the execution ended as something else than COMPLETED
  start_unknown,              ///< an execution or schedule was found that is not provably this call's own
  ending_unknown,             ///< a run was found that is not provably the one that this call was to end
  stream_failed,   ///< the server reported an error inside a stream, or the end of one did not come
  closed,          ///< the client was closed
  journal_failed,  ///< the journal of a batch could not be read or written, or is another process's by now
};

/// The category of the codes of `errc`.
MISTRAL_WORKFLOWS_EXPORT const boost::system::error_category& workflows_category() noexcept;

/// A *condition*: `e.code() == errc::x` is also true for codes of other categories that mean x.
MISTRAL_WORKFLOWS_EXPORT boost::system::error_condition make_error_condition(errc value) noexcept;
/// A code of `workflows_category`.
MISTRAL_WORKFLOWS_EXPORT boost::system::error_code make_error_code(errc value) noexcept;

/// Whether the server can have carried out what was asked of it.
enum class server_action { no, yes, unknown };

/// Why a failure that might pass was not followed by another attempt.
enum class retry_end {
  none,             ///< it would not pass, or repeating it is not safe
  attempts,         ///< `retry_options::max_attempts` have been made
  retry_after,      ///< the server asked for a wait beyond `retry_options::max_retry_after`
  beyond_deadline,  ///< no attempt fits before the deadline after a wait, the server's or the call's own
  budget,           ///< the client's retry budget is spent
};

/// The name, for people.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(retry_end why) noexcept;

/// What every error knows about the call that it ended.
struct error_context {
  error_context() = default;
  /// Made by the library.
  error_context(std::string operation_name, int attempt_count, server_action acted)
      : operation(std::move(operation_name)), attempts(attempt_count), server_may_have_acted(acted) {}

  std::string operation;                                    ///< for example "executions.get"
  int attempts = 0;                                         ///< how many times a request was begun
  server_action server_may_have_acted = server_action::no;  ///< over all attempts together
  retry_end retries_ended = retry_end::none;                ///< why there was no further attempt

  /// Of a call that starts an execution: the id that was sent, or was to be. Of a stream: the execution that
  /// it follows. Of `result()`: the id that it was asked with.
  std::string execution_id;
};

/// The base of all that operations throw. Messages are valid UTF-8, and hold no API key that a server sent
/// back (but for what `from_json` shows of a result that holds it).
class MISTRAL_WORKFLOWS_EXPORT error : public boost::system::system_error {
 public:
  /// Made by the library.
  error(boost::system::error_code code, const std::string& what, error_context context);
  ~error() override;
  error(const error&);
  error& operator=(const error&);

  /// The operation that failed, for example "executions.get".
  const std::string& operation() const noexcept { return context_.operation; }
  /// How many requests the call began, looks included.
  int attempts() const noexcept { return context_.attempts; }
  /// Whether the server can have carried out what was asked, over all attempts together.
  server_action server_may_have_acted() const noexcept { return context_.server_may_have_acted; }
  /// What kept the call from trying again; `what()` says it too.
  retry_end retries_ended() const noexcept { return context_.retries_ended; }
  /// Of a call that starts an execution: the id under which it runs if it was started, the caller's or the
  /// library's own. Of a stream: the execution that it follows, where it follows one. Of `result()`: the id
  /// that it was asked with, where the wait for the end failed. Of other calls: empty.
  const std::string& execution_id() const noexcept { return context_.execution_id; }

 private:
  error_context context_;
};

/// A value was refused before anything was sent; `field()` names it.
class MISTRAL_WORKFLOWS_EXPORT invalid_argument : public error {
 public:
  /// Made by the library.
  invalid_argument(std::string field, const std::string& reason, std::string operation = std::string());
  ~invalid_argument() override;
  invalid_argument(const invalid_argument&);
  invalid_argument& operator=(const invalid_argument&);

  /// The member or parameter, for example "execution_id" or "client_options.server_url"; the environment
  /// variable ("MISTRAL_SERVER_URL") where the value came from one.
  const std::string& field() const noexcept { return field_; }

 private:
  std::string field_;
};

/// One item of a 422 answer's `detail`.
struct validation_item {
  validation_item() = default;

  std::string location;  ///< joined with '.', for example "body.input.0"
  std::string message;   ///< for people to read
  std::string type;      ///< of the rule
};

/// What an error answer said.
struct api_error_details {
  api_error_details() = default;

  int status = 0;                           ///< the HTTP status
  std::string code;                         ///< "WF_1100" and its like; empty where the body has none
  std::string detail;                       ///< the server's text, or the first 512 bytes of another body
  std::vector<validation_item> validation;  ///< of a 422 only

  /// By what the server knows the request: x-request-id, or another such header of `headers`; may be empty.
  std::string request_id;
  std::string method;                          ///< "GET", ...
  std::string path;                            ///< as sent, without the query
  boost::json::value body;                     ///< the whole error body where it was JSON, else null
  std::optional<std::int64_t> retry_after_ms;  ///< Retry-After, milliseconds

  /// Of a 401: the environment variable that the API key came from; empty where it came from none.
  std::string key_variable;
  /// Of the answer's headers those that tell of limits and of the request, as they came: Retry-After,
  /// x-ratelimit*, ratelimit*, x-request-id, request-id, x-correlation-id, mistral-correlation-id,
  /// x-kong-request-id and cf-ray. 32 at most, and of each the first 512 bytes.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The server answered, and the answer is an error.
class MISTRAL_WORKFLOWS_EXPORT api_error : public error {
 public:
  /// Made by the library.
  api_error(api_error_details details, error_context context);
  ~api_error() override;
  api_error(const api_error&);
  api_error& operator=(const api_error&);

  /// The HTTP status.
  int status() const noexcept { return details_.status; }
  /// What the answer said.
  const api_error_details& details() const noexcept { return details_; }
  /// The first of `details().headers` of that name (case does not matter); none where the answer had none.
  std::optional<std::string> header(std::string_view name) const;

 private:
  api_error_details details_;
};

/// The part of a call during which something went wrong.
enum class call_phase {
  waiting_for_connection,
  resolving,
  connecting,
  proxy,
  tls_handshake,
  sending,
  waiting_for_answer,
  reading_body,
  backing_off,
  waiting_for_turn  ///< for the rate gate, or for the client's own limits
};

/// The name, for people.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(call_phase phase) noexcept;

/// The connection could not be made, or broke before the answer was complete. `code()` is the cause as Asio
/// or OpenSSL reports it; it also equals `errc::transport`.
class MISTRAL_WORKFLOWS_EXPORT transport_error : public error {
 public:
  /// Made by the library.
  transport_error(boost::system::error_code cause, call_phase phase, const std::string& reason,
                  error_context context);
  ~transport_error() override;
  transport_error(const transport_error&);
  transport_error& operator=(const transport_error&);

  /// What the call was doing when it failed.
  call_phase phase() const noexcept { return phase_; }

 private:
  call_phase phase_;
};

/// A deadline passed.
class MISTRAL_WORKFLOWS_EXPORT timeout_error : public error {
 public:
  /// Made by the library.
  timeout_error(call_phase phase, error_context context);
  ~timeout_error() override;
  timeout_error(const timeout_error&);
  timeout_error& operator=(const timeout_error&);

  /// What the call was doing when its time was up.
  call_phase phase() const noexcept { return phase_; }

 private:
  call_phase phase_;
};

/// Nothing was sent: after another call's 429 the client waits, and the wait ends after this call's deadline.
/// `code()` equals `errc::rate_limited`, as that of the 429 itself does, which is an `api_error` with
/// `details().retry_after_ms`.
class MISTRAL_WORKFLOWS_EXPORT rate_limited_error : public error {
 public:
  /// Made by the library.
  rate_limited_error(std::chrono::milliseconds retry_in, error_context context);
  ~rate_limited_error() override;
  rate_limited_error(const rate_limited_error&);
  rate_limited_error& operator=(const rate_limited_error&);

  /// From when this was thrown until requests are sent again.
  std::chrono::milliseconds retry_in() const noexcept { return retry_in_; }

 private:
  std::chrono::milliseconds retry_in_;
};

/// The caller cancelled; `code()` is `boost::asio::error::operation_aborted`.
class MISTRAL_WORKFLOWS_EXPORT cancelled_error : public error {
 public:
  /// Made by the library.
  explicit cancelled_error(error_context context);
  ~cancelled_error() override;
  cancelled_error(const cancelled_error&);
  cancelled_error& operator=(const cancelled_error&);
};

/// An answer was not what the API promises.
class MISTRAL_WORKFLOWS_EXPORT decode_error : public error {
 public:
  /// Made by the library.
  decode_error(std::string path, const std::string& reason, int status, std::string excerpt,
               error_context context);
  ~decode_error() override;
  decode_error(const decode_error&);
  decode_error& operator=(const decode_error&);

  /// Where in the document, as a JSON pointer: "/executions/3/status"; empty for the document itself.
  const std::string& path() const noexcept { return path_; }
  /// The HTTP status of the answer; 0 where it did not come from one.
  int status() const noexcept { return status_; }
  /// The first part of the body, at most 512 bytes of valid UTF-8.
  const std::string& excerpt() const noexcept { return excerpt_; }

 private:
  std::string path_;
  int status_;
  std::string excerpt_;
};

}  // namespace mistral::workflows

template <>
struct boost::system::is_error_condition_enum<mistral::workflows::errc> : std::true_type {};
