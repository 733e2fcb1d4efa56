// The codes of errors: what each is called, of which kind it is, and how an error answer comes by one.
#include "base/error_codes.hpp"

#include <boost/asio/error.hpp>

#include <string>
#include <string_view>

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
      return "the stream cannot go on";
    case errc::closed:
      return "the client was closed";
    case errc::journal_failed:
      return "the journal failed";
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

}  // namespace mistral::workflows
