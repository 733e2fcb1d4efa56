// What an option or an environment variable says about a proxy, read as curl reads it.
// Not which variable counts (session/client/proxy_choice.hpp),
// and not the tunnel (net/pool/connect_tunnel.cpp).
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

struct proxy_address {
  proxy_address() = default;

  std::string host;  ///< without the brackets of an IPv6 address
  std::uint16_t port = 1080;
  std::string authorization;  ///< "Basic ..." where the text holds a user name; else empty
};

/// Reads "[http://][user[:password]@]host[:port][/]"; the port is 1080 where
/// none is given, user and password are percent-decoded. Throws invalid_argument
/// naming `field`, without any part of `text`: passwords stand there.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT proxy_address parse_proxy(std::string_view text, std::string_view field);

/// Whether `no_proxy` exempts `host`. It is "*", or a list separated by commas or white space: a name
/// stands for itself and everything below it, with or without a dot before it; an address, or a network
/// ("10.0.0.0/8", "fd00::/8"), stands for hosts that are given as addresses. Case does not matter.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool bypasses_proxy(std::string_view no_proxy, std::string_view host);

}  // namespace mistral::workflows::protocol
