// The one exception of this layer: a code to compare, and a reason that a person can act on.
// Not what callers of the library see: the session turns it into transport_error or decode_error.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace mistral::workflows::net {

/// What can go wrong beyond what the system, Asio and OpenSSL have codes for.
enum class error {
  truncated = 1,        ///< the connection ended before the answer was complete
  malformed,            ///< the answer is not HTTP/1.x, or contradicts itself
  header_too_large,     ///< the head of the answer exceeds pool_options::header_limit
  body_too_large,       ///< the body exceeds the limit set for it
  too_many_interim,     ///< more 1xx answers than any server has reason to send
  connect_timeout,      ///< resolving, connecting and TLS together exceeded pool_options::connect_limit
  host_not_found,       ///< the name has no address, or the look-up failed
  certificate_refused,  ///< the server's certificate is expired, for another host, from an unknown CA, ...
  tls_failed,           ///< the handshake failed for another reason, for example no common version
  proxy_refused,        ///< the proxy will not open the tunnel (407, 403, ...), or is no proxy
  proxy_failed,         ///< the proxy could not open the tunnel (502, 504, ...), or broke off
  closed,               ///< the pool was closed
};

MISTRAL_WORKFLOWS_INTERNAL_EXPORT const boost::system::error_category& net_category() noexcept;
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::system::error_code make_error_code(error value) noexcept;

/// `what()` and `reason()` are the reason alone, for example "certificate of api.example is expired".
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT failure : public boost::system::system_error {
 public:
  failure(boost::system::error_code code, std::string reason);
  ~failure() override;
  failure(const failure&);
  failure& operator=(const failure&);

  const std::string& reason() const noexcept { return reason_; }
  const char* what() const noexcept override { return reason_.c_str(); }

 private:
  std::string reason_;
};

}  // namespace mistral::workflows::net

template <>
struct boost::system::is_error_code_enum<mistral::workflows::net::error> : std::true_type {};
