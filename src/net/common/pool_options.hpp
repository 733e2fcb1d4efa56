// Everything a pool can be told: where to connect, how, how much, how long.
// Not validated against a user's names for these: the session does that before it builds one.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::net {

class channel;

/// The one server that a pool connects to.
struct origin {
  origin() = default;
  origin(bool use_tls, std::string host_name, std::uint16_t port_number)
      : tls(use_tls), host(std::move(host_name)), port(port_number) {}

  bool tls = true;
  std::string host;  ///< a name or an address literal; IPv6 without brackets
  std::uint16_t port = 443;
};

class option_error;

/// Files are PEM, read when the pool is made and again when a connection is to be made
/// after they changed; each text is PEM too and excludes its file. No CA: the system's.
struct tls_options {
  tls_options() = default;

  std::string ca_file;
  std::string ca_pem;
  std::string client_certificate_file;  ///< the certificate first, then its chain
  std::string client_certificate_pem;
  std::string client_key_file;
  std::string client_key_pem;
  std::string client_key_password;  ///< for a key that is encrypted; nobody is asked for one
  std::string key_log_file;         ///< where to append TLS secrets for a packet analyser; empty: nowhere
  /// Told once of files that have changed and cannot be used:
  /// what was read before stays. What it throws is dropped.
  std::function<void(const option_error&)> reload_failed;
};

/// The proxy to open tunnels through (CONNECT).
struct proxy_options {
  proxy_options() = default;

  std::string host;  ///< empty: no proxy
  std::uint16_t port = 3128;
  std::string authorization;  ///< value of Proxy-Authorization, for example "Basic ..."; empty: not sent
  std::string named_by;       ///< the environment variable that it comes from, for errors; empty: none
};

/// Starts a look-up. `done` is called once, from any thread, also synchronously;
/// or never, which holds nobody past their own limit. It may not throw.
using resolve_done = std::function<void(boost::system::error_code, std::vector<boost::asio::ip::address>)>;
using resolve_function = std::function<void(std::string host, resolve_done done)>;

/// Replaces resolving, connecting and TLS alike: what it returns is spoken HTTP over. For tests.
using connect_function = std::function<boost::asio::awaitable<std::unique_ptr<channel>>()>;

/// The time that idle and lifetime limits and the name cache go by.
using clock_function = std::function<std::chrono::steady_clock::time_point()>;

struct pool_options {
  pool_options() = default;
  explicit pool_options(origin where) : server(std::move(where)) {}

  origin server;
  tls_options tls;
  proxy_options proxy;

  int call_connections = 32;   ///< at most so many for calls, idle ones included; at least 1
  int stream_connections = 0;  ///< at most so many for streams; 0: no limit
  std::chrono::milliseconds connect_limit{
      10'000};  ///< resolving, connecting and TLS together; also how long a stream waits for a place
  std::chrono::milliseconds attempt_delay{250};  ///< a host with several addresses: the next is tried when
                                                 ///< one has not answered for so long (RFC 8305)
  std::chrono::milliseconds idle_limit{55'000};  ///< an idle connection older than this is not used again,
                                                 ///< and closed by the next use or by trim()
  std::chrono::milliseconds lifetime{
      30 * 60'000};  ///< a connection older than this is not used for another exchange

  std::size_t header_limit = 64 * 1024;         ///< bytes of an answer's head
  std::uint64_t body_limit = 64 * 1024 * 1024;  ///< bytes of an answer to a call; streams have none

  resolve_function resolve;  ///< empty: getaddrinfo, on threads beside the io_context
  connect_function connect;  ///< empty: TCP, proxy and TLS as described above
  clock_function now;        ///< empty: steady_clock
};

/// Options that cannot work, found when the pool is made: `field()` is for example "tls.ca_file".
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT option_error : public std::invalid_argument {
 public:
  option_error(std::string field, const std::string& reason);
  ~option_error() override;
  option_error(const option_error&);
  option_error& operator=(const option_error&);

  const std::string& field() const noexcept { return field_; }
  const std::string& reason() const noexcept { return reason_; }

 private:
  std::string field_;
  std::string reason_;
};

}  // namespace mistral::workflows::net
