#include <mistral/workflows/error.hpp>

#include <boost/asio/error.hpp>

namespace mistral::workflows {
namespace {

std::string_view text_of(errc value) noexcept {
  switch (value) {
    case errc::invalid_argument:
      return "invalid argument";
    case errc::api_error:
      return "the server answered with an error";
    case errc::unauthorized:
      return "the API key was not accepted";
    case errc::forbidden:
      return "the API key does not allow this";
    case errc::not_found:
      return "not found";
    case errc::validation_failed:
      return "the server refused the request's content";
    case errc::rate_limited:
      return "too many requests";
    case errc::unavailable:
      return "the server is not available";
    case errc::unknown_server_error:
      return "unknown server error";
    case errc::invalid_request:
      return "invalid request";
    case errc::workflow_not_found:
      return "workflow not found";
    case errc::execution_already_started:
      return "an execution with this id is running already";
    case errc::execution_not_running:
      return "the execution is not running";
    case errc::platform_request_failed:
      return "platform request failed";
    case errc::registration_failed:
      return "workflow registration failed";
    case errc::execution_missing:
      return "execution missing";
    case errc::schedule_failed:
      return "schedule failed";
    case errc::schedule_not_found:
      return "schedule not found";
    case errc::platform_client_failed:
      return "platform client failed";
    case errc::payload_encoding_required:
      return "the workspace requires encoded payloads";
    case errc::streaming_failed:
      return "streaming failed";
    case errc::trace_failed:
      return "trace failed";
    case errc::event_store_failed:
      return "event store failed";
    case errc::transport:
      return "the connection failed";
    case errc::timeout:
      return "the deadline passed";
    case errc::decode:
      return "the answer could not be read";
    case errc::execution_failed:
      return "the execution did not complete";
    case errc::start_unknown:
      return "it is unknown whether this call started the execution";
    case errc::ending_unknown:
      return "it is unknown whether this call ended the run that was meant";
    case errc::stream_failed:
      return "the server reported an error in the stream";
    case errc::closed:
      return "the client was closed";
  }
  return "unknown error";
}

bool is_api_code(int value) noexcept {
  return value >= static_cast<int>(errc::api_error) && value <= static_cast<int>(errc::event_store_failed);
}

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "mistral.workflows"; }

  std::string message(int value) const override { return std::string(text_of(static_cast<errc>(value))); }

  // A condition names a kind: api_error stands for every error answer, transport for every cause below HTTP.
  bool equivalent(const boost::system::error_code& code, int condition) const noexcept override {
    if (code.category() == *this) {
      if (code.value() == condition) return true;
      return static_cast<errc>(condition) == errc::api_error && is_api_code(code.value());
    }
    return static_cast<errc>(condition) == errc::transport && code.failed() &&
           code != boost::asio::error::operation_aborted;
  }
};

errc code_of(const api_error_details& details) noexcept {
  struct row {
    std::string_view code;
    errc value;
  };
  static constexpr row rows[] = {
      {"WF_1000", errc::unknown_server_error},
      {"WF_1001", errc::invalid_request},
      {"WF_1100", errc::workflow_not_found},
      {"WF_1101", errc::execution_already_started},
      {"WF_1102", errc::execution_not_running},
      {"WF_1103", errc::platform_request_failed},
      {"WF_1104", errc::registration_failed},
      {"WF_1105", errc::execution_missing},
      {"WF_1200", errc::schedule_failed},
      {"WF_1201", errc::schedule_not_found},
      {"WF_1300", errc::platform_client_failed},
      {"WF_1301", errc::platform_client_failed},
      {"WF_1302", errc::payload_encoding_required},
      {"WF_1400", errc::streaming_failed},
      {"WF_1500", errc::trace_failed},
      {"WF_1600", errc::event_store_failed},
  };
  for (const row& r : rows)
    if (r.code == details.code) return r.value;
  switch (details.status) {
    case 401:
      return errc::unauthorized;
    case 403:
      return errc::forbidden;
    case 404:
      return errc::not_found;
    case 422:
      return errc::validation_failed;
    case 429:
      return errc::rate_limited;
    case 502:
    case 503:
    case 504:
      return errc::unavailable;
    default:
      return errc::api_error;
  }
}

std::string prefix(const error_context& context) {
  return context.operation.empty() ? std::string() : context.operation + ": ";
}

std::string_view text_of(server_action action) noexcept {
  switch (action) {
    case server_action::no:
      return "the server has not acted";
    case server_action::yes:
      return "the server has acted";
    case server_action::unknown:
      break;
  }
  return "the server may have acted";
}

std::string not_repeated(const error_context& context) {
  return context.retries_ended == retry_end::none ? std::string()
                                                  : "; not repeated: " + std::string(to_string(context.retries_ended));
}

std::string text_of(const api_error_details& details, const error_context& context) {
  std::string out =
      prefix(context) + details.method + " " + details.path + " was answered with " + std::to_string(details.status);
  if (!details.code.empty()) out += " " + details.code;
  if (!details.detail.empty()) out += ": " + details.detail;
  for (const validation_item& item : details.validation) out += "; " + item.location + ": " + item.message;
  if (!details.request_id.empty()) out += " (request id " + details.request_id + ")";
  if (details.retry_after_ms) out += "; Retry-After: " + std::to_string((*details.retry_after_ms + 999) / 1000) + " s";
  return out + not_repeated(context);
}

std::string describe(const error_context& context) {
  const std::string id = context.execution_id.empty() ? std::string() : "; execution id " + context.execution_id;
  return " (attempts: " + std::to_string(context.attempts) + "; " +
         std::string(text_of(context.server_may_have_acted)) + id + not_repeated(context) + ")";
}

}  // namespace

const boost::system::error_category& workflows_category() noexcept {
  static const category instance;
  return instance;
}

boost::system::error_condition make_error_condition(errc value) noexcept {
  return {static_cast<int>(value), workflows_category()};
}

boost::system::error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), workflows_category()};
}

std::string_view to_string(call_phase phase) noexcept {
  switch (phase) {
    case call_phase::waiting_for_connection:
      return "waiting for a connection";
    case call_phase::resolving:
      return "resolving the host name";
    case call_phase::connecting:
      return "connecting";
    case call_phase::proxy:
      return "asking the proxy";
    case call_phase::tls_handshake:
      return "the TLS handshake";
    case call_phase::sending:
      return "sending the request";
    case call_phase::waiting_for_answer:
      return "waiting for the answer";
    case call_phase::reading_body:
      return "reading the answer";
    case call_phase::backing_off:
      return "waiting for the next attempt";
    case call_phase::waiting_for_turn:
      return "waiting for the rate limit";
  }
  return "an unknown phase";
}

std::string_view to_string(retry_end why) noexcept {
  switch (why) {
    case retry_end::none:
      return "nothing to repeat";
    case retry_end::attempts:
      return "all attempts have been made";
    case retry_end::retry_after:
      return "Retry-After is beyond retry_options::max_retry_after";
    case retry_end::beyond_deadline:
      return "Retry-After is beyond the call's deadline";
    case retry_end::budget:
      return "the client's retry budget is spent";
  }
  return "an unknown reason";
}

// Without the position in Boost's sources that a code may carry, and that system_error would print.
error::error(boost::system::error_code code, const std::string& what, error_context context)
    : system_error(boost::system::error_code(code.value(), code.category()), what), context_(std::move(context)) {}
error::~error() = default;
error::error(const error&) = default;
error& error::operator=(const error&) = default;

invalid_argument::invalid_argument(std::string field, const std::string& reason, std::string operation)
    : error(make_error_code(errc::invalid_argument),
            (operation.empty() ? std::string() : operation + ": ") + field + " " + reason,
            error_context(operation, 0, server_action::no)),
      field_(std::move(field)) {}
invalid_argument::~invalid_argument() = default;
invalid_argument::invalid_argument(const invalid_argument&) = default;
invalid_argument& invalid_argument::operator=(const invalid_argument&) = default;

api_error::api_error(api_error_details details, error_context context)
    : error(make_error_code(code_of(details)), text_of(details, context), context), details_(std::move(details)) {}
api_error::~api_error() = default;
api_error::api_error(const api_error&) = default;
api_error& api_error::operator=(const api_error&) = default;

transport_error::transport_error(boost::system::error_code cause, call_phase phase, const std::string& reason,
                                 error_context context)
    : error(cause.failed() ? cause : make_error_code(errc::transport),
            prefix(context) + "failed while " + std::string(to_string(phase)) + (reason.empty() ? "" : ": ") + reason +
                describe(context),
            context),
      phase_(phase) {}
transport_error::~transport_error() = default;
transport_error::transport_error(const transport_error&) = default;
transport_error& transport_error::operator=(const transport_error&) = default;

timeout_error::timeout_error(call_phase phase, error_context context)
    : error(make_error_code(errc::timeout),
            prefix(context) + "while " + std::string(to_string(phase)) + describe(context), context),
      phase_(phase) {}
timeout_error::~timeout_error() = default;
timeout_error::timeout_error(const timeout_error&) = default;
timeout_error& timeout_error::operator=(const timeout_error&) = default;

rate_limited_error::rate_limited_error(std::chrono::milliseconds retry_in, error_context context)
    : error(make_error_code(errc::rate_limited),
            prefix(context) + "not sent: the server allows requests again in " + std::to_string(retry_in.count()) +
                " ms, after the call's deadline" + describe(context),
            context),
      retry_in_(retry_in) {}
rate_limited_error::~rate_limited_error() = default;
rate_limited_error::rate_limited_error(const rate_limited_error&) = default;
rate_limited_error& rate_limited_error::operator=(const rate_limited_error&) = default;

cancelled_error::cancelled_error(error_context context)
    : error(boost::asio::error::operation_aborted, prefix(context) + "cancelled by the caller" + describe(context),
            context) {}
cancelled_error::~cancelled_error() = default;
cancelled_error::cancelled_error(const cancelled_error&) = default;
cancelled_error& cancelled_error::operator=(const cancelled_error&) = default;

decode_error::decode_error(std::string path, const std::string& reason, int status, std::string excerpt,
                           error_context context)
    : error(make_error_code(errc::decode),
            prefix(context) + "the answer" + (status != 0 ? " with status " + std::to_string(status) : "") +
                (path.empty() ? "" : " at " + path) + ": " + reason +
                (excerpt.empty() ? "" : "; it begins: " + excerpt),
            context),
      path_(std::move(path)),
      status_(status),
      excerpt_(std::move(excerpt)) {}
decode_error::~decode_error() = default;
decode_error::decode_error(const decode_error&) = default;
decode_error& decode_error::operator=(const decode_error&) = default;

}  // namespace mistral::workflows
