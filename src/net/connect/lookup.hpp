// getaddrinfo on threads beside the io_context: a look-up that
// hangs holds neither callers nor run(), nor other names.
// No cache: name_cache.hpp. (Asio's resolver has one thread
// too, but for all names, and keeps run() waiting for it.)
#pragma once

#include "net/common/pool_options.hpp"
#include "net/connect/lookup_threads.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/execution_context.hpp>

#include <string>

namespace mistral::workflows::net {

/// Calls `done` once, on a look-up thread, or never if the context goes away first; its destructor
/// waits for a getaddrinfo that has begun until that is a second old. "localhost" and names that
/// end in ".localhost" are loopback without asking anybody (RFC 6761, 6.3), before this returns.
/// Errors: std::system_error - a thread cannot be started; then `done` is not called
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void look_up(boost::asio::execution_context& context, std::string host,
                                               resolve_done done);

/// For tests, before the first look_up() on that context.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void look_up_by(boost::asio::execution_context& context,
                                                  lookup_means means);

}  // namespace mistral::workflows::net
