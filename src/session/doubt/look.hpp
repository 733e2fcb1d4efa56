// What a GET of an execution or a schedule says to a call that is in doubt about it.
// Not a verdict: ending.cpp, start.cpp and schedule_creation.cpp draw their own.
#pragma once

#include "protocol/json/decode.hpp"
#include "session/call/call.hpp"

#include <mistral/workflows/model/timestamp.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

struct found {
  found() = default;

  bool absent = false;                       ///< 404
  bool present = false;                      ///< 200; neither: it could not be found out
  std::optional<timestamp> date;             ///< the server's clock when it answered
  std::chrono::microseconds asked_after{0};  ///< from the call's first attempt until the GET was sent: before `date`
  std::string body;

  /// What is there; none where it cannot be read.
  template <class T>
  std::optional<T> as() const {
    std::optional<T> out;
    if (present && protocol::decode(std::string_view(body), out.emplace())) out.reset();
    return out;
  }
};

/// Sends GETs (repeated as reads are) within the call's deadline, and leaves the call's own account of its attempts alone.
task<found> look(attempts& calls, protocol::request get);

task<found> look_at_execution(attempts& calls, std::string execution_id);
task<found> look_at_schedule(attempts& calls, std::string schedule_id);

}  // namespace mistral::workflows::session
