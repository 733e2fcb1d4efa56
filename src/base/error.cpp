#include <mistral/workflows/error.hpp>

#include "base/error_codes.hpp"
#include "base/utf8.hpp"

#include <boost/asio/error.hpp>

namespace mistral::workflows {
namespace {

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
  return context.retries_ended == retry_end::none
             ? std::string()
             : "; not repeated: " + std::string(to_string(context.retries_ended));
}

std::string text_of(const api_error_details& details, const error_context& context) {
  std::string out = prefix(context) + details.method + " " + details.path + " was answered with " +
                    std::to_string(details.status);
  if (!details.code.empty()) out += " " + details.code;
  if (!details.detail.empty()) out += ": " + details.detail;
  for (const validation_item& item : details.validation) out += "; " + item.location + ": " + item.message;
  if (!details.key_variable.empty()) out += " (the API key came from " + details.key_variable + ")";
  if (!details.request_id.empty()) out += " (request id " + details.request_id + ")";
  if (details.retry_after_ms)
    out += "; Retry-After: " + std::to_string((*details.retry_after_ms + 999) / 1000) + " s";
  return out + not_repeated(context);
}

std::string describe(const error_context& context) {
  const std::string id =
      context.execution_id.empty() ? std::string() : "; execution id " + context.execution_id;
  return " (attempts: " + std::to_string(context.attempts) + "; " +
         std::string(text_of(context.server_may_have_acted)) + id + not_repeated(context) + ")";
}

}  // namespace

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
      return "the wait before another attempt would outlast the call's deadline";
    case retry_end::budget:
      return "the client's retry budget is spent";
  }
  return "an unknown reason";
}

// Without the position in Boost's sources that a code may carry, and that system_error would print.
error::error(boost::system::error_code code, const std::string& what, error_context context)
    : system_error(boost::system::error_code(code.value(), code.category()), valid_utf8(what)),
      context_(std::move(context)) {}
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
    : error(make_error_code(code_of(details)), text_of(details, context), context),
      details_(std::move(details)) {}
api_error::~api_error() = default;
api_error::api_error(const api_error&) = default;
api_error& api_error::operator=(const api_error&) = default;

transport_error::transport_error(boost::system::error_code cause, call_phase phase, const std::string& reason,
                                 error_context context)
    : error(cause.failed() ? cause : make_error_code(errc::transport),
            prefix(context) + "failed while " + std::string(to_string(phase)) + (reason.empty() ? "" : ": ") +
                reason + describe(context),
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
            prefix(context) + "not sent: the server allows requests again in " +
                std::to_string(retry_in.count()) + " ms, after the call's deadline" + describe(context),
            context),
      retry_in_(retry_in) {}
rate_limited_error::~rate_limited_error() = default;
rate_limited_error::rate_limited_error(const rate_limited_error&) = default;
rate_limited_error& rate_limited_error::operator=(const rate_limited_error&) = default;

cancelled_error::cancelled_error(error_context context)
    : error(boost::asio::error::operation_aborted,
            prefix(context) + "cancelled by the caller" + describe(context), context) {}
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
