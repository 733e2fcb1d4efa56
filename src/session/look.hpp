// What a GET of an execution says to a call that is in doubt about it.
// Not a verdict: ending.cpp and start.cpp draw their own.
#pragma once

#include "session/call.hpp"

#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::session {

struct found {
  found() = default;

  bool absent = false;             ///< 404
  std::optional<execution> state;  ///< 200; neither: it could not be found out
  std::optional<timestamp> date;   ///< the server's clock when it answered
  std::string body;
};

/// Sends GETs (repeated as reads are) within the call's deadline, and leaves the call's own account of its attempts alone.
boost::asio::awaitable<found> look_at_execution(attempts& calls, std::string execution_id);

}  // namespace mistral::workflows::session
