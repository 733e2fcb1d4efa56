#include "net/common/failure.hpp"

#include "net/common/pool_options.hpp"

namespace mistral::workflows::net {
namespace {

class category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "mistral.workflows.net"; }

  std::string message(int value) const override {
    switch (static_cast<error>(value)) {
      case error::truncated:
        return "the connection ended before the answer was complete";
      case error::malformed:
        return "the answer is not valid HTTP";
      case error::header_too_large:
        return "the head of the answer is too large";
      case error::body_too_large:
        return "the body of the answer is too large";
      case error::too_many_interim:
        return "too many 1xx answers";
      case error::connect_timeout:
        return "connecting took too long";
      case error::host_not_found:
        return "the host was not found";
      case error::certificate_refused:
        return "the server's certificate was refused";
      case error::tls_failed:
        return "the TLS handshake failed";
      case error::proxy_refused:
        return "the proxy refused";
      case error::proxy_failed:
        return "the proxy failed";
      case error::closed:
        return "the connection pool is closed";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& net_category() noexcept {
  static const category the_category;
  return the_category;
}

boost::system::error_code make_error_code(error value) noexcept {
  return {static_cast<int>(value), net_category()};
}

failure::failure(boost::system::error_code code, std::string reason)
    : system_error(code), reason_(std::move(reason)) {}
failure::~failure() = default;
failure::failure(const failure&) = default;
failure& failure::operator=(const failure&) = default;

option_error::option_error(std::string field, const std::string& reason)
    : std::invalid_argument(field + ": " + reason), field_(std::move(field)), reason_(reason) {}
option_error::~option_error() = default;
option_error::option_error(const option_error&) = default;
option_error& option_error::operator=(const option_error&) = default;

}  // namespace mistral::workflows::net
