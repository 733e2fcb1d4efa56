// The server URL of a client, taken apart and checked.
// Not the paths of operations (request.hpp).
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

struct server_url {
  server_url() = default;

  bool tls = true;
  std::string host;  ///< without the brackets of an IPv6 address
  std::uint16_t port = 443;
  std::string path_prefix;  ///< "" or "/prefix", percent-encoded as given, no slash at its end
  std::string host_header;  ///< with brackets, and the port where it is not the scheme's own
};

/// Throws invalid_argument naming `field`: for what is no URL, another scheme than http and https, no host,
/// one with a '%', user info, a query, a fragment, and "http" to a host that is not loopback unless
/// `allow_insecure_http`.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT server_url parse_server_url(std::string_view text, bool allow_insecure_http,
                                                              std::string_view field);

/// What stands between a URL's "://" and its query. Not as Boost.URL has it: that of 1.81 takes a
/// name that begins like an IPv4 address ("10.0.0.1.nip.io:8443") for the address, and the rest of
/// it for the beginning of the path; and in the same way whatever stands behind a port's digits.
struct url_parts {
  url_parts() = default;

  bool has_user = false;
  std::string_view host;  ///< with the brackets of an IPv6 address
  std::string_view port;  ///< all that stands behind the host, without the colon
  std::string_view path;
};

/// Requires: `url` has "://".
url_parts parts_of(std::string_view url);

/// 1 to 65535 in decimal digits; nullopt for all else.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::uint16_t> parse_port(std::string_view digits);

/// ASCII alone, whatever the locale: for the names of hosts.
std::string in_lower_case(std::string_view text);

/// localhost, *.localhost, 127.0.0.0/8 and ::1.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_loopback(std::string_view host);

}  // namespace mistral::workflows::protocol
