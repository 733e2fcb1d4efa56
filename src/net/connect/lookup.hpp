// getaddrinfo on one thread per io_context, beside it: a look-up that hangs holds neither callers nor run().
// No cache and no sharing: name_cache.hpp. (Asio's resolver has such a thread too, but keeps run() waiting for it.)
#pragma once

#include "net/common/pool_options.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/execution_context.hpp>

#include <string>

namespace mistral::workflows::net {

/// Calls `done` once, on the look-up thread, or never if the context goes away first. Its destructor waits for a
/// getaddrinfo that has begun. "localhost" and names that end in ".localhost" are loopback without asking anybody (RFC 6761,
/// 6.3), before this returns.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void look_up(boost::asio::execution_context& context, std::string host,
                                               resolve_done done);

}  // namespace mistral::workflows::net
