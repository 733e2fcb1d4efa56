// The end of a client in bounded time: what is under way may end, and is ended.
// Not the pool's own closing (net/pool/pool.hpp), which ends connections and knows no calls.
#pragma once

#include "session/client/client_state.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>

namespace mistral::workflows::session {

/// As client::close(grace).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::asio::awaitable<void> close(client_state_ptr state,
                                                                     std::chrono::milliseconds grace);

}  // namespace mistral::workflows::session
