// Starting an execution, and starting it with the server waiting for its end.
// Not how a lost answer is dealt with (session/start.hpp).
#pragma once

#include "session/client_state.hpp"

#include <mistral/workflows/workflows.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>

namespace mistral::workflows::api {

boost::asio::awaitable<started_execution> execute(session::client_handle handle, std::string workflow,
                                                  execute_request request);

boost::asio::awaitable<execute_outcome> execute_and_wait(session::client_handle handle, std::string workflow,
                                                         execute_request request, std::chrono::milliseconds timeout);

}  // namespace mistral::workflows::api
