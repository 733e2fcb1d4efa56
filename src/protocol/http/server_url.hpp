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

/// Throws invalid_argument naming `field`: for what is no URL, another scheme than http and https, no host, user info, a
/// query, a fragment, and "http" to a host that is not loopback unless `allow_insecure_http`.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT server_url parse_server_url(std::string_view text, bool allow_insecure_http,
                                                              std::string_view field);

/// 1 to 65535 in decimal digits; nullopt for all else.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::uint16_t> parse_port(std::string_view digits);

/// ASCII alone, whatever the locale: for the names of hosts.
std::string in_lower_case(std::string_view text);

/// localhost, *.localhost, 127.0.0.0/8 and ::1.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_loopback(std::string_view host);

}  // namespace mistral::workflows::protocol
