#include "session/client/proxy_choice.hpp"

#include "protocol/http/proxy.hpp"

#include <mistral/workflows/error.hpp>

#include <cstdlib>
#include <initializer_list>
#include <string>
#include <utility>

namespace mistral::workflows::session {
namespace {

/// The first of the variables that is set, with its name; as with curl, an empty one is not.
std::pair<std::string, std::string> first_set(std::initializer_list<const char*> names) {
  for (const char* const name : names) {
    const char* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return {name, value};
  }
  return {};
}

net::proxy_options through(const protocol::proxy_address& address, const std::string& named_by) {
  net::proxy_options out;
  out.named_by = named_by;
  out.host = address.host;
  out.port = address.port;
  out.authorization = address.authorization;
  return out;
}

}  // namespace

net::proxy_options choose_proxy(const proxy_options& options, const protocol::server_url& server) {
  if (!options.url.empty()) {
    const std::string field = "client_options.proxy.url";
    const protocol::proxy_address address = protocol::parse_proxy(options.url, field);
    if (!server.tls)
      throw invalid_argument(field,
                             "is for https:// servers: through a tunnel to an http:// one, the "
                             "proxy would see the API key");
    return through(address, std::string());
  }
  if (!options.from_environment || !server.tls) return {};
  const auto [name, value] = first_set({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
  if (value.empty() || protocol::bypasses_proxy(first_set({"no_proxy", "NO_PROXY"}).second, server.host))
    return {};
  return through(protocol::parse_proxy(value, name), name);
}

}  // namespace mistral::workflows::session
