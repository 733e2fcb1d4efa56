// Whether a client goes through a proxy, and which: its options, else the environment.
// Not how such a text is read: protocol/http/proxy.hpp.
#pragma once

#include "net/common/pool_options.hpp"
#include "protocol/http/server_url.hpp"

#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/export.hpp>

namespace mistral::workflows::session {

/// Without a host: no proxy. Throws invalid_argument naming the option or the environment
/// variable: for what is no proxy, and for one that the option names where the server is http://.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT net::proxy_options choose_proxy(const proxy_options& options,
                                                                  const protocol::server_url& server);

}  // namespace mistral::workflows::session
